package platform

import (
	"context"
	"errors"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

const binder = "environment/binder/"

// BindDomain binds a custom domain to an environment. A domain can be bound only once on the whole platform; for a
// second binding the error is IsDomainBusy. The platform does not check whether DNS records lead to the environment.
func (c *Client) BindDomain(ctx context.Context, environment, domain string) error {
	return c.call(ctx, write(binder+"bindextdomain", environment, "extdomain", domain), nil)
}

// UnbindDomain removes a custom domain from an environment. The error is IsNotBound if the domain is not bound to it,
// IsMissing if the environment does not exist.
func (c *Client) UnbindDomain(ctx context.Context, environment, domain string) error {
	return c.call(ctx, write(binder+"removeextdomain", environment, "extdomain", domain), nil)
}

// IsDomainBusy reports whether the platform refuses to bind a domain because it is already bound, to the same
// environment or to another one, possibly of another account.
func IsDomainBusy(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == wire.ResultDomainBusy
}

// IsNotBound reports whether the platform says that a domain is not bound to the environment.
func IsNotBound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == wire.ResultDomainNotFound
}
