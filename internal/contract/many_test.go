package contract

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// half of the environments move live, the other half offline.
const half = 100

// A plan that moves 200 environments can still be read: what moves live without a risk is not mentioned, everything
// else once, in a few lines, and under a summary of its own, because Terraform folds warnings with the same summary.
func TestAccPlanOfManyMovesIsReadable(t *testing.T) {
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

	summaries := said(t, tf, 0, 2*half, "warning", 9)
	if len(summaries) != half {
		t.Errorf("%d different summaries for %d moves that stop an environment", len(summaries), half)
	}
	for i := half; i < 2*half; i++ {
		if n := summaries[fmt.Sprintf("shop-%d stops and gets new addresses: north-economy → south-standard", i)]; n != 1 {
			t.Errorf("shop-%d is warned of %d times", i, n)
		}
	}

	// Nor is a plan endless that refuses them.
	tf.Write("main.tf", strings.ReplaceAll(tf.Read("main.tf"), permitted, ""))
	summaries = said(t, tf, 1, half, "error", 18)
	if len(summaries) != half {
		t.Errorf("%d different summaries for %d moves that are refused", len(summaries), half)
	}
	for i := half; i < 2*half; i++ {
		if n := summaries[fmt.Sprintf("shop-%d: move to south-standard needs allow_downtime and allow_ip_change",
			i)]; n != 1 {
			t.Errorf("shop-%d is refused %d times", i, n)
		}
	}
}

// said counts what a plan of that many changes says of environments, by summary. All of it has to be of one severity
// and short.
func said(t *testing.T, tf *acctest.Terraform, code, changes int, severity string, lines int) map[string]int {
	t.Helper()
	out, complaints, exit := tf.Try("plan", "-input=false", "-json")
	if exit != code {
		t.Fatalf("exit code %d\n%s%s", exit, out, complaints)
	}
	summaries := map[string]int{}
	for line := range strings.Lines(out) {
		var message struct {
			Diagnostic *struct{ Severity, Summary, Detail, Address string }
			Changes    *struct{ Change, Import int }
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if c := message.Changes; c != nil && (c.Change != changes || c.Import != changes) {
			t.Errorf("the plan changes %d and imports %d", c.Change, c.Import)
		}
		d := message.Diagnostic
		if d == nil || !strings.HasPrefix(d.Address, "vap_environment.") {
			continue
		}
		summaries[d.Summary]++
		// Terraform wraps at 78 columns where nobody watches.
		if n := len(d.Detail)/70 + strings.Count(d.Detail, "\n") + 1; n > lines || d.Severity != severity {
			t.Errorf("%s of %d lines: %s", d.Severity, n, d.Detail)
		}
	}
	return summaries
}
