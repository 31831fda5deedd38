package glob_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/glob"
)

func TestPasses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		pattern, name string
		want          bool
	}{
		{"shop-prod", "shop-prod", true},
		{"shop-*", "shop-prod", true},
		{"*", "shop-prod", true},
		{"*-prod", "shop-prod", true},
		{"shop", "shop-prod", false},
		{"prod", "shop-prod", false},
		{"SHOP-*", "shop-prod", false},
		{"shop-?", "shop-1", true},
		{"shop-?", "shop-10", false},
		{"shop-[1-3]", "shop-2", true},
		{"shop-[1-3]", "shop-4", false},
		{"shop.*", "shop-prod", false},
		{"shop-[", "shop-[", false},
	} {
		if got := glob.Passes(types.StringValue(row.pattern), row.name); got != row.want {
			t.Errorf("%q matches %q: %t", row.pattern, row.name, got)
		}
	}
	if !glob.Passes(types.StringNull(), "shop-prod") {
		t.Error("a null pattern filters")
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for pattern, valid := range map[string]bool{"shop-*": true, `a\*`: true, "[a-c]?": true, "": false, "shop-[": false,
		`shop\`: false, "[]": false} {
		var resp validator.StringResponse
		glob.Valid().ValidateString(t.Context(),
			validator.StringRequest{Path: path.Root("name_pattern"), ConfigValue: types.StringValue(pattern)}, &resp)
		if resp.Diagnostics.HasError() == valid {
			t.Errorf("%q: %v", pattern, resp.Diagnostics)
		}
	}
	for _, unset := range []types.String{types.StringNull(), types.StringUnknown()} {
		var resp validator.StringResponse
		if glob.Valid().ValidateString(t.Context(), validator.StringRequest{ConfigValue: unset},
			&resp); resp.Diagnostics.HasError() {
			t.Errorf("%s: %v", unset, resp.Diagnostics)
		}
	}
}
