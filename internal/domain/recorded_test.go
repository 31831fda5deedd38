package domain_test

import (
	"reflect"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// This version reads a state of every schema version. If the platform matches it, the plan is empty.
func TestRecordedStates(t *testing.T) {
	t.Parallel()
	veteran := config("shop-prod", "WWW.Example.test.")
	veteran["timeouts"] = map[string]any{"create": "1h", "read": "1m", "delete": "1h"}
	record := func(t *testing.T) *acctest.Instance {
		i := newBinding(t, newPlatform(t, "shop-prod"))
		apply(t, i, veteran)
		return i
	}
	acctest.RecordedStates(t, "vap_domain_binding", record, func(t *testing.T, i *acctest.Instance) {
		p := newPlatform(t, "shop-prod")
		must(t, p.Client.BindDomain(t.Context(), "shop-prod", www))
		i.Provider = p.Provider()
		before, identity := i.State, i.Identity
		if d := i.Refresh(); len(d) > 0 || !reflect.DeepEqual(i.State, before) || !reflect.DeepEqual(i.Identity, identity) {
			t.Errorf("recorded %v %v\nread     %v %v\n%s", before, identity, i.State, i.Identity, acctest.Text(d))
		}
		if again := plan(t, i, veteran); i.Changes(again) {
			t.Errorf("the plan is not empty: %s", i.Difference(again))
		}
	})
}
