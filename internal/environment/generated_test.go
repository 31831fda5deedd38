package environment_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// The stages at which a configuration may be refused, and what else may become of it.
const (
	refusedAtValidate = "refused at validate"
	refusedAtPlan     = "refused at plan"
	refusedAtApply    = "refused at apply, before the first write"
	replacement       = "another environment"
	carriedOut        = "carried out"
	notHealthy        = "moved, and the health check failed"
)

// outcomes counts cases by where they ended.
type outcomes struct {
	mu    sync.Mutex
	count map[string]int
}

func (o *outcomes) add(stage string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count == nil {
		o.count = map[string]int{}
	}
	o.count[stage]++
}

// expectSentences expects diagnostics that are written for users: without the framework's texts about mistakes in a
// provider, and without unprintable values.
func expectSentences(t *testing.T, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	text := acctest.Text(diagnostics)
	for _, phrase := range []string{"Value Conversion", "always an error in the provider", "report the following", "%!",
		"big.Float", "tftypes.", "basetypes.", "Type Validation Error"} {
		if strings.Contains(text, phrase) {
			t.Errorf("a diagnostic contains %q:\n%s", phrase, text)
		}
	}
}

// planLikeCore validates a configuration and plans it, as Terraform's core does each time that it plans.
func planLikeCore(t *testing.T, s *acctest.Server, i *acctest.Instance, config map[string]any) (planned acctest.Plan,
	stage string) {
	t.Helper()
	d := s.ValidateResource("vap_environment", config)
	expectSentences(t, d)
	expectSameValidity(t, s, config, true)
	if acctest.HasErrors(d) {
		if strings.Contains(t.Name(), "_unknown") {
			t.Errorf("refused although unknown:\n%s", acctest.Text(d))
		}
		return planned, refusedAtValidate
	}
	planned, d = i.PlanOn(s, config)
	expectSentences(t, d)
	if acctest.HasErrors(d) {
		return planned, refusedAtPlan
	}
	if len(planned.Replace) > 0 {
		return planned, replacement
	}
	return planned, carriedOut
}

// validatePlanApply validates, plans and applies a configuration until it is refused. The apply replaces values that
// were unknown in the plan with those in settled. Every refusal must come before the first write, and no migration may
// be followed by a failure.
func validatePlanApply(t *testing.T, p *acctest.Platform, i *acctest.Instance, config, settled map[string]any) string {
	t.Helper()
	planned, stage := planLikeCore(t, startServer(t, p), i, config)
	if stage != carriedOut {
		return stage
	}
	s, since := startServer(t, p), len(p.Requests(t, ""))
	d := s.ValidateResource("vap_environment", settled)
	expectSameValidity(t, s, settled, true)
	expectSentences(t, d)
	planned.Config = settled
	if !acctest.HasErrors(d) {
		if again, _ := i.PlanOn(s, settled); len(again.Replace) > 0 {
			return replacement // Terraform's core then plans it as another resource
		}
		d = i.ApplyOn(t.Context(), s, planned)
		expectSentences(t, d)
	}
	calls := writes(t, p, since)
	switch d = errorsOf(d); {
	case len(d) == 0:
		return carriedOut
	case len(calls) == 0:
		return refusedAtApply
	case slices.ContainsFunc(d, func(d *tfprotov6.Diagnostic) bool { return acctest.At(d) == "migration_policy.verify" }):
		return notHealthy
	}
	t.Errorf("failed after the calls %v:\n%s", calls, acctest.Text(d))
	return "failed"
}

// configBeforeMove is the environment that configWithMove changes.
func configBeforeMove() map[string]any {
	return shop(withNodeGroups(map[string]any{
		"cp":      map[string]any{"node_type": "nginxphp", "count": 2, "env": map[string]any{"GREETING": "hello"}},
		"storage": map[string]any{"node_type": "storage"},
	}))
}

