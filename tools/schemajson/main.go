// Schemajson prints the provider's schema in the form of "terraform providers schema -json".
//
// The documentation is generated from it, so that it does not depend on the installed Terraform: older versions
// omit what they do not know (identities, list resources, actions).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// address is where tfplugindocs looks for the schema of a provider called vap, whatever its real namespace is.
const address = "registry.terraform.io/hashicorp/vap"

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "schemajson:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	doc, err := export(ctx, providerserver.NewProtocol6(provider.New("docs")())())
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(doc)
}

func export(ctx context.Context, server tfprotov6.ProviderServer) (document, error) {
	answer, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return document{}, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return document{}, err
	}
	if err := errors.Join(failures(answer.Diagnostics), failures(identities.Diagnostics)); err != nil {
		return document{}, err
	}
	return documentOf(address, answer, identities), nil
}

func failures(diagnostics []*tfprotov6.Diagnostic) error {
	var failed error
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			failed = errors.Join(failed, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	return failed
}
