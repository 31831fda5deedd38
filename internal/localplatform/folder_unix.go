//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package localplatform

import (
	"io/fs"
	"os"
	"syscall"
)

func isOthers(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) != os.Geteuid()
}

func othersWrite(info fs.FileInfo, strict bool) bool {
	if strict {
		return info.Mode().Perm()&0o022 != 0
	}
	return info.Mode().Perm()&0o002 != 0
}

// letGo closes the file and releases its lock. Closing alone is not enough: a memory mapping keeps the file open.
func letGo(file *os.File) {
	_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
	_ = file.Close()
}