// configWithMove moves the environment of configBeforeMove to another data centre, changes a node group, adds another
// in the same apply, and sets every argument.
func configWithMove() map[string]any {
	config := everything(top("region", south))
	config["node_groups"] = map[string]any{
		"cp": map[string]any{
			"node_type": "nginxphp", "tag": "1.26.3-php-8.3.24", "count": 3, "reserved_cloudlets": 2, "dynamic_cloudlets": 12,
			"disk_gb": 20, "public_ipv4_count": 1, "public_ipv6_count": 1,
			"display_name": "Web", "env": map[string]any{"GREETING": "hello", "MODE": "new"}, "links": []any{"storage:files"},
		},
		"storage": map[string]any{"node_type": "storage"},
		"worker": map[string]any{
			"node_type": "docker", "image": "library/busybox", "tag": "1.36", "scaling_mode": "stateless",
			"volumes": map[string]any{
				"/work": map[string]any{},
				"/shared": map[string]any{"source_node_group": "storage", "source_path": "/data", "protocol": "nfs",
					"read_only": true},
			},
			"registry": map[string]any{"url": "registry.example.com", "username": "deploy",
				"password_wo": "registry-secret", "password_wo_version": 1},
			"secret_env_wo": map[string]any{"TOKEN": "very-secret"}, "secret_env_wo_version": 1,
		},
	}
	config["migration_policy"].(map[string]any)["database_layers"] = []any{"cp"}
	return config
}

// everyCase is set by "make matrix". Otherwise the test tries one of twelve cases.
var everyCase = flag.Bool("all", false, "try every generated configuration instead of a sample")

// No wrong configuration passes the plan and then fails after the migration. The test makes each value of a
// configuration null, unknown, empty, misspelt or a wrong number, one at a time. Values that are unknown in the plan
// become any of these in the apply.
func TestNothingWrongGetsPastThePlanIntoAMove(t *testing.T) {
	t.Parallel()
	schema := acctest.NewServer(t).Schema.ResourceSchemas["vap_environment"]
	base := configWithMove()
	variants := acctest.Variants(schema, base)
	byPath := map[string][]acctest.Variant{}
	for _, v := range variants {
		byPath[v.Path] = append(byPath[v.Path], v)
	}
	var all outcomes
	t.Run("cases", func(t *testing.T) {
		var wait sync.WaitGroup
		defer wait.Wait()
		// A case mostly waits for the platform, so more cases run at a time than there are processors.
		turns := make(chan struct{}, 8)
		count, stride := 0, 12
		if *everyCase {
			stride = 1
		}
		run := func(name string, config, settled map[string]any) {
			if count++; count%stride != 0 {
				return
			}
			turns <- struct{}{}
			wait.Go(func() {
				defer func() { <-turns }()
				t.Run(name, func(t *testing.T) {
					p, i := newCreated(t, configBeforeMove())
					all.add(validatePlanApply(t, p, i, config, settled))
				})
			})
		}
		p, i := newCreated(t, configBeforeMove())
		if stage := validatePlanApply(t, p, i, base, base); stage != carriedOut || len(listMigrations(t, p)) != 1 {
			t.Fatalf("the valid configuration was %s, %v", stage, listMigrations(t, p))
		}
		for _, v := range variants {
			if !strings.HasPrefix(v.Kind, "unknown") {
				run(v.String(), v.Config, v.Config)
				continue
			}
			if v.Known != nil {
				run(v.String()+", then known", v.Config, v.Known)
			}
			if v.Kind != "unknown" {
				continue
			}
			for _, then := range byPath[v.Path] {
				if slices.Contains([]string{"null", "null element", "misspelt", "1.5"}, then.Kind) {
					run(fmt.Sprintf("%s, then %s", v, then.Kind), v.Config, then.Config)
				}
			}
		}
	})
	total := 0
	for _, stage := range slices.Sorted(maps.Keys(all.count)) {
		t.Logf("%4d %s", all.count[stage], stage)
		total += all.count[stage]
	}
	t.Logf("%4d configurations, of which none failed after a migration", total)
	for _, stage := range []string{refusedAtValidate, refusedAtPlan, refusedAtApply, carriedOut} {
		if all.count[stage] == 0 {
			t.Errorf("no configuration reached the stage %q", stage)
		}
	}
}
