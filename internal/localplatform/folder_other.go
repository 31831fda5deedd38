//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package localplatform

import "io/fs"

// File modes show neither owners nor permissions on these systems. The folders of users are private by default.

func isOthers(fs.FileInfo) bool { return false }

func othersWrite(fs.FileInfo, bool) bool { return false }
