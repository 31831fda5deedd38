//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package localplatform

import (
	"io/fs"
	"os"
	"syscall"
)

func isForeign(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) != os.Geteuid()
}

func writableByOthers(info fs.FileInfo, strict bool) bool {
	if strict {
		return info.Mode().Perm()&0o022 != 0
	}
	return info.Mode().Perm()&0o002 != 0
}
