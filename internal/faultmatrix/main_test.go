package faultmatrix

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	debug.SetGCPercent(400) // memory is cheaper than time here
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

// figure keeps a result that is worth telling even if nobody wants to see each test: "make matrix" shows it.
func figure(t *testing.T, format string, values ...any) {
	t.Helper()
	t.Logf(format, values...)
	figures.mu.Lock()
	defer figures.mu.Unlock()
	figures.lines = append(figures.lines, fmt.Sprintf(format, values...))
}

// inNoTime runs a test by a clock of its own, which jumps ahead whenever everybody waits: for answers that do not come,
// for a server's Retry-After, for the platform. It begins at the given time, so that what lies in the past of the world
// that the test is about does so here.
func inNoTime(t *testing.T, from time.Time, test func(*testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		// Providers are not closed; their idle connections close themselves.
		t.Cleanup(func() { <-time.After(time.Minute) })
		<-time.After(time.Until(from))
		test(t)
	})
}
