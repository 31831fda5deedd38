package faultmatrix

import (
	"flag"
	"os"
	"runtime/debug"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Much of what is tried here is waiting for answers that do not come.
	if err := flag.Set("test.parallel", "32"); err != nil {
		panic(err)
	}
	debug.SetGCPercent(400) // memory is cheaper than time here
	os.Exit(m.Run())
}
