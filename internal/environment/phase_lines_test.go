package environment_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/phaselog"
)

// took matches durations, which differ from run to run.
var took = regexp.MustCompile(`\d+ s\b|\d+m\d+s`)

// phaseLines returns the lines for users, without the level.
func (j *logBuffer) phaseLines(t *testing.T) []string {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := strings.Split(strings.TrimSuffix(j.buffer.String(), "\n"), "\n")
	for i, line := range lines {
		text, marked := strings.CutPrefix(line, "[INFO] ")
		if !marked || len([]rune(text)) > 120 {
			t.Errorf("not a phase line: %q", line)
		}
		lines[i] = took.ReplaceAllString(text, "T")
	}
	return lines
}

// Users follow a migration by one short line for each phase.
func TestPhaseLines(t *testing.T) {
	t.Parallel()
	verifies := verifying(map[string]any{"path": "/", "patience": "1s"})
	for name, row := range map[string]struct {
		after map[string]any
		fault faults.Fault
		sick  error
		want  []string
	}{
		"live": {shop(region(performance)), faults.Fault{}, nil,
			[]string{"shop-prod: queued, 0 before it", "shop-prod: moving live to north-performance, T",
				"shop-prod: done in T"}},
		"offline": {shop(region(south), permitted), faults.Fault{}, nil,
			[]string{"shop-prod: queued, 0 before it", "shop-prod: moving offline to south-standard, T",
				"shop-prod: done in T"}},
		"verified": {shop(region(performance), verifies), faults.Fault{}, nil, []string{"shop-prod: queued, 0 before it",
			"shop-prod: moving live to north-performance, T", "shop-prod: verifying", "shop-prod: done in T"}},
		"not verified because stopped": {shop(region(performance), verifies, map[string]any{"power": "stopped"}),
			faults.Fault{}, nil,
			[]string{"shop-prod: queued, 0 before it", "shop-prod: moving offline to north-performance, T",
				"shop-prod: done in T"}},
		"unhealthy": {shop(region(performance), verifies), faults.Fault{}, errors.New("503 Service Unavailable"),
			[]string{"shop-prod: queued, 0 before it",
				"shop-prod: moving live to north-performance, T", "shop-prod: verifying",
				"shop-prod: failed after T, request key KEY"}},
		"refused": {shop(region(performance)), refusal("migrate", 4711, "no such luck"), nil,
			[]string{"shop-prod: queued, 0 before it",
				"shop-prod: moving live to north-performance, T", "shop-prod: failed after T, request key KEY"}},
		"not begun": {shop(region(performance)),
			faults.Fault{Kind: faults.Refuse, Method: "checkmigrationpossibility", Code: 2373, Times: -1}, nil,
			[]string{"shop-prod: queued, 0 before it", "shop-prod: failed after T"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, w := acctest.NewPlatform(t), &fakeProber{err: row.sick}
			i := create(t, p, shop())
			i.Adjust = w.adjust
			planned := plan(t, i, row.after)
			if row.fault.Kind != "" {
				inject(t, p, row.fault)
			}
			var j logBuffer
			i.ApplyContext(phaselog.WithOutput(t.Context(), &j), planned)
			lines := j.phaseLines(t)
			if calls := p.Requests(t, "migrate"); len(calls) > 0 {
				for n := range lines {
					lines[n] = strings.ReplaceAll(lines[n], calls[0].Parameters["ruk"], "KEY")
				}
			}
			if !slices.Equal(lines, row.want) {
				t.Errorf("lines\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(row.want, "\n"))
			}
		})
	}
}

// Environments that move at once each log how many are ahead of them.
func TestPhaseLinesOfAQueue(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p := acctest.NewPlatform(t)
		server := acctest.NewServer(t)
		if d := server.Configure(p.Provider()); acctest.HasErrors(d) { // the configuration lets two migrate at once
			t.Fatal(acctest.Text(d))
		}
		inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(30 * time.Second),
			Times: -1})
		var j logBuffer
		ctx := phaselog.WithOutput(t.Context(), &j)
		var all sync.WaitGroup
		for n := 1; n <= 4; n++ {
			name := map[string]any{"name": fmt.Sprint("shop-", n)}
			i := create(t, p, shop(name))
			planned := plan(t, i, shop(name, region(performance)))
			all.Go(func() {
				<-time.After(time.Duration(n) * time.Second)
				if d := i.ApplyOn(ctx, server, planned); len(d) > 0 {
					t.Error(acctest.Text(d))
				}
			})
		}
		all.Wait()
		var queued, others []string
		for _, line := range j.phaseLines(t) {
			if strings.Contains(line, "queued") {
				queued = append(queued, line)
			} else {
				others = append(others, line)
			}
		}
		want := []string{"shop-1: queued, 0 before it", "shop-2: queued, 0 before it", "shop-3: queued, 2 before it",
			"shop-4: queued, 3 before it"}
		if !slices.Equal(queued, want) {
			t.Errorf("queued: %q", queued)
		}
		slices.Sort(others)
		want = nil
		for n := 1; n <= 4; n++ {
			want = append(want, fmt.Sprintf("shop-%d: done in T", n),
				fmt.Sprintf("shop-%d: moving live to north-performance, T", n))
		}
		if !slices.Equal(others, want) {
			t.Errorf("others: %q", others)
		}
	})
}

// A repeated check of an earlier migration has these lines, too.
func TestPhaseLinesOfARepeatedCheck(t *testing.T) {
	t.Parallel()
	p, w := acctest.NewPlatform(t), &fakeProber{err: errors.New("503 Service Unavailable")}
	i := create(t, p, shop())
	i.Adjust = w.adjust
	after := shop(region(performance), verifying(map[string]any{"path": "/", "patience": "1s"}))
	i.Apply(plan(t, i, after))
	w.err = nil
	var j bytes.Buffer
	i.ApplyContext(phaselog.WithOutput(context.WithoutCancel(t.Context()), &j), plan(t, refresh(t, i), after))
	if got := took.ReplaceAllString(j.String(), "T"); got != "[INFO] shop-prod: verifying\n[INFO] shop-prod: done in T\n" {
		t.Errorf("lines %q", got)
	}
}
