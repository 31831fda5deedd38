package faultmatrix

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// run does what "terraform apply" does with one resource: refresh, plan, apply. It stops at the first error. It
// reports whether the plan had changes.
func run(i *acctest.Instance, config map[string]any) (changed bool, all []*tfprotov6.Diagnostic) {
	if i.State != nil {
		all = i.Refresh()
	}
	if acctest.HasErrors(all) || config == nil && i.State == nil {
		return false, all
	}
	plan, d := i.Plan(config)
	all = append(all, d...)
	if acctest.HasErrors(d) || !i.Changes(plan) {
		return false, all
	}
	return true, append(all, i.Apply(plan)...)
}

func errorsOf(diagnostics []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	return slices.DeleteFunc(slices.Clone(diagnostics), func(d *tfprotov6.Diagnostic) bool {
		return d.Severity != tfprotov6.DiagnosticSeverityError
	})
}

// readEnvironment returns the environment as the platform shows it; nil if it does not exist.
func readEnvironment(t *testing.T, p *acctest.Platform) *platform.Environment {
	t.Helper()
	env, err := p.Client.Environment(t.Context(), name)
	if platform.IsMissing(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return &env
}

// waitAtRest waits until no operation is running on the environment and returns it; nil if it does not exist.
func waitAtRest(t *testing.T, p *acctest.Platform) *platform.Environment {
	t.Helper()
	var env *platform.Environment
	_ = migration.DefaultPollPolicy.Scaled(acctest.TimeScale).Poll(t.Context(), func() (bool, error) {
		env = readEnvironment(t, p)
		return env == nil || !env.Status.Transitional(), nil
	})
	return env
}

// expectConverged expects that state, configuration and platform agree, so that the next plan is empty.
func expectConverged(t *testing.T, p *acctest.Platform, i *acctest.Instance, config map[string]any) {
	t.Helper()
	changed, d := run(i, config)
	if acctest.HasErrors(d) {
		t.Fatalf("at the end: %s", acctest.Text(d))
	}
	if changed {
		t.Error("the plan at the end is not empty")
	}
	env := waitAtRest(t, p)
	if config == nil {
		if env != nil || i.State != nil {
			t.Errorf("the environment is not gone: %+v, state %v", env, i.State)
		}
		return
	}
	if env == nil || i.State == nil {
		t.Fatalf("the environment is lost: on the platform %+v, in the state %v", env, i.State)
	}
	all, err := p.Client.Environments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Errorf("%d environments", len(all))
	}
	wanted := config["node_groups"].(map[string]any)[layer].(map[string]any)
	if env.Region != config["region"] || env.DisplayName != config["display_name"] || len(env.Nodes) != wanted["count"] {
		t.Errorf("the environment is in %s, called %q and has %d nodes, want %s, %q and %v",
			env.Region, env.DisplayName, len(env.Nodes), config["region"], config["display_name"], wanted["count"])
	}
	expectVariables(t, p, wanted)
}

// expectVariables expects exactly the configured variables of the node group, besides those that the platform sets.
func expectVariables(t *testing.T, p *acctest.Platform, written map[string]any) {
	t.Helper()
	want := map[string]string{}
	for _, attribute := range []string{"env", "secret_env_wo"} {
		for name, value := range written[attribute].(map[string]any) {
			want[name] = value.(string)
		}
	}
	got, err := p.Client.Variables(t.Context(), name, layer)
	if platform.IsWrongState(err) {
		return // variables cannot be read unless the environment is running
	}
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(got, func(name, _ string) bool {
		return !slices.Contains([]string{"STAGE", "DEBUG", "PASSWORD", "PIN"}, name)
	})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the layer has the variables %v, want %v", got, want)
	}
}
