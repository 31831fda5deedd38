package faultmatrix

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

// everyCase is set by "make matrix". Otherwise the tests run a sample of all kinds.
var everyCase = flag.Bool("all", false, "try every case instead of a sample")

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	code := m.Run()
	for _, line := range figures.lines {
		fmt.Println(line)
	}
	os.Exit(code)
}

var figures struct {
	mu    sync.Mutex
	lines []string
}

// figure records a result that "make matrix" shows even without verbose output.
func figure(t *testing.T, format string, values ...any) {
	t.Helper()
	t.Logf(format, values...)
	figures.mu.Lock()
	defer figures.mu.Unlock()
	figures.lines = append(figures.lines, fmt.Sprintf(format, values...))
}
