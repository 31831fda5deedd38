package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// accepted returns a validator for a text that becomes a field of the client's configuration. It accepts what the
// client accepts, so that the same rule applies to the configuration and to environment variables.
func accepted(set func(value string, config *platform.Config)) validator.String {
	return acceptedByClient{set}
}

type acceptedByClient struct {
	set func(value string, config *platform.Config)
}

func (acceptedByClient) Description(context.Context) string {
	return "the platform's client accepts it"
}

func (v acceptedByClient) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v acceptedByClient) ValidateString(
	_ context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	config := platform.Config{Endpoint: "https://app.paas.example.com", Token: "valid"}
	v.set(req.ConfigValue.ValueString(), &config)
	_, err := platform.New(config)
	var wrong *platform.ConfigError
	if errors.As(err, &wrong) {
		resp.Diagnostics.AddAttributeError(req.Path, notUsable(wrong), advice(wrong))
	}
}

// argumentOf maps a field of the client's configuration to the provider's argument.
var argumentOf = map[string]string{
	"Endpoint": "endpoint", "Token": "token", "CACertificate": "ca_certificate",
	"OwnerUID": "owner_uid", "RequestsPerSecond": "requests_per_second",
}

// notUsable describes the problem, and advice the remedy. Neither shows the value, which may be a secret.
func notUsable(wrong *platform.ConfigError) string {
	fact, _, _ := strings.Cut(wrong.Message, "; ")
	return fmt.Sprintf("The argument %s is not usable: %s", argumentOf[wrong.Field], fact)
}

func advice(wrong *platform.ConfigError) string {
	_, advice, found := strings.Cut(wrong.Message, "; ")
	if !found {
		advice = "correct the value"
	}
	return sentence(advice)
}

// distinctTiers refuses two tiers that begin at the same amount, because their order would decide which one applies.
type distinctTiers struct{}

func (distinctTiers) Description(context.Context) string { return "no two tiers have the same from" }

func (v distinctTiers) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (distinctTiers) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	seen := map[float64]bool{}
	for i, element := range req.ConfigValue.Elements() {
		tier, ok := element.(types.Object)
		if !ok || tier.IsNull() || tier.IsUnknown() {
			continue
		}
		from, ok := tier.Attributes()["from"].(types.Float64)
		if !ok || from.IsUnknown() {
			continue
		}
		if seen[from.ValueFloat64()] {
			resp.Diagnostics.AddAttributeError(req.Path.AtListIndex(i).AtName("from"), "Two tiers begin at the same amount",
				fmt.Sprintf("Another tier of this list has from = %v already (0 if it is not written). Give each tier a from of "+
					"its own.", from.ValueFloat64()))
		}
		seen[from.ValueFloat64()] = true
	}
}

// withoutContradictions refuses a second entry for a pair of regions, in either direction.
type withoutContradictions struct{}

func (withoutContradictions) Description(context.Context) string {
	return "each pair of regions is written once"
}

func (v withoutContradictions) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (withoutContradictions) ValidateList(
	ctx context.Context, req validator.ListRequest, resp *validator.ListResponse,
) {
	seen := map[[2]string]path.Path{}
	for i := range req.ConfigValue.Elements() {
		at := req.Path.AtListIndex(i).AtName("between")
		var between types.List
		if diags := req.Config.GetAttribute(ctx, at, &between); diags.HasError() || len(between.Elements()) != 2 {
			continue
		}
		a, _ := between.Elements()[0].(types.String)
		b, _ := between.Elements()[1].(types.String)
		if a.IsUnknown() || b.IsUnknown() {
			continue
		}
		pair := [2]string{min(a.ValueString(), b.ValueString()), max(a.ValueString(), b.ValueString())}
		if first, ok := seen[pair]; ok {
			resp.Diagnostics.AddAttributeError(at, fmt.Sprintf("The regions %s and %s are a pair twice", pair[0], pair[1]),
				fmt.Sprintf("A pair holds in both directions, and %s names it already. Remove one of the two entries.", first))
			continue
		}
		seen[pair] = at
	}
}
