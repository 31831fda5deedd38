//go:build unix

package main

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// maxMemoryOf is the peak memory of a process in bytes.
func maxMemoryOf(state *os.ProcessState) (int64, error) {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("the system does not tell how much memory a process took")
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss), nil //nolint:unconvert // its type depends on the system
	}
	return int64(usage.Maxrss) << 10, nil //nolint:unconvert // its type depends on the system
}
