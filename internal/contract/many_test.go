package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// half is the number of environments that move live, and also of those that move offline.
const half = 100

// A plan that moves 200 environments is still readable: live moves without a risk have no warning. Each other move
// has one, of a few lines and with its own summary, because Terraform merges warnings with the same summary.
func TestAccPlanOfManyMoves(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraformInProcess(t)
	p := acctest.NewPlatform(t)
	var creating errgroup.Group
	creating.SetLimit(20)
	for i := range 2 * half {
		creating.Go(func() error {
			_, err := p.Client.CreateEnvironment(t.Context(), platform.EnvironmentSpec{
				Name: fmt.Sprintf("shop-%d", i), Region: economy,
				NodeGroups: []platform.NodeGroupSpec{{Name: "cp", NodeType: "nginxphp"}},
			})
			return err
		})
	}
	if err := creating.Wait(); err != nil {
		t.Fatal(err)
	}
	tf.Write("main.tf", p.Config(fmt.Sprintf(`
locals {
  all = { for i in range(%d) : "shop-${i}" => i < %d ? "north-performance" : "south-standard" }
}
import {
  for_each = local.all
  to       = vap_environment.all[each.key]
  id       = each.key
}
resource "vap_environment" "all" {
  for_each = local.all
  name     = each.key
  region   = each.value
  %s
}
`, 2*half, half, permitted)))

	expectOneOfEach(t, tf, 0, 2*half, "warning", 9)

	// A plan that refuses them is also short.
	tf.Write("main.tf", strings.ReplaceAll(tf.Read("main.tf"), permitted, ""))
	expectOneOfEach(t, tf, 1, half, "error", 18)
}

// expectOneOfEach expects that a plan with that many changes has one diagnostic for each environment that moves
// offline. Each has this severity, its own summary, and at most that many lines; the rest of the text is the same for
// all.
func expectOneOfEach(t *testing.T, tf *acctest.Terraform, code, changes int, severity string, lines int) {
	t.Helper()
	out, complaints, exit := tf.Try("plan", "-input=false", "-json")
	if exit != code {
		t.Fatalf("exit code %d\n%s%s", exit, out, complaints)
	}
	for line := range strings.Lines(out) {
		var message struct{ Changes *struct{ Change, Import int } }
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if c := message.Changes; c != nil && (c.Change != changes || c.Import != changes) {
			t.Errorf("the plan changes %d and imports %d", c.Change, c.Import)
		}
	}
	times, summaries, texts := map[string]int{}, map[string]bool{}, map[golden.Diagnostic]bool{}
	for _, d := range acctest.Diagnostics(t, out) {
		name := strings.TrimSuffix(strings.TrimPrefix(d.Address, `vap_environment.all["`), `"]`)
		times[name]++
		summaries[d.Summary] = true
		text := d.Golden()
		for _, part := range []*string{&text.At, &text.Summary, &text.Detail} {
			*part = strings.ReplaceAll(*part, name, "NAME")
		}
		texts[text] = true
		// Terraform wraps at 78 columns if the output is not a terminal.
		if n := len(d.Detail)/70 + strings.Count(d.Detail, "\n") + 1; n > lines || d.Severity != severity {
			t.Errorf("%s of %d lines: %s", d.Severity, n, d.Detail)
		}
	}
	for i := half; i < 2*half; i++ {
		if name := fmt.Sprintf("shop-%d", i); times[name] != 1 {
			t.Errorf("%d diagnostics of %s, want 1", times[name], name)
		}
	}
	if len(times) != half {
		t.Errorf("%d environments have diagnostics, want %d", len(times), half)
	}
	if len(summaries) != half {
		t.Errorf("%d different summaries for %d environments", len(summaries), half)
	}
	golden.Expect(t, slices.Collect(maps.Keys(texts))...)
}
