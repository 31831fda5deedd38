package migrationplan

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

const defaultTimeZone = "UTC"

func windowAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "A weekly window in which migrations may start, for example " +
			"`{ days = [\"Sat\", \"Sun\"], start = \"22:00\", duration = \"4h\", time_zone = \"Europe/Berlin\" }`. " +
			"Outside the window, a plan shows the migration and warns when the window opens, " +
			"and the apply refuses it before it changes anything. The apply checks the clock of the machine " +
			"that runs Terraform right before the migration starts, after it has waited for its turn. " +
			"The window applies to live and offline migrations. A migration that has started continues after the window " +
			"closes, and the apply waits at any time for a migration that is already running. The default is any time.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"days": schema.SetAttribute{
				MarkdownDescription: "The days on which the window opens, from `" + strings.Join(migration.DayNames, "`, `") +
					"`. A window that crosses midnight belongs to the day on which it opens. The default is every day.",
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.OneOf(migration.DayNames...)),
				},
			},
			"start": schema.StringAttribute{
				MarkdownDescription: "The time of day when the window opens, in `time_zone`, for example `22:00`. " +
					"If the change to daylight saving time skips this time, the window opens right after the change. " +
					"If the change back repeats it, the window opens the first time.",
				Required: true,
				Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`),
					"must be a time of day from 00:00 to 23:59")},
			},
			"duration": schema.StringAttribute{
				MarkdownDescription: "How long the window stays open, for example `4h` or `90m`, at most `168h` (a week). " +
					"A change to or from daylight saving time makes it neither longer nor shorter.",
				Required:   true,
				Validators: []validator.String{tfvalue.PositiveDuration{AtMost: migration.MaxWindow}},
			},
			"time_zone": schema.StringAttribute{
				MarkdownDescription: "The IANA name of the time zone of `days` and `start`, for example `Europe/Berlin`. " +
					"The default is `" + defaultTimeZone + "`.",
				Optional:   true,
				Validators: []validator.String{timeZone{}},
			},
		},
	}
}

// readWindow reads the window of a policy, which must be known; nil if there is none.
func readWindow(ctx context.Context, object types.Object) (*migration.Window, diag.Diagnostics) {
	if object.IsNull() {
		return nil, nil
	}
	var model struct {
		Days     []string     `tfsdk:"days"`
		Start    types.String `tfsdk:"start"`
		Duration types.String `tfsdk:"duration"`
		TimeZone types.String `tfsdk:"time_zone"`
	}
	diags := object.As(ctx, &model, basetypes.ObjectAsOptions{})
	if diags.HasError() {
		return nil, diags
	}
	window, err := migration.NewWindow(model.Days, model.Start.ValueString(), model.Duration.ValueString(),
		cmp.Or(model.TimeZone.ValueString(), defaultTimeZone))
	if err != nil {
		diags.AddAttributeError(path.Root("migration_policy").AtName("window"), "Invalid window",
			diagutil.Capitalize(diagutil.EndSentence(err.Error()))+diagutil.NothingChanged)
		return nil, diags
	}
	return window, diags
}

// timeZone accepts names of the IANA time zone database.
type timeZone struct{}

func (timeZone) Description(context.Context) string {
	return `value must be the name of a time zone in the IANA database, for example "Europe/Berlin"`
}

func (v timeZone) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v timeZone) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := migration.LoadZone(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time zone",
			fmt.Sprintf("Attribute %s %s: %s.", req.Path, v.Description(ctx), err))
	}
}
