package migrationplan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
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
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

func verifyAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "A check that the environment answers after a migration, " +
			"for example `{ path = \"/healthz\" }`. At the end of the apply, the machine that runs Terraform sends " +
			"GET requests until the response is as expected. If it never is, the apply fails, the state is up to date, " +
			"and the provider does not move the environment back. Then every plan warns, and every apply checks again, " +
			"also with an unchanged configuration, until the check succeeds or `verify` is removed. The requests " +
			"have no credentials, verify TLS certificates, use the proxies in the machine's environment variables, " +
			"and follow redirects on the same host only. The check is skipped if the environment is stopped or asleep, " +
			"or if the migration ended while no apply was waiting for it. By default, there is no check.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				MarkdownDescription: "The URL to request, for example `https://shop.example.com/healthz`. " +
					"It appears in plans and states, so it must not contain secrets. " +
					"Its host name must already lead to the environment when the migration ends. If this configuration changes " +
					"its DNS record after the migration, use `path` instead. Set either `url` or `path`.",
				Optional: true,
				Validators: []validator.String{address{},
					stringvalidator.ExactlyOneOf(path.MatchRelative().AtParent().AtName("path"))},
			},
			"path": schema.StringAttribute{
				MarkdownDescription: "The path to request on the environment's own domain after the migration, " +
					"for example `/healthz`. The check uses HTTPS if `built_in_ssl` is on. Set either `path` or `url`.",
				Optional:   true,
				Validators: []validator.String{address{path: true}},
			},
			"expected_status": schema.SetAttribute{
				MarkdownDescription: "The HTTP status codes that count as success, " +
					"for example `[200, 204]`. The default is `[200]`.",
				ElementType: types.Int64Type,
				Optional:    true,
				Validators: []validator.Set{setvalidator.SizeAtLeast(1),
					setvalidator.ValueInt64sAre(int64validator.Between(200, 599))},
			},
			"patience": schema.StringAttribute{
				MarkdownDescription: "How long to wait for the expected response, for example `5m`. " +
					"It does not count towards `timeout`. A single request times out after 10 seconds. The default is `2m`.",
				Optional:   true,
				Validators: []validator.String{tfvalue.PositiveDuration{}},
			},
		},
	}
}

// Verifies says whether the policy has a check after a move.
func Verifies(policy types.Object) bool {
	verify, ok := policy.Attributes()["verify"]
	return ok && !verify.IsNull()
}

