//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package localplatform

import "io/fs"

// File modes show neither owners nor permissions on these systems. The folders of users are private by default.

func isForeign(fs.FileInfo) bool { return false }

func writableByOthers(fs.FileInfo, bool) bool { return false }
