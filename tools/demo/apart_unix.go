//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// apart puts the command into its own process group, which the terminal's Ctrl-C does not reach.
func apart(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
