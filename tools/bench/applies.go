package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// methods counts calls by method.
type methods struct {
	mu    sync.Mutex
	calls map[string]int
}

func (m *methods) count(r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.calls == nil {
		m.calls = map[string]int{}
	}
	m.calls[strings.ToLower(path.Base(r.URL.Path))]++
}

// take returns the counts, the most frequent first, and resets them.
func (m *methods) take() (total int, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	names := slices.SortedFunc(maps.Keys(m.calls), func(a, b string) int {
		if m.calls[a] != m.calls[b] {
			return m.calls[b] - m.calls[a]
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		total += m.calls[name]
		all = append(all, fmt.Sprintf("%d %s", m.calls[name], name))
	}
	m.calls = nil
	return total, strings.Join(all, ", ")
}

// manyApplies is from how many environments an apply uses settings for many instead of the defaults, so that it
// does not only wait for its limits.
const manyApplies = 1000

// forMany are settings of the provider, and arguments of the command line program, for applies of many environments.
var (
	forMany          = "  requests_per_second = 100\n  max_concurrent_migrations = 20\n"
	argumentsForMany = []string{"-parallelism=50"}
)

// measureApplies creates, moves and destroys environments, all of them in one apply each. It uses the provider's
// default settings or, for many environments, settings for many.
func measureApplies(ctx context.Context, s settings, stdout io.Writer) error {
	t := newTable("environments", "apply", "wall", "CPU", "provider's memory", "peak memory", "state", "calls",
		"calls by method")
	for _, n := range s.applies {
		if err := measureApply(ctx, s, n, t); err != nil {
			return fmt.Errorf("applies of %d environments: %w", n, err)
		}
	}
	return t.print(stdout)
}

func measureApply(ctx context.Context, s settings, n int, t *table) error {
	folder, err := os.MkdirTemp("", "vap-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	a, err := newAccount(ctx, folder, 0)
	if err != nil {
		return err
	}
	defer a.close()
	limits, more := "", []string(nil)
	if n >= manyApplies {
		limits, more = forMany, argumentsForMany
	}
	main := strings.Replace(environmentsConfiguration(n, a.address), "  requests_per_second = 1000\n", limits, 1)
	w, err := newWorkspace(s.program, filepath.Join(folder, "applies"), s.provider, map[string]string{"main.tf": main})
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name      string
		arguments []string
	}{
		{"create", []string{"apply"}},
		{"move live", []string{"apply", "-var=region=" + target}},
		{"destroy", []string{"destroy", "-var=region=" + target}},
	} {
		a.methods.take()
		memory, err := watchProvider(s.provider)
		if err != nil {
			return err
		}
		took, err := w.run(ctx, 0, slices.Concat(step.arguments,
			[]string{"-input=false", "-auto-approve", "-compact-warnings"}, more)...)
		provider := memory.end()
		if err != nil {
			return err
		}
		state, err := os.Stat(filepath.Join(w.folder, "terraform.tfstate"))
		if err != nil {
			return err
		}
		calls, byMethod := a.methods.take()
		t.add(fmt.Sprint(n), step.name, seconds(took.wall), seconds(took.cpu), mebibytes(provider), mebibytes(took.peak),
			fmt.Sprintf("%d kB", state.Size()/1000), fmt.Sprint(calls), byMethod)
	}
	return nil
}
