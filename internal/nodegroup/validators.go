package nodegroup

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/sanitize"
)

// atLeastReserved accepts a cloudlet limit that is not below the reserved cloudlets of the same node group.
type atLeastReserved struct{}

func (atLeastReserved) Description(context.Context) string {
	return "value must be at least reserved_cloudlets"
}

func (v atLeastReserved) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v atLeastReserved) ValidateInt64(ctx context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	var reserved types.Int64
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, req.Path.ParentPath().AtName("reserved_cloudlets"), &reserved)...)
	if req.ConfigValue.ValueInt64() < reserved.ValueInt64() {
		resp.Diagnostics.AddAttributeError(req.Path, "Fewer dynamic than reserved cloudlets",
			fmt.Sprintf("%s is the limit that includes the reserved cloudlets, so it cannot be below them: "+
				"%d is below reserved_cloudlets = %d. Raise the limit or reserve fewer.", req.Path, req.ConfigValue.ValueInt64(),
				reserved.ValueInt64()))
	}
}

// mountSource accepts a local volume without a source, or a mount with everything that it requires.
type mountSource struct{}

func (mountSource) Description(context.Context) string {
	return "value must be empty for a local volume, or have protocol, source_path and one of source_node_group and " +
		"source_node_id for a mount"
}

func (v mountSource) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v mountSource) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	// An unknown value may turn out to be set or null.
	written := func(name string) bool {
		value := req.ConfigValue.Attributes()[name]
		return !value.IsNull() && !value.IsUnknown()
	}
	possible := func(name string) bool { return !req.ConfigValue.Attributes()[name].IsNull() }
	local := !written("source_node_group") && !written("source_node_id") && !written("protocol") &&
		!written("source_path") && !written("read_only")
	if !local && (!possible("source_node_group") && !possible("source_node_id") || !possible("protocol") ||
		!possible("source_path")) {
		resp.Diagnostics.AddAttributeError(req.Path, "Incomplete mount", fmt.Sprintf("%s: %s.", req.Path, v.Description(ctx)))
	}
}

// Visible refuses a text with characters that cannot be seen or shown, such as line breaks or zero-width spaces. The
// platform would return such a text in another form, and it could look like another one.
type Visible struct{}

// Description implements validator.Describer.
func (Visible) Description(context.Context) string {
	return "must not contain control characters, line breaks, invisible characters, " +
		"or U+FFFD, which the provider shows in their place"
}

// MarkdownDescription implements validator.Describer.
func (v Visible) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v Visible) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if text := req.ConfigValue.ValueString(); sanitize.IsAltered(text) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Attribute Value",
			fmt.Sprintf("Attribute %s %s, got: %q.", req.Path, v.Description(ctx), text))
	}
}
