package platform

import (
	"context"
	"errors"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

const binder = "environment/binder/"

// BindDomain makes an environment reachable under a custom domain too. A domain can be bound once on the whole
// platform, which IsDomainBusy tells. The platform does not look whether DNS records lead to the environment.
func (c *Client) BindDomain(ctx context.Context, environment, domain string) error {
	return c.call(ctx, write(binder+"bindextdomain", environment, "extdomain", domain), nil)
}

// UnbindDomain takes a custom domain away from an environment. IsNotBound tells that it is not bound to it, IsMissing
// that the environment does not exist.
func (c *Client) UnbindDomain(ctx context.Context, environment, domain string) error {
	return c.call(ctx, write(binder+"removeextdomain", environment, "extdomain", domain), nil)
}

// IsDomainBusy reports whether the platform refuses to bind a domain because it is bound already, to the same
// environment or to any other, perhaps of another account.
func IsDomainBusy(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == wire.ResultDomainBusy
}

// IsNotBound reports whether the platform says that a domain is not bound to the environment.
func IsNotBound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == wire.ResultDomainNotFound
}
