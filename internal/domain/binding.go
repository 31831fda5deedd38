package domain

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

type model struct {
	Environment types.String   `tfsdk:"environment"`
	Domain      types.String   `tfsdk:"domain"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
	ID          types.String   `tfsdk:"id"`
}

type identityModel struct {
	Environment types.String `tfsdk:"environment"`
	Domain      types.String `tfsdk:"domain"`
}

// id is unknown while a part of it is unknown.
func (m model) id() types.String {
	if m.Environment.IsUnknown() || m.Domain.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(m.binding().String())
}

func (m model) binding() binding {
	return binding{m.Environment.ValueString(), normalise(m.Domain.ValueString())}
}

// binding is a normalised domain and the environment to which it is or will be bound.
type binding struct{ environment, domain string }

// String is the identifier of the binding.
func (b binding) String() string { return b.environment + "/" + b.domain }

func (b binding) identity() identityModel {
	return identityModel{types.StringValue(b.environment), types.StringValue(b.domain)}
}

// check validates a binding that did not come from the configuration, as in an import.
func (b binding) check() error {
	if !environmentPattern.MatchString(b.environment) {
		return fmt.Errorf("%q is not the name of an environment", b.environment)
	}
	if err := checkDomain(b.domain); err != nil {
		return fmt.Errorf("%q is not a domain that can be bound: %w", b.domain, err)
	}
	return nil
}

// isOf says whether the platform reports the domain as bound to the environment.
func (b binding) isOf(env platform.Environment) bool {
	return slices.ContainsFunc(env.CustomDomains, func(domain string) bool { return normalise(domain) == b.domain })
}

// parseID is the reverse of String.
func parseID(id string) (binding, error) {
	environment, domain, found := strings.Cut(id, "/")
	if !found {
		return binding{}, errors.New("it has no slash")
	}
	b := binding{environment, normalise(domain)}
	return b, b.check()
}
