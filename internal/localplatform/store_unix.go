//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package localplatform

import (
	"errors"
	"os"
	"syscall"

	bolterrors "go.etcd.io/bbolt/errors"
)

// closeLocked closes the file and releases its lock. Closing alone is not enough: a memory mapping keeps the file open.
func closeLocked(file *os.File) {
	unlock(file)
	_ = file.Close()
}

// lockShared takes the lock that bbolt takes for reading, or returns bbolt's ErrTimeout if another process writes.
func lockShared(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return bolterrors.ErrTimeout
	}
	return err
}

// unlock gives up the lock that bbolt took, and says whether that is possible without closing the file.
func unlock(file *os.File) bool { return syscall.Flock(int(file.Fd()), syscall.LOCK_UN) == nil }
