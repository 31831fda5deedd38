package acctest

import (
	"testing"
	"testing/synctest"
	"time"
)

// InNoTime runs a test by a clock of its own, which jumps ahead whenever everybody waits: for answers that do not come,
// for a server's Retry-After, for the platform. How long something takes by it does not depend on the machine. It
// begins at the given time, so that what lies in the past of the world that the test is about does so here; the zero
// time is none in particular. All that the test talks to has to live in the same process and to begin within the test.
func InNoTime(t *testing.T, from time.Time, test func(*testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		// Providers are not closed; their idle connections close themselves.
		t.Cleanup(func() { <-time.After(time.Minute) })
		<-time.After(time.Until(from))
		test(t)
	})
}
