package main

import (
	"os"
	"time"
)

const (
	// lookForParent is how often it is looked whether Terraform still lives.
	lookForParent = time.Second
	// unwind is how long what is under way may take to end once Terraform is gone. Its contexts are cancelled as soon as
	// the connection breaks, and no answer reaches anybody any more.
	unwind = 5 * time.Second
)

// endWithParent ends the process soon after the one that started it. Terraform ends its providers, unless it is killed:
// they would then wait for it for ever. What the platform has been asked for goes on, and the next run finds it.
func endWithParent() {
	gone := parentGone(lookForParent)
	go func() {
		<-gone
		time.AfterFunc(unwind, func() { os.Exit(1) })
	}()
}
