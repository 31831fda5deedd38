package migrationplan

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// positiveDuration accepts durations such as "45m" or "1h30m" above zero, up to atMost if that is not zero.
type positiveDuration struct{ atMost time.Duration }

func (v positiveDuration) Description(context.Context) string {
	limit := ""
	if v.atMost > 0 {
		limit = fmt.Sprintf(" and at most %gh", v.atMost.Hours())
	}
	return `value must be a duration above zero` + limit + `, for example "45m" or "1h30m"`
}

func (v positiveDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v positiveDuration) ValidateString(
	ctx context.Context,
	req validator.StringRequest,
	resp *validator.StringResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 || v.atMost > 0 && d > v.atMost {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("Attribute %s %s, got: %s", req.Path, v.Description(ctx), req.ConfigValue.ValueString()))
	}
}
