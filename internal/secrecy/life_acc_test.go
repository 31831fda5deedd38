package secrecy

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

const configuration = `
variable "registry_password" {
  type      = string
  ephemeral = true
}

variable "secret" {
  type      = string
  ephemeral = true
}

variable "region" { default = "north-economy" }

variable "version_of_secrets" { default = 1 }

resource "vap_environment" "shop" {
  name   = "shop-prod"
  region = var.region
  node_groups = {
    bl = { node_type = "nginx", public_ipv4_count = 1 }
    worker = {
      node_type             = "docker"
      image                 = "private/worker"
      registry = {
        url                 = "registry.example.com"
        username            = "deploy"
        password_wo         = var.registry_password
        password_wo_version = var.version_of_secrets
      }
      env                   = { MODE = "production" }
      secret_env_wo         = { DB_CRED = var.secret }
      secret_env_wo_version = var.version_of_secrets
    }
  }
  migration_policy = { allow_downtime = true, allow_ip_change = true }
  timeouts         = { update = "20s" } # a change whose answer cannot be read is looked after for longer
}

resource "vap_domain_binding" "www" {
  environment = vap_environment.shop.name
  domain      = "www.example.test"
}

data "vap_regions" "all" {}
data "vap_region" "south" { name = "south-standard" }
data "vap_stacks" "all" {}
data "vap_environments" "all" { depends_on = [vap_environment.shop] }
data "vap_environment" "shop" { name = vap_environment.shop.name }
data "vap_migration_check" "shop" {
  environment = vap_environment.shop.name
  to_region   = "north-performance"
}

output "everything" {
  sensitive = true
  value = [
    vap_environment.shop, vap_domain_binding.www, data.vap_regions.all, data.vap_region.south, data.vap_stacks.all,
    data.vap_environments.all, data.vap_environment.shop, data.vap_migration_check.shop,
  ]
}
`

// tokenByVariable sets the token in a way that keeps it out of saved plans.
const tokenByVariable = `
variable "vap_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

provider "vap" { token = var.vap_token }
`

// An environment's life with real Terraform, with everything logged, and with every failure that may carry a secret
// into an error. Nothing that Terraform, the provider or the platform writes contains a secret.
func TestAccSecretsDoNotAppear(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraform(t)
	if !tf.AtLeast(1, 11) {
		t.Skip("write-only values need Terraform or OpenTofu 1.11")
	}
	// The secrets have no spaces, at which Terraform would wrap them.
	all := secrets{
		"the token": "token-" + rand.Text(), "another token": "revoked-" + rand.Text(),
		"the registry password": `registry"` + rand.Text() + `"&more`,
		"a secret variable":     "variable<" + rand.Text() + ">", "the password of a node": nodePassword,
	}
	p := newPlatform(t, all)
	var told collector
	logs := filepath.Join(tf.Folder, "trace.log")
	env := func(token string) []string {
		return []string{
			"TF_LOG=TRACE", "TF_LOG_PATH=" + logs, "VAP_ENDPOINT=" + p.URL, "VAP_TOKEN=" + token,
			"TF_VAR_registry_password=" + all["the registry password"], "TF_VAR_secret=" + all["a secret variable"],
		}
	}
	tf.Env = env(all["the token"])
	tf.Write("main.tf", configuration)
	n := 0
	run := func(good bool, arguments ...string) string {
		t.Helper()
		out, complaints, code := tf.Try(arguments...)
		n++
		told.keep(fmt.Sprintf("the output of run %d (%s)", n, strings.Join(arguments, " ")), []byte(out+complaints))
		if (code == 0) != good {
			t.Fatalf("%v: exit code %d\n%s%s", arguments, code, out, complaints)
		}
		return out + complaints
	}
	apply := func(good bool, arguments ...string) string {
		t.Helper()
		return run(good, append([]string{"apply", "-input=false", "-auto-approve"}, arguments...)...)
	}

	// The platform first refuses the creation and quotes the request. Then it creates everything, but nobody can read
	// its response with the nodes' passwords, so the provider reads the environment itself.
	p.spoil(echo, "createenvironment")
	apply(false)
	p.spoil(half, "createenvironment")
	apply(true)
	p.spoil("")

	// A move is planned, shown and carried out, with the token from a variable; others fail in every way that quotes
	// text.
	tf.Write("provider.tf", tokenByVariable)
	tf.Env = append(env(""), "TF_VAR_vap_token="+all["the token"])
	run(true, "plan", "-input=false", "-out=plan", "-var=region=north-performance")
	told.keep("the plan as JSON", []byte(run(true, "show", "-json", "plan")))
	run(true, "apply", "-input=false", "plan")
	tf.Write("provider.tf", "")
	tf.Env = env(all["the token"])
	p.spoil(echo, "migrate")
	apply(false, "-var=region=south-standard")
	p.spoil(redirect, "checkmigrationpossibility")
	apply(false, "-var=region=south-standard")

	// The platform refuses new secrets and quotes the request, and then accepts them.
	for _, way := range []struct {
		how    spoiling
		method string
		good   bool // a change succeeds if a page hides the response, because the provider checks it
	}{{echo, "changetopology", false}, {echo, "addcontainerenvvars", false}, {page, "addcontainerenvvars", true}} {
		p.spoil(way.how, way.method)
		apply(way.good, "-var=region=north-performance", "-var=version_of_secrets=2")
	}
	p.spoil(strange, "getcontainerenvvarsbygroup")
	run(false, "plan", "-input=false", "-var=region=north-performance")
	p.spoil("")
	apply(true, "-var=region=north-performance", "-var=version_of_secrets=2")

	// A wrong token, and a refusal that quotes the right one.
	tf.Env = env(all["another token"])
	if out := run(false, "plan", "-input=false", "-var=region=north-performance"); !strings.Contains(out, "token") {
		t.Errorf("the output does not mention the token:\n%s", out)
	}
	p.spoil(echo, "getenvinfo", "getregions")
	run(false, "plan", "-input=false", "-var=region=north-performance")
	p.spoil("")
	tf.Env = env(all["the token"])
	if runtime.GOOS == "linux" {
		told.keep("the output of a crash",
			[]byte(crash(t, tf, p, "apply", "-input=false", "-auto-approve", "-var=region=north-standard")))
		if text, _ := os.ReadFile(logs); !strings.Contains(string(text), "SIGQUIT: quit") ||
			!strings.Contains(string(text), "migration.Run(") {
			t.Error("the log has no goroutines of a provider that crashed while it migrated")
		}
	}
	told.keep("the state as JSON", []byte(run(true, "show", "-json")))
	run(true, "destroy", "-input=false", "-auto-approve")

	if info, err := os.Stat(logs); err != nil || info.Size() < 100000 {
		t.Errorf("hardly anything was logged: %v", err)
	}
	told.folder(t, tf.Folder)
	told.expectNone(t, all)
	p.requests.expectNone(t, all)
	p.expectSecretsWhereTheyBelong(t, all)
	if text, _ := os.ReadFile(logs); !strings.Contains(string(text), "environment/control/migrate") {
		t.Error("the provider's own log is not in the log")
	}

	// The platform stores the variables, as it must, but neither tokens nor passwords.
	var kept collector
	kept.folder(t, p.directory)
	delete(all, "a secret variable")
	kept.expectNone(t, all)
}
