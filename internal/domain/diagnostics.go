package domain

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

const nothingChanged = "\n\nThe binding was not changed."

// problem is the diagnostic of a failed call: the platform's code and message, what the user can do, and the state
// of the binding.
func problem(summary string, err error, end string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, diagutil.Capitalize(diagutil.Explain(err))+end)
}

// unboundWarning warns that a plan moves a domain to another environment.
func unboundWarning(from binding, to types.String) diag.Diagnostic {
	target := to.ValueString()
	if to.IsUnknown() {
		target = "another environment"
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("environment"),
		fmt.Sprintf("%s leads nowhere while it moves: %s → %s", from.domain, from.environment, target),
		fmt.Sprintf("A domain can be bound only once on the whole platform, so the apply removes it from %s and then "+
			"binds it to %s. In between it is bound to nothing; by the platform's documentation the new binding may take some "+
			"minutes. If the platform refuses it, the domain is bound to %s again. To move it without a gap, use Swap Domains "+
			"in the dashboard, then terraform state rm, and import it at its new place.\n\nPoint CNAME records from the "+
			"domain of %s to that of %s.", from.environment, target, from.environment, from.environment, target))
}

// notMoved is the error of a domain that should have moved to another environment.
func notMoved(from, to binding, err error, end string) diag.Diagnostic {
	return problem(fmt.Sprintf("%s was not moved from %s to %s", from.domain, from.environment, to.environment), err,
		end)
}

// unboundError is the error of a domain that was removed from one environment and could not be bound to the other.
// It could not be bound to the first one again either, or an interrupt left no time for that.
func unboundError(from, to binding, err, again error) diag.Diagnostic {
	end := "\n\nThe next apply tries to bind it to " + to.environment + ". If it reports that the domain is already " +
		"bound, use the import block that it shows."
	if again != nil {
		end = "\n\nBinding it to " + from.environment + " again failed as well: " + again.Error() + "." + end
	}
	return problem(fmt.Sprintf("%s leads nowhere: it was removed from %s and not bound to %s", from.domain,
		from.environment, to.environment), err, end)
}

// noEnvironment is the error of a binding to an environment that the platform does not know.
func noEnvironment(b binding, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("environment"),
		fmt.Sprintf("%s: there is no environment %q", b.domain, b.environment),
		err.Error()+"."+nothingChanged)
}

// alreadyBound is the error of a domain that was bound to the environment outside of this Terraform resource.
func alreadyBound(b binding) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("domain"),
		fmt.Sprintf("%s is already bound to %s", b.domain, b.environment),
		fmt.Sprintf("The domain was bound to this environment outside of this resource: by hand, or by another resource of "+
			"this configuration. To manage it here, import it:\n\n  import {\n    to = vap_domain_binding.NAME\n    id = "+
			"%q\n  }%s", b, nothingChanged))
}

// notBound is the error of a binding that failed, at the attribute that caused it.
func (r *bindingResource) notBound(ctx context.Context, b binding, err error) diag.Diagnostic {
	summary := fmt.Sprintf("%s was not bound to %s", b.domain, b.environment)
	switch class := platform.ClassOf(err); {
	case platform.IsDomainBusy(err):
		return r.boundElsewhere(ctx, b, err)
	case platform.IsMissing(err):
		return noEnvironment(b, err)
	case platform.IsOutcomeUnknown(err):
		return problem(fmt.Sprintf("%s: it is not known whether it was bound to %s", b.domain, b.environment), err,
			"\n\nIf the next apply reports that the domain is already bound, use the import block that it shows.")
	case class == platform.ClassInvalid, class == platform.ClassNotAllowed, class == platform.ClassUnclassified:
		return diag.NewAttributeErrorDiagnostic(path.Root("domain"), summary, err.Error()+"."+nothingChanged)
	}
	return problem(summary, err, nothingChanged)
}

// boundElsewhere is the error of a domain that is bound elsewhere. It names the environment if the account can see it.
func (r *bindingResource) boundElsewhere(ctx context.Context, b binding, err error) diag.Diagnostic {
	environments, _ := r.service.List(ctx, migration.Fresh) // without them the message says less
	i := slices.IndexFunc(environments, b.isOf)
	switch {
	case i < 0:
		return diag.NewAttributeErrorDiagnostic(path.Root("domain"), b.domain+" is bound elsewhere on the platform",
			"The domain is bound to an environment that this account cannot see, perhaps in another account at the same "+
				"hosting provider. Remove it there before you bind it here; if you do not know where that is, ask the hosting "+
				"provider.\n\n"+
				err.Error()+"."+nothingChanged)
	case environments[i].Name == b.environment:
		return alreadyBound(b) // bound in the meantime
	}
	holder := environments[i].Name
	return diag.NewAttributeErrorDiagnostic(path.Root("domain"), fmt.Sprintf("%s is bound to %s", b.domain, holder),
		fmt.Sprintf("A domain can be bound only once. To move it to %s, change environment in the resource that binds it "+
			"to %s, or remove it from there in the dashboard. If another resource of this configuration releases it in the "+
			"same apply, apply again. If a resource was only renamed in the configuration, add a moved block.\n\n%s.%s",
			b.environment, holder, err, nothingChanged))
}

// unneededWarning warns of a binding to an environment whose entry point has a public IPv4 address: traffic to that
// does not pass the shared load balancer, which is what bindings are for (certain, guide "Public IP").
func unneededWarning(b binding, env platform.Environment) diag.Diagnostics {
	address := entryAddress(env)
	if address == "" {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("environment"),
		fmt.Sprintf("%s needs no binding, because %s has the public address %s", b.domain, b.environment, address),
		"A binding is for the platform's shared load balancer, which traffic to a public address does not pass. Create an "+
			"A record from the domain to that address instead, and remove this resource. Keep it only if you will remove the "+
			"address.")}
}

// entryAddress is the public IPv4 address of the node that receives requests to an environment: of its load
// balancer or, without one, of its application server. It is empty if there is none.
func entryAddress(env platform.Environment) string {
	for _, entry := range []string{"bl", "cp"} {
		present := false
		for _, n := range env.Nodes {
			if n.NodeGroup != entry {
				continue
			}
			present = true
			if len(n.PublicIPv4) > 0 {
				return n.PublicIPv4[0]
			}
		}
		if present {
			return ""
		}
	}
	return ""
}
