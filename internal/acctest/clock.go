package acctest

import (
	"testing"
	"testing/synctest"
	"time"
)

// InNoTime runs a test in a synctest bubble. Its clock jumps ahead whenever all goroutines wait: for missing
// responses, for Retry-After, for the platform. So durations do not depend on the machine. If from is not zero, the
// clock starts there, so that times in the test's data stay in the past. Everything that the test calls must run in
// the same process and start within the test.
func InNoTime(t *testing.T, from time.Time, test func(*testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		// Providers are not closed, but their idle connections close after some time.
		t.Cleanup(func() { <-time.After(time.Minute) })
		<-time.After(time.Until(from))
		test(t)
	})
}
