package environment_test

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// BenchmarkNothingToDo measures what Terraform asks the provider for each environment of a plan without changes, in
// Terraform's order, but without the connection between the two processes. The list of environments is cached.
func BenchmarkNothingToDo(b *testing.B) {
	const typeName = "vap_environment"
	p := acctest.NewPlatform(b)
	if _, err := p.Client.CreateEnvironment(b.Context(), platform.EnvironmentSpec{
		Name: "shop-prod", Region: economy, NodeGroups: []platform.NodeGroupSpec{
			{Name: "bl", NodeType: "nginx", PublicIPv4Count: 1},
			{Name: "cp", NodeType: "nginxphp", Count: 2},
		},
	}); err != nil {
		b.Fatal(err)
	}
	s := acctest.NewServer(b)
	if d := s.Configure(p.Provider()); acctest.HasErrors(d) {
		b.Fatal(acctest.Text(d))
	}
	schema := s.Schema.ResourceSchemas[typeName]
	config := s.Encode(schema, shop())

	imported, err := s.ImportResourceState(b.Context(),
		&tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: "shop-prod"})
	if err != nil || acctest.HasErrors(imported.Diagnostics) {
		b.Fatal(err, acctest.Text(imported.Diagnostics))
	}
	one := imported.ImportedResources[0]
	first, err := s.ReadResource(b.Context(),
		&tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: one.State, Private: one.Private,
			CurrentIdentity: one.Identity})
	if err != nil || acctest.HasErrors(first.Diagnostics) {
		b.Fatal(err, acctest.Text(first.Diagnostics))
	}
	stored, err := json.Marshal(s.Decode(schema, first.NewState))
	if err != nil {
		b.Fatal(err)
	}

	ask := func(name string, question func() ([]*tfprotov6.Diagnostic, error)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d, err := question(); err != nil || len(d) > 0 {
					b.Fatal(err, acctest.Text(d))
				}
			}
		})
	}
	ctx := b.Context()
	ask("validate", func() ([]*tfprotov6.Diagnostic, error) {
		answer, err := s.ValidateResourceConfig(ctx,
			&tfprotov6.ValidateResourceConfigRequest{TypeName: typeName, Config: config})
		return answer.Diagnostics, err
	})
	ask("upgrade", func() ([]*tfprotov6.Diagnostic, error) {
		answer, err := s.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
			TypeName: typeName, Version: schema.Version, RawState: &tfprotov6.RawState{JSON: stored},
		})
		return answer.Diagnostics, err
	})
	ask("read", func() ([]*tfprotov6.Diagnostic, error) {
		answer, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
			TypeName: typeName, CurrentState: first.NewState, Private: first.Private, CurrentIdentity: first.NewIdentity,
		})
		return answer.Diagnostics, err
	})
	ask("plan", func() ([]*tfprotov6.Diagnostic, error) {
		answer, err := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName: typeName, PriorState: first.NewState, ProposedNewState: first.NewState, Config: config,
			PriorPrivate: first.Private, PriorIdentity: first.NewIdentity,
		})
		return answer.Diagnostics, err
	})
}
