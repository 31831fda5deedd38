//go:build !unix

package main

import (
	"errors"
	"os"
)

// maxMemoryOf is the most memory, in bytes, that a process had at a time.
func maxMemoryOf(*os.ProcessState) (int64, error) {
	return 0, errors.New("the system does not tell how much memory a process took")
}
