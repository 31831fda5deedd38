//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package localplatform

import (
	"io/fs"
	"os"
)

// File modes do not show owners and permissions here. By default, the folders of a user belong to that user.

func isOthers(fs.FileInfo) bool { return false }

func othersWrite(fs.FileInfo, bool) bool { return false }

// letGo closes the file, and releases its lock as far as closing does.
func letGo(file *os.File) { _ = file.Close() }
