//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package localplatform

import "io/fs"

// Owners and permissions are not to be seen in the modes of files here; folders of users are theirs by default.

func isOthers(fs.FileInfo) bool { return false }

func othersWrite(fs.FileInfo, bool) bool { return false }
