// Package faultmatrix tests that nothing is lost or done twice: every call in the life of an environment and of a
// domain binding meets every fault, and so does every call of data sources; the provider is killed at every call, and
// Terraform during long operations; and many environments move at once. It has only tests.
package faultmatrix

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
)

const (
	name        = "shop-prod"
	layer       = "cp"
	economy     = "north-economy"
	performance = "north-performance"
	south       = "south-standard"
	secret      = "a-secret-of-the-shop"
)

// step is one configuration in the life of a resource; nil destroys it.
type step struct {
	name   string
	config map[string]any
}

// life is the life of an environment from its creation to its end. Each step starts from the result of the one
// before. It has only one node group, because attributes take most of a case's time.
func life() []step {
	config := map[string]any{
		"name": name, "region": economy, "display_name": "Shop", "groups": []any{"shop/prod"},
		"migration_policy": map[string]any{"allow_downtime": true, "allow_ip_change": true},
		"node_groups": map[string]any{layer: map[string]any{
			"node_type": "nginxphp", "count": 1, "public_ipv4_count": 1, "env": map[string]any{"STAGE": "prod", "DEBUG": "1"},
			"secret_env_wo": map[string]any{"PASSWORD": secret}, "secret_env_wo_version": 1,
		}},
	}
	var steps []step
	then := func(name string, change func(config, cp map[string]any)) {
		cp := maps.Clone(config["node_groups"].(map[string]any)[layer].(map[string]any))
		config = maps.Clone(config)
		config["node_groups"] = map[string]any{layer: cp}
		change(config, cp)
		steps = append(steps, step{name, config})
	}
	then("create", func(_, _ map[string]any) {})
	then("read", func(_, _ map[string]any) {})
	then("topology", func(_, cp map[string]any) { cp["count"] = 2 })
	then("layer and names", func(config, cp map[string]any) {
		cp["env"], cp["secret_env_wo_version"] = map[string]any{"STAGE": "test"}, 2
		cp["secret_env_wo"] = map[string]any{"PIN": secret}
		cp["public_ipv4_count"], cp["display_name"] = 2, "Balancer"
		config["display_name"], config["groups"] = "The shop", []any{"shop"}
	})
	then("stop", func(config, _ map[string]any) { config["power"] = "stopped" })
	then("start", func(config, _ map[string]any) { config["power"] = "running" })
	then("live", func(config, _ map[string]any) { config["region"] = performance })
	then("offline", func(config, _ map[string]any) { config["region"] = south })
	then("all at once", func(config, cp map[string]any) {
		config["region"], config["display_name"], cp["count"] = economy, "Shop again", 1
		cp["env"] = map[string]any{"STAGE": "prod"}
	})
	return append(steps, step{"delete", nil})
}

// moves reports whether a step migrates the environment.
func (s step) moves(before snapshot) bool {
	return s.config != nil && before.state != nil && s.config["region"] != before.state["region"]
}

// snapshot is everything that exists between two steps: the platform's folder, and what Terraform keeps.
type snapshot struct {
	at              time.Time
	store           []byte
	state, identity map[string]any
	private         []byte
}

const storeFile = "platform.db"

func take(t *testing.T, p *acctest.Platform, i *acctest.Instance) snapshot {
	t.Helper()
	store, err := os.ReadFile(filepath.Join(p.Directory, storeFile))
	if err != nil {
		t.Fatal(err)
	}
	return snapshot{at: time.Now(), store: store, state: i.State, identity: i.Identity, private: i.Private}
}

// platform returns the platform of a snapshot, for one test only.
func (s snapshot) platform(t *testing.T) *acctest.Platform {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "platform")
	if err := os.Mkdir(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	if s.store != nil {
		if err := os.WriteFile(filepath.Join(directory, storeFile), s.store, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return acctest.NewPlatformWith(t, localplatform.Options{Directory: directory, TimeScale: acctest.TimeScale})
}

// restored returns the platform and the resource of a snapshot, for one test only.
func (s snapshot) restored(t *testing.T, typeName string) (*acctest.Platform, *acctest.Instance) {
	t.Helper()
	p := s.platform(t)
	i := acctest.NewInstance(t, typeName, p.Provider())
	i.State, i.Private, i.Identity = s.state, s.private, s.identity
	return p, i
}

// lived is a step with the snapshot before it and the calls that it makes when nothing fails.
type lived struct {
	step
	before snapshot
	calls  []localplatform.Request
}

// goThrough runs all steps once without faults. expected checks the result of each step.
func goThrough(t *testing.T, typeName string, before snapshot, steps []step,
	expected func(*testing.T, *acctest.Platform, *acctest.Instance, map[string]any)) []lived {
	t.Helper()
	var all []lived
	acctest.InNoTime(t, before.at, func(t *testing.T) {
		for _, s := range steps {
			p, i := before.restored(t, typeName)
			if _, d := run(i, s.config); acctest.HasErrors(d) {
				t.Fatalf("%s without any fault: %s", s.name, acctest.Text(d))
			}
			calls := callsOf(t, p)
			expected(t, p, i, s.config)
			all = append(all, lived{s, before, calls})
			before = take(t, p, i)
		}
	})
	return all
}
