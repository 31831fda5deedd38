//go:build !windows

package main

import (
	"os"
	"time"
)

// parentGone is closed when the process that started this one has ended: an orphan gets another parent.
func parentGone(look time.Duration) <-chan struct{} {
	gone, parent := make(chan struct{}), os.Getppid()
	go func() {
		defer close(gone)
		for range time.Tick(look) {
			if os.Getppid() != parent {
				return
			}
		}
	}()
	return gone
}
