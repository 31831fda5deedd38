package domain

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// normalise writes a domain as the platform does: in lower case, without the trailing dot of DNS records.
func normalise(domain string) string { return strings.TrimSuffix(strings.ToLower(domain), ".") }

// hostPattern is a host name with several labels. The last one must not be a number, unlike in an IPv4 address.
var hostPattern = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

// checkDomain returns what is wrong with a domain, or nil. The domain need not be normalised.
func checkDomain(domain string) error {
	host := strings.TrimPrefix(normalise(domain), "*.")
	_, rest, hasScheme := strings.Cut(host, "://")
	switch {
	case hasScheme:
		rest, _, _ = strings.Cut(rest, "/")
		return fmt.Errorf("it has a scheme; write the host name alone, %q", rest)
	case strings.ContainsAny(host, "/:?@"):
		return errors.New(`it has more than a host name; leave out port and path, as in "www.example.com"`)
	case strings.IndexFunc(host, func(c rune) bool { return c > 127 }) >= 0:
		return errors.New(`it has letters outside ASCII; write an international name in its ASCII form, which begins with ` +
			`"xn--"`)
	case len(host) > 253 || !hostPattern.MatchString(host):
		return errors.New(`it is not a host name such as "www.example.com": labels of letters, digits and hyphens with ` +
			`dots in between, ` +
			`at most 63 characters each and 253 in all`)
	}
	return nil
}

// isDomain validates with checkDomain.
type isDomain struct{}

func (isDomain) Description(context.Context) string {
	return "value must be a host name of one's own without scheme, port and path"
}

func (v isDomain) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (isDomain) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := checkDomain(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid domain",
			fmt.Sprintf("%q cannot be bound: %s.", req.ConfigValue.ValueString(), err))
	}
}

// environmentPattern leaves the choice of names to the platform, but excludes host names and addresses.
var environmentPattern = regexp.MustCompile(`^[^\s/.:]+$`)

const notAnEnvironment = "must be the name of an environment, such as vap_environment.shop.name, not its domain or " +
	"address"
