package tfvalue

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// PositiveDuration accepts durations such as "45m" or "1h30m" above zero, up to AtMost unless that is zero.
type PositiveDuration struct{ AtMost time.Duration }

// Description implements validator.Describer.
func (v PositiveDuration) Description(context.Context) string {
	limit := ""
	if v.AtMost > 0 {
		limit = fmt.Sprintf(" and at most %gh", v.AtMost.Hours())
	}
	return `value must be a duration above zero` + limit + `, for example "45m" or "1h30m"`
}

// MarkdownDescription implements validator.Describer.
func (v PositiveDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v PositiveDuration) ValidateString(
	ctx context.Context,
	req validator.StringRequest,
	resp *validator.StringResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 ||
		v.AtMost > 0 && d > v.AtMost {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("Attribute %s %s, got: %s", req.Path, v.Description(ctx), req.ConfigValue.ValueString()))
	}
}

// PositiveTimeouts accepts only durations above zero for the timeouts of a resource: with a timeout of zero, its step
// would fail after the steps before it had been carried out.
func PositiveTimeouts(attribute schema.Attribute) schema.Attribute {
	nested, ok := attribute.(schema.SingleNestedAttribute)
	if !ok {
		return attribute
	}
	for name, a := range nested.Attributes {
		if text, ok := a.(schema.StringAttribute); ok {
			text.Validators = []validator.String{PositiveDuration{}}
			nested.Attributes[name] = text
		}
	}
	return nested
}
