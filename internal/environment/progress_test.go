package environment_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// logBuffer collects what a provider logs.
type logBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (j *logBuffer) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buffer.Write(p)
}

// lines returns the lines at level DEBUG about migrations.
func (j *logBuffer) lines(t *testing.T) []map[string]any {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if strings.Contains(j.buffer.String(), localplatform.OwnerToken) {
		t.Error("the token is in the log")
	}
	all, err := tflogtest.MultilineJSONDecode(bytes.NewReader(j.buffer.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for _, line := range all {
		if line["@level"] == "debug" && line["phase"] != nil {
			lines = append(lines, line)
		}
	}
	return lines
}

// applyLogged applies a plan and returns the lines at level DEBUG about migrations.
func applyLogged(ctx context.Context, t *testing.T, i *acctest.Instance, planned acctest.Plan) []map[string]any {
	t.Helper()
	var j logBuffer
	i.ApplyContext(tflogtest.RootLogger(ctx, &j), planned)
	return j.lines(t)
}

// phases returns the phases of these lines.
func phases(lines []map[string]any) string {
	var names []string
	for _, line := range lines {
		names = append(names, fmt.Sprint(line["phase"]))
	}
	return strings.Join(names, " ")
}

// Each change of phase is one line, with everything that is needed to find the migration at the platform.
func TestProgress(t *testing.T) {
	t.Parallel()
	p, w := acctest.NewPlatform(t), &fakeProber{}
	i := create(t, p, shop())
	i.Adjust = w.adjust
	planned := plan(t, i, shop(region(performance), verifying(map[string]any{"path": "/"})))
	// The migration is long enough to be seen running several times.
	inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Second)})
	lines := applyLogged(t.Context(), t, i, planned)
	if got := phases(lines); got != "queued checked started migrating done verifying verified" {
		t.Fatalf("phases %s", got)
	}
	calls := p.Requests(t, "migrate")
	if len(calls) != 1 || !strings.HasPrefix(calls[0].Parameters["ruk"], "terraform-") {
		t.Fatalf("calls %v", calls)
	}
	elapsed := time.Duration(-1)
	for n, line := range lines {
		want := map[string]any{"environment": "shop-prod", "from": economy, "to": performance,
			"@message": fmt.Sprint("Migration of shop-prod: ", line["phase"])}
		if n >= 1 {
			want["mode"] = "live"
		}
		if n >= 2 {
			want["request_key"] = calls[0].Parameters["ruk"]
		}
		for name, value := range want {
			if line[name] != value {
				t.Errorf("%s of %v is %v, want %v", name, line["phase"], line[name], value)
			}
		}
		now, err := time.ParseDuration(fmt.Sprint(line["elapsed"]))
		if err != nil || now < elapsed {
			t.Errorf("elapsed %v after %v: %v", line["elapsed"], elapsed, err)
		}
		elapsed = now
	}
	if elapsed < time.Second {
		t.Errorf("a migration of 1 s took %v", elapsed)
	}
	if lines := applyLogged(t.Context(), t, i,
		plan(t, refresh(t, i), shop(region(performance), map[string]any{"display_name": "Shop"}))); len(lines) > 0 {
		t.Errorf("log lines without a migration: %v", lines)
	}
}

func TestProgressOfFailures(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		after  map[string]any
		fault  faults.Fault
		phases string
		reason string
	}{
		"refused by the platform": {shop(region(performance)), refusal("migrate", 4711, "no such luck"),
			"queued checked started failed", "shop-prod: the platform refused the migration north-economy → north-performance"},
		"permission now missing": {shop(region(performance), map[string]any{"power": "stopped"}),
			faults.Fault{Kind: faults.Refuse, Method: "checkmigrationpossibility", Code: 2373},
			"queued checked failed", "shop-prod was stopped; the platform refused the migration north-economy → " +
				"north-performance"},
		"outside the window": {shop(region(performance), windowed()), faults.Fault{}, "queued failed",
			"shop-prod: the move to north-performance is refused until 2026-11-28 22:00 CET"},
		"unhealthy": {shop(region(performance), verifying(map[string]any{"path": "/", "patience": "1s"})), faults.Fault{},
			"queued checked started done verifying unhealthy", "http://shop-prod.north.vap.test/ was asked "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, w := acctest.NewPlatform(t), &fakeProber{err: errors.New("503 Service Unavailable")}
			i := create(t, p, shop())
			i.Adjust = w.adjust
			if name == "outside the window" {
				i.Adjust = clock(t, outside)
			}
			planned := plan(t, i, row.after)
			if row.fault.Kind != "" {
				inject(t, p, row.fault)
			}
			lines := applyLogged(t.Context(), t, i, planned)
			// A short migration may end before it is seen running.
			if got := strings.Replace(phases(lines), " migrating", "", 1); got != row.phases {
				t.Fatalf("phases %s, want %s", got, row.phases)
			}
			if reason := fmt.Sprint(lines[len(lines)-1]["reason"]); !strings.HasPrefix(reason, row.reason) {
				t.Errorf("the reason is %s, want %s", reason, row.reason)
			}
		})
	}
}

// A run adopts another run's migration even outside the window, checks the environment at its end, and logs the key
// of that run.
func TestAdoption(t *testing.T) {
	t.Parallel()
	p, w := acctest.NewPlatform(t), &fakeProber{}
	at := func(now string) func(*migration.Settings) {
		return func(s *migration.Settings) {
			clock(t, now)(s)
			w.adjust(s)
		}
	}
	i := create(t, p, shop())
	after := shop(region(performance),
		map[string]any{"migration_policy": map[string]any{"window": weekend, "verify": map[string]any{"path": "/"}}})
	i.Adjust = at(inside)
	planned := plan(t, i, after)
	inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(8 * time.Second)})
	first := applyLogged(interruptAtCall(t, p, "migrate", 1), t, i, planned)
	if got := strings.Replace(phases(first), " migrating", "", 1); got != "queued checked started failed" ||
		len(w.addresses) > 0 {
		t.Fatalf("phases %s; probed: %v", got, w.addresses)
	}

	i.Adjust = at(outside)
	again, d := refresh(t, i).Plan(after)
	if len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	expectValues(t, again.State, map[string]any{"planned_migration.trigger": "in_progress"})
	second := applyLogged(t.Context(), t, i, again)
	if got := phases(second); got != "queued checked migrating done verifying verified" {
		t.Fatalf("phases %s", got)
	}
	key := p.Requests(t, "migrate")[0].Parameters["ruk"]
	if second[2]["request_key"] != key || second[3]["request_key"] != key || key == "" {
		t.Errorf("the key is %v, want %s", second[2]["request_key"], key)
	}
	expectMigrations(t, p, performance+" live")
	expectValues(t, i.State, map[string]any{"region": performance, "last_migration.trigger": "in_progress",
		"last_migration.verified": true})
	if len(w.addresses) != 1 {
		t.Errorf("probed: %v", w.addresses)
	}
}
