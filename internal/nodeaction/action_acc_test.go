package nodeaction_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// The actions with a command line program. A program without support for actions ignores them. The others run them
// after an address change and by name, and report bad input in the plan.
func TestAccActions(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraform(t)
	p := acctest.NewPlatform(t)
	const restarted = "shop-prod: restarting cp, 2 nodes"
	body := func(region, more string) string {
		return p.Config(fmt.Sprintf(`
resource "vap_environment" "shop" {
  name             = "shop-prod"
  region           = %q
  node_groups      = { cp = { node_type = "nginxphp", count = 2 } }
  migration_policy = { allow_downtime = true, allow_ip_change = true }
}
`, region) + more)
	}
	tf.Write("main.tf", body("north-economy", ""))
	apply := []string{"apply", "-auto-approve", "-input=false"}
	tf.Run(apply...)
	if version := tf.Run("version"); !strings.HasPrefix(version, "Terraform ") || !tf.AtLeast(1, 14) {
		if schema := tf.Run("providers", "schema", "-json"); strings.Contains(schema, restart) {
			t.Error("a program without actions gets some")
		}
		t.Skipf("%s has no actions: they need Terraform 1.14 or newer",
			strings.Fields(version)[0]+" "+strings.Fields(version)[1])
	}

	const triggered = `
resource "terraform_data" "addresses" {
  input = flatten(vap_environment.shop.nodes[*].internal_ip)
  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.vap_restart_nodes.shop]
    }
  }
}
action "vap_restart_nodes" "shop" {
  config {
    environment = vap_environment.shop.name
    node_groups = ["%s"]
  }
}
`
	tf.Write("main.tf", body("north-economy", fmt.Sprintf(triggered, "cp")))
	if out := tf.Run(apply...); strings.Contains(out, restarted) {
		t.Errorf("restarted without a change of addresses:\n%s", out)
	}
	tf.Write("main.tf", body("south-standard", fmt.Sprintf(triggered, "cp")))
	out := tf.Run(apply...)
	for _, phrase := range []string{restarted, "shop-prod: verifying cp", "shop-prod: done in", "Actions: 1 invoked."} {
		if !strings.Contains(out, phrase) {
			t.Errorf("%q is missing:\n%s", phrase, out)
		}
	}
	if out := tf.Run(append(apply, "-invoke=action.vap_restart_nodes.shop")...); !strings.Contains(out, restarted) {
		t.Errorf("not invoked:\n%s", out)
	}
	expectCalls(t, p, restarts, "cp", "cp")

	tf.Write("main.tf", body("north-economy", fmt.Sprintf(triggered, "cpp")))
	_, complaints, code := tf.Try("plan", "-input=false")
	// The misspelt node group and the suggested one; TestUnknownValues checks the text.
	if code != 1 || !strings.Contains(complaints, `"cpp"`) || !strings.Contains(complaints, `"cp"`) {
		t.Errorf("exit code %d: %s", code, complaints)
	}
	expectCalls(t, p, restarts, "cp", "cp")
}
