package localplatform

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// Half of the migrations go to another data centre, and every third call is cut off in the middle.
func TestFiftyMigrationsAtOnce(t *testing.T) {
	t.Parallel()
	const n = 50
	p, c := open(t, Options{TimeScale: 500}) // about 100 ms each
	target := func(i int) string { return []string{"north-standard", "south-standard"}[i%2] }
	for i := range n {
		name := fmt.Sprintf("shop-%d", i)
		p.seed(t, name)
		if i%3 == 0 {
			inject(t, p, faults.Fault{Kind: faults.Cut, Method: "migrate", Environment: name, When: faults.WhenStarted})
		}
	}
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			answer, err := c.post("environment.control.migrate", "envName", fmt.Sprintf("shop-%d", i), "hardwareNodeGroup",
				target(i), "isOnline", "false")
			if (err != nil) != (i%3 == 0) || (err == nil && effective(answer) != 0) {
				t.Errorf("migrate shop-%d: %v %v", i, answer, err)
			}
		})
	}
	wait.Wait()
	eventually(t, func() bool { return len(actions(c.ok("environment.tracking.getcurrentactions"))) == 0 })
	taken := map[string]bool{}
	for _, info := range c.ok("environment.control.getenvs")["infos"].([]any) {
		var i int
		if _, err := fmt.Sscanf(env(info.(object))["envName"].(string), "shop-%d", &i); err != nil {
			t.Fatal(err)
		}
		if e := env(info.(object)); e["status"] != 1.0 || e["hardwareNodeGroup"] != target(i) {
			t.Errorf("after: %v", e)
		}
		for _, node := range nodes(info.(object), "") {
			if ip := node["intIP"].(string); taken[ip] {
				t.Errorf("%s was assigned twice", ip)
			} else {
				taken[ip] = true
			}
		}
	}
	if mails := len(outbox(t, p)); mails != n {
		t.Errorf("%d mails", mails)
	}
	if goroutines := runtime.NumGoroutine(); goroutines > 20*n {
		t.Errorf("%d goroutines", goroutines)
	}
}