// ReadVerification returns the policy's check after a move; nil if there is none.
func ReadVerification(
	ctx context.Context, object types.Object, env platform.Environment,
) (*migration.Verify, diag.Diagnostics) {
	if !Verifies(object) {
		return nil, nil
	}
	var model struct {
		URL            types.String `tfsdk:"url"`
		Path           types.String `tfsdk:"path"`
		ExpectedStatus []int        `tfsdk:"expected_status"`
		Patience       types.String `tfsdk:"patience"`
	}
	var policy policyModel
	diags := object.As(ctx, &policy, basetypes.ObjectAsOptions{})
	diags.Append(policy.Verify.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	slices.Sort(model.ExpectedStatus)
	verify := migration.Verify{Address: model.URL.ValueString(), Expected: model.ExpectedStatus}
	if model.URL.IsNull() {
		if env.Domain == "" {
			diags.AddAttributeError(path.Root("migration_policy").AtName("verify").AtName("path"),
				env.Name+" has moved, and the platform does not tell its domain",
				"Without a domain it is not known what to ask, so whether the environment answers as expected is not known. "+
					"Write url instead of path.")
		}
		verify.Address = env.URL() + model.Path.ValueString()
	}
	verify.Patience, _ = time.ParseDuration(model.Patience.ValueString()) // validated; zero if it is not set
	return &verify, diags
}

// NoteVerified writes the result of the check into the record of a migration, if there is one.
func NoteVerified(record types.Object, verified bool) (types.Object, diag.Diagnostics) {
	if record.IsNull() {
		return record, nil
	}
	attributes := maps.Clone(record.Attributes())
	attributes["verified"] = types.BoolValue(verified)
	return types.ObjectValue(LastType.AttrTypes, attributes)
}

// CheckFailed says whether the environment failed the check after its last migration.
func CheckFailed(record types.Object) bool {
	verified, ok := record.Attributes()["verified"].(types.Bool)
	return ok && !verified.IsNull() && !verified.IsUnknown() && !verified.ValueBool()
}

// PlanCheck returns the record of a migration whose check is repeated. Its result is known only after the apply.
func PlanCheck(record types.Object) (types.Object, diag.Diagnostics) {
	attributes := maps.Clone(record.Attributes())
	attributes["verified"] = types.BoolUnknown()
	return types.ObjectValue(LastType.AttrTypes, attributes)
}

// RepeatsCheck says whether a planned record comes from PlanCheck.
func RepeatsCheck(planned types.Object) bool {
	verified, ok := planned.Attributes()["verified"]
	return ok && verified.IsUnknown()
}

// MovedFrom is the region that the environment left in its last migration.
func MovedFrom(record types.Object) string { return recorded(record, "from_region") }

func recorded(record types.Object, attribute string) string {
	value, _ := record.Attributes()[attribute].(types.String)
	return value.ValueString()
}

// NotVerifiedYet warns, in every plan, that an environment has not passed its check since its last migration.
// Repeats says that the apply checks again.
func NotVerifiedYet(name string, record types.Object, repeats bool) diag.Diagnostic {
	next := "The apply checks again."
	if !repeats {
		next = "The check waits until the environment runs."
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("migration_policy").AtName("verify"),
		fmt.Sprintf("%s has not answered as expected since it moved to %s", name, recorded(record, "to_region")),
		"The check of migration_policy.verify failed after the migration of "+recorded(record, "finished_at")+". "+next+
			" To accept the environment as it is, remove verify from migration_policy.")
}

// NotVerified is the error of an environment that moved and did not answer as expected. Resources that use its
// addresses are not updated, because Terraform does not continue after a failure.
func NotVerified(name, from, to string, err error, leftBehind bool) diag.Diagnostic {
	at, more := path.Root("migration_policy").AtName("verify"), ""
	if leftBehind {
		more = " Resources that use its addresses were not updated; the next apply updates them."
	}
	var unhealthy *migration.UnhealthyError
	if errors.As(err, &unhealthy) {
		return diag.NewAttributeErrorDiagnostic(at, name+" has moved to "+to+" and does not answer as expected",
			diagutil.Capitalize(diagutil.Explain(err))+"\n\n"+
				fmt.Sprintf("The migration succeeded; the state is up to date, with last_migration.verified = false. Nothing "+
					"was moved back. Every apply checks again until the check succeeds.%s Find out why it does not answer. To move "+
					"it back, write region = %q.", more, from))
	}
	return diag.NewAttributeErrorDiagnostic(at, name+" has moved to "+to+", and Terraform no longer waits for its answer",
		diagutil.Capitalize(diagutil.Explain(err))+"\n\n"+
			"The migration succeeded; the state is up to date. Whether the environment answers as expected is not known. The "+
			"next apply checks again."+more)
}

// address accepts an http or https URL without user and fragment or, if path is set, only the part after the host.
type address struct{ path bool }

func (v address) Description(context.Context) string {
	if v.path {
		return `value must be a path that begins with "/", for example "/healthz"`
	}
	return `value must be an http or https URL without user name and fragment, for example ` +
		`"https://shop.example.com/healthz"`
}

func (v address) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v address) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	if v.path {
		text = "http://host" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.Contains(text, "#") || v.path && u.Host != "host" || v.path && u.Path == "" {
		// Do not show the value: it may contain a password.
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid address",
			fmt.Sprintf("Attribute %s %s.", req.Path, v.Description(ctx)))
	}
}
