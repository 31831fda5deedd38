// Command terraform-provider-vap is the Terraform provider for the Virtuozzo Application Platform. Terraform and
// OpenTofu start it; it is of no use on its own.
package main

import (
	"cmp"
	"flag"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	withDebugger := flag.Bool("debug", false, "serve a debugger: print what TF_REATTACH_PROVIDERS must be instead of "+
		"being started by Terraform")
	flag.Parse()
	log.SetOutput(unsolicitedFilter{os.Stderr})

	var options []tf6server.ServeOpt
	if *withDebugger {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		alignLogLevel()
		tuneGC()
		endWithParent()
	}
	err := tf6server.Serve("registry.terraform.io/terraform-provider-vap/vap", provider.NewServer(version), options...)
	if err != nil {
		log.Fatal(err)
	}
}

// alignLogLevel makes the provider log no more than Terraform shows. Otherwise the provider writes, and Terraform
// parses and drops, several lines for every attribute of every environment: a third of the cost of a plan. The
// variables that set a more detailed level for the provider alone still apply.
func alignLogLevel() {
	shown := cmp.Or(os.Getenv("TF_LOG_PROVIDER"), os.Getenv("TF_LOG"), "off")
	for _, variable := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_VAP"} {
		if os.Getenv(variable) == "" {
			os.Setenv(variable, shown)
		}
	}
}

// tuneGC lets memory grow further than usual between two garbage collections: the process keeps little and lives for
// seconds, a fifth of which collecting would take. The limit bounds the growth if the process keeps much, such as a
// response of tens of megabytes. GOGC and GOMEMLIMIT override this if they are set.
func tuneGC() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(96 << 20)
	}
}
