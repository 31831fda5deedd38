package main

import (
	"os"
	"time"
)

const (
	// lookForParent is how often the provider checks whether Terraform is still running.
	lookForParent = time.Second
	// unwind is how long running work may take to end after Terraform has ended. Its contexts are cancelled as soon as
	// the connection breaks, and nobody reads its results.
	unwind = 5 * time.Second
)

// endWithParent ends the process soon after the one that started it. Terraform ends its providers, unless it is killed:
// they would then wait for it forever. Operations on the platform go on, and the next run finds them.
func endWithParent() {
	gone := parentGone(lookForParent)
	go func() {
		<-gone
		time.AfterFunc(unwind, func() { os.Exit(1) })
	}()
}
