package main

import (
	"os"
	"time"
)

// parentGone is closed when the process that started this one has ended. Windows allows any process to wait for
// another; if that fails, the channel stays open.
func parentGone(time.Duration) <-chan struct{} {
	gone := make(chan struct{})
	parent, err := os.FindProcess(os.Getppid())
	if err != nil {
		return gone
	}
	go func() {
		if _, err := parent.Wait(); err == nil {
			close(gone)
		}
	}()
	return gone
}
