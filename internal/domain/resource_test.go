package domain_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

const address = "vap_domain_binding.www"

// hcl has two environments and a domain that is bound to one of them.
func hcl(to, domain, more string) string {
	return `
resource "vap_environment" "blue" {
  name        = "shop-blue"
  region      = "north-economy"
  node_groups = { cp = { node_type = "nginxphp" } }
}

resource "vap_environment" "green" {
  name        = "shop-green"
  region      = "north-economy"
  node_groups = { cp = { node_type = "nginxphp" } }
}

resource "vap_domain_binding" "www" {
  environment = vap_environment.` + to + `.name
  domain      = "` + domain + `"
  ` + more + `
}
`
}

func expectValue(name string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), check)
}

// before has checks of the plan before it is applied.
func before(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: checks}
}

func accept(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		PreCheck:                 func() { acctest.PreCheck(t) },
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps:                    steps,
	})
}

func TestAccDomainBinding(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	accept(t,
		resource.TestStep{
			Config: p.Config(hcl("blue", www, "")),
			ConfigPlanChecks: before(
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("shop-blue/www.example.test")),
			),
			ConfigStateChecks: []statecheck.StateCheck{
				expectValue("id", knownvalue.StringExact("shop-blue/www.example.test")),
				expectValue("environment", knownvalue.StringExact("shop-blue")),
				expectValue("domain", knownvalue.StringExact(www)),
			},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
		resource.TestStep{ // another spelling
			Config:            p.Config(hcl("blue", "WWW.example.test.", "timeouts = { create = \"1m\" }")),
			ConfigPlanChecks:  before(plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)),
			ConfigStateChecks: []statecheck.StateCheck{expectValue("id", knownvalue.StringExact("shop-blue/www.example.test"))},
		},
		resource.TestStep{ // moved
			Config: p.Config(hcl("green", www, "")),
			ConfigPlanChecks: before(
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("shop-green/www.example.test")),
				plancheck.ExpectResourceAction("vap_environment.blue", plancheck.ResourceActionNoop),
			),
			ConfigStateChecks: []statecheck.StateCheck{expectValue("id", knownvalue.StringExact("shop-green/www.example.test"))},
		},
		resource.TestStep{ // removed outside Terraform, and bound again
			PreConfig:        func() { must(t, p.Client.UnbindDomain(t.Context(), "shop-green", www)) },
			Config:           p.Config(hcl("green", www, "")),
			ConfigPlanChecks: before(plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)),
		},
		resource.TestStep{ // only the binding is removed
			Config: p.Config(regexp.MustCompile(`(?s)resource "vap_domain_binding".*`).ReplaceAllString(hcl("green", www, ""),
				"")),
			Check: func(*terraform.State) error {
				expectDomains(t, p, "shop-green")
				return nil
			},
		},
	)
	expectCalls(t, p, "bindextdomain", 0, 0, 0)
	expectCalls(t, p, "removeextdomain", 0, 0, 0)
}

// The lifecycle arguments work as documented.
func TestAccDomainBindingLifecycle(t *testing.T) {
	t.Parallel()
	t.Run("create_before_destroy", func(t *testing.T) {
		t.Parallel()
		p := acctest.NewPlatform(t)
		const early = "lifecycle { create_before_destroy = true }"
		accept(t,
			resource.TestStep{Config: p.Config(hcl("blue", www, early))},
			resource.TestStep{
				Config:           p.Config(hcl("blue", "shop.example.test", early)),
				ConfigPlanChecks: before(plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreateBeforeDestroy)),
			},
		)
	})
	t.Run("replace_triggered_by", func(t *testing.T) {
		t.Parallel()
		p := acctest.NewPlatform(t)
		config := p.Config(hcl("blue", www, "lifecycle { replace_triggered_by = [vap_environment.blue.app_id] }"))
		accept(t,
			resource.TestStep{Config: config},
			resource.TestStep{
				Taint:            []string{"vap_environment.blue"},
				Config:           config,
				ConfigPlanChecks: before(plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate)),
				Check: func(*terraform.State) error {
					expectDomains(t, p, "shop-blue", www)
					return nil
				},
			},
		)
	})
}

func TestAccDomainBindingImport(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		block string
		needs *tfversion.TerraformVersionCheck
	}{
		"by id":       {block: `id = "shop-blue/www.example.test"`},
		"by identity": {block: `identity = { environment = "shop-blue", domain = "www.example.test" }`, needs: &identities},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, "shop-blue")
			must(t, p.Client.BindDomain(t.Context(), "shop-blue", www))
			test := resource.TestCase{
				PreCheck:                 func() { acctest.PreCheck(t) },
				ProtoV6ProviderFactories: acctest.ProviderFactories,
				Steps: []resource.TestStep{{
					Config: p.Config(`
import {
  to = ` + address + `
  ` + row.block + `
}

resource "vap_domain_binding" "www" {
  environment = "shop-blue"
  domain      = "www.example.test"
}
`),
					ConfigPlanChecks: before(plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)),
					ConfigStateChecks: []statecheck.StateCheck{expectValue("id",
						knownvalue.StringExact("shop-blue/www.example.test"))},
				}},
			}
			if row.needs != nil {
				test.TerraformVersionChecks = []tfversion.TerraformVersionCheck{*row.needs}
			}
			resource.Test(t, test)
			expectCalls(t, p, "bindextdomain", 0)
		})
	}
}

var identities = tfversion.SkipBelow(tfversion.Version1_12_0)
