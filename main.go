// Command terraform-provider-vap is the Terraform provider for the Virtuozzo Application Platform. Terraform and
// OpenTofu start it; it is of no use on its own.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve a debugger: print what TF_REATTACH_PROVIDERS must be instead of being started by Terraform")
	flag.Parse()

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address:         "registry.terraform.io/terraform-provider-vap/vap",
		ProtocolVersion: 6,
		Debug:           *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
