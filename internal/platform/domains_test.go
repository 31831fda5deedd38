package platform_test

import (
	"slices"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faultinjection"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

func TestDomains(t *testing.T) {
	t.Parallel()
	local, _ := open(t)
	as := func(token string) *platform.Client {
		return connect(t, func(c *platform.Config) {
			c.Endpoint, c.Transport, c.Token = "http://local", local.Transport(), token
		})
	}
	owner, ctx := as(localplatform.OwnerToken), t.Context()
	must(t, errorOf(owner.CreateEnvironment(ctx, shop)))

	must(t, owner.BindDomain(ctx, "shop-prod", "www.example.test"))
	must(t, owner.BindDomain(ctx, "shop-prod", "shop.example.test"))
	if e, err := owner.Environment(ctx, "shop-prod"); err != nil ||
		!slices.Equal(e.CustomDomains, []string{"shop.example.test", "www.example.test"}) {
		t.Errorf("bound %v, %v", e.CustomDomains, err)
	}
	if err := owner.BindDomain(ctx, "shop-prod", "www.example.test"); !platform.IsDomainBusy(err) ||
		platform.ClassOf(err) != platform.ClassInvalid {
		t.Errorf("bound twice: %v", err)
	}
	if err := owner.UnbindDomain(ctx, "shop-prod", "other.example.test"); !platform.IsNotBound(err) ||
		platform.IsMissing(err) {
		t.Errorf("not bound: %v", err)
	}
	for name, c := range map[string]struct {
		err   error
		class platform.Class
	}{
		"no environment": {owner.BindDomain(ctx, "nobody", "x.example.test"), platform.ClassNotFound},
		"not a domain":   {owner.BindDomain(ctx, "shop-prod", "x"), platform.ClassInvalid},
		"token that only reads": {as(localplatform.ReadOnlyToken).BindDomain(ctx, "shop-prod", "x.example.test"),
			platform.ClassPermission},
	} {
		if platform.ClassOf(c.err) != c.class || platform.IsDomainBusy(c.err) {
			t.Errorf("%s: %v", name, c.err)
		}
	}

	must(t, owner.UnbindDomain(ctx, "shop-prod", "www.example.test"))
	if e, err := owner.Environment(ctx, "shop-prod"); err != nil ||
		!slices.Equal(e.CustomDomains, []string{"shop.example.test"}) {
		t.Errorf("left %v, %v", e.CustomDomains, err)
	}
}

// After a lost answer it is unknown whether the domain was bound. The client must not decide to repeat the call.
func TestBindDomainIsSentOnce(t *testing.T) {
	t.Parallel()
	local, directory := open(t)
	client := connect(t, func(c *platform.Config) { c.Endpoint, c.Transport = "http://local", local.Transport() })
	must(t, errorOf(client.CreateEnvironment(t.Context(), shop)))
	must(t, faultinjection.Inject(local,
		faults.Fault{Kind: faults.Gateway, Method: "bindextdomain", Status: 504, When: faults.WhenAfter}))
	if err := client.BindDomain(t.Context(), "shop-prod", "www.example.test"); !platform.IsOutcomeUnknown(err) {
		t.Errorf("got %v, want an unknown outcome", err)
	}
	requests, err := localplatform.ReadRequests(directory)
	must(t, err)
	if n := len(slices.DeleteFunc(requests, func(r localplatform.Request) bool {
		return r.Method != "environment/binder/bindextdomain"
	})); n != 1 {
		t.Errorf("sent %d times", n)
	}
}
