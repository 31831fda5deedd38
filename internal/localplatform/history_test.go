package localplatform

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// A deleted environment lags when it is read by its appid, too.
func TestLagByAppID(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	inject(t, p, forever(delayed(faults.Lag, "getenvinfo", time.Hour)))
	c.ok("environment.control.deleteenv", "envName", "shop-1")
	if answer := c.ok("environment.control.getenvinfo", "envName", "appshop-1"); status(answer) != 1 {
		t.Errorf("answer %v", answer)
	}
	if err := ClearFaults(p); err != nil {
		t.Fatal(err)
	}
	c.code(11, "environment.control.getenvinfo", "envName", "appshop-1")
}

// A lag also ends by itself with a fake clock that jumps ahead.
func TestLagWithFakeClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { <-time.After(time.Minute) }) // connections that are idle close themselves
		p, c := open(t, Options{})
		p.seed(t, "shop-1")
		inject(t, p, forever(delayed(faults.Lag, "getenvinfo", 300*time.Millisecond)))
		<-time.After(time.Second)
		c.ok("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "north-standard", "isOnline", "false")
		w := &observer{client: c}
		for _, want := range []string{oldRest, "1 north-standard"} {
			if got := w.info(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			<-time.After(400 * time.Millisecond)
		}
	})
}

// The history for lagging reads does not grow forever, and is not kept if no read lags.
func TestHistoryIsPruned(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now})
	p.seed(t, "shop-1")
	count := func() (n int) {
		t.Helper()
		err := p.view(func(x *tx) error {
			if b := x.bolt.Bucket([]byte("history")); b != nil {
				n = b.Stats().KeyN
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	rename := func() { c.ok("environment.control.setenvdisplayname", "envName", "shop-1", "displayName", "x") }
	rename()
	inject(t, p, delayed(faults.Prolong, "stopenv", time.Second))
	rename()
	if n := count(); n != 0 {
		t.Errorf("%d versions are kept although no read lags", n)
	}
	inject(t, p, forever(delayed(faults.Lag, "getenvs", 10*time.Second)))
	for range 10 {
		rename()
		clock.advance(5 * time.Second)
	}
	if n := count(); n != 5 {
		t.Errorf("%d versions are kept, want those of the last 20 s", n)
	}
}
