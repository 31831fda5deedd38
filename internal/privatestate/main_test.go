package privatestate_test

import (
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
)

func TestMain(m *testing.M) { golden.Main(m) }

func TestValueThatCannotBeStored(t *testing.T) {
	t.Parallel()
	golden.Expect(t, golden.Of(privatestate.Store(t.Context(), nil, "snapshot", func() {})...)...)
}
