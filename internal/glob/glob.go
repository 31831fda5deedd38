// Package glob implements the patterns with which data sources filter names: * matches any characters, ? matches
// one, [a-c] matches one of these, and everything else matches itself. A pattern must match the whole name and is
// case-sensitive.
package glob

import (
	"context"
	"fmt"
	"path"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Description explains patterns in the documentation of an attribute.
const Description = "`*` matches any characters, `?` matches one, and `[a-c]` matches one of these. The pattern " +
	"must match the whole name."

// Passes says whether a name matches a pattern; a null pattern matches every name. A pattern that Valid does not
// accept matches nothing.
func Passes(pattern types.String, name string) bool {
	if pattern.IsNull() {
		return true
	}
	matches, err := path.Match(pattern.ValueString(), name)
	return err == nil && matches
}

// Valid accepts patterns that are well-formed and not empty.
func Valid() validator.String { return valid{} }

type valid struct{}

func (valid) Description(context.Context) string {
	return `value must be a pattern such as "shop-*"; a bracket or backslash needs its partner`
}

func (v valid) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v valid) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	pattern := req.ConfigValue.ValueString()
	if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid pattern",
			fmt.Sprintf("Attribute %s %s, got: %q", req.Path, v.Description(ctx), pattern))
	}
}
