package environmentdata

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/diagutil"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migrationplan"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/tfvalue"
)

type checkDataSource struct{ providerdata.DataSource }

// NewCheckDataSource returns the data source vap_migration_check.
func NewCheckDataSource() datasource.DataSource { return &checkDataSource{} }

// findingModel is a blocker or a warning.
type findingModel struct {
	Attribute string `tfsdk:"attribute"`
	Summary   string `tfsdk:"summary"`
	Detail    string `tfsdk:"detail"`
}

// Metadata implements datasource.DataSource.
func (d *checkDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_migration_check"
}

// Schema implements datasource.DataSource. The attributes are those of the resource's planned_migration and more,
// because users ask for them and do not see them in every plan.
func (d *checkDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := moveAttributes()
	name := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Required: true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
	}
	findings := func(description string) schema.ListNestedAttribute {
		return schema.ListNestedAttribute{
			MarkdownDescription: description,
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"attribute": schema.StringAttribute{
					MarkdownDescription: "The argument of `vap_environment` that the finding is about, " +
						"for example `migration_policy.allow_downtime`.",
					Computed: true,
				},
				"summary": schema.StringAttribute{MarkdownDescription: "The finding in one line.", Computed: true},
				"detail": schema.StringAttribute{MarkdownDescription: "The reason, what would happen, and what you can do.",
					Computed: true},
			}},
		}
	}
	maps.Copy(attributes, map[string]schema.Attribute{
		"environment": name("The name of the environment that would move, for example `shop-prod`. " +
			"It is an error if it does not exist."),
		"to_region": name("The unique name of the region to which it would move, for example `north-performance`. " +
			"A region that does not exist is a blocker."),
		"policy": schema.SingleNestedAttribute{
			MarkdownDescription: "What the migration may do, as in `migration_policy` of `vap_environment`. " +
				"The default permits neither downtime nor new addresses.",
			Optional:   true,
			Attributes: mirrored(checkedPolicy(), false),
		},
		"possible": schema.BoolAttribute{
			MarkdownDescription: "Whether the migration could start now: the platform would carry it out and `policy` " +
				"permits it, so there are no `blockers`. If the environment is already in `to_region`, `possible` is true " +
				"and `mode` is null. Null if the platform does not say because another operation is running on the environment: " +
				"a condition `possible == true` then fails, and `possible != false` passes.",
			Computed: true,
		},
		"blockers": findings("The reasons why the migration cannot start. Empty if there are none."),
		"warnings": findings("What to know before the migration starts, for example its downtime. " +
			"Empty if it is harmless or not possible."),
		"live_targets": schema.ListAttribute{
			MarkdownDescription: "The unique names of the usable regions to which live migration is possible from " +
				"the environment's region, in alphabetical order. The environment's layers may still prevent it.",
			ElementType: types.StringType,
			Computed:    true,
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks a migration of an environment without starting it: whether it is possible " +
			"and permitted, and if not, why; live or offline; downtime, new addresses, the expected domain, " +
			"and the cost before and after. Use it in `check` blocks, preconditions and scripts. A migration that " +
			"is not possible is not an error: `possible` is false and `blockers` lists the reasons. It is an error only " +
			"if the provider cannot make the check. If `to_region` does not exist, attributes that depend on it are null.",
		Attributes: attributes,
	}
}

// Read implements datasource.DataSource.
func (d *checkDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name, to types.String
	var configuredPolicy types.Object
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("environment"), &name)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("to_region"), &to)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("policy"), &configuredPolicy)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if problem := d.Missing("Environments"); problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	policy, diags := policyOf(ctx, configuredPolicy)
	resp.Diagnostics.Append(diags...)
	snap, diags := migrationplan.ReadSnapshot(ctx, d.Service, name.ValueString())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	a := migration.Assess(migration.Request{
		Environment: snap.WithSurroundings(), To: to.ValueString(), Policy: policy, Regions: snap.Catalog,
	})
	result, err := d.evaluate(ctx, a, policy, snap.Catalog)
	if err != nil {
		resp.Diagnostics.Append(diagutil.FromErrorAt(path.Root("environment"), name.ValueString(),
			"cannot check whether it can move to "+to.ValueString(), err, ""))
		return
	}
	all := resp.State.Schema.Type().(attr.TypeWithAttributeTypes).AttributeTypes()
	values, diags := result.values(ctx, a, policy, all)
	resp.Diagnostics.Append(diags...)
	values["environment"], values["to_region"], values["policy"] = name, to, configuredPolicy
	if resp.Diagnostics.HasError() {
		return
	}
	state, diags := types.ObjectValue(all, values)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// result says whether a migration is possible and why not; possible is null if the platform does not say.
type result struct {
	possible           types.Bool
	blockers, warnings []findingModel
}

// evaluate asks the platform and applies the policy. Its error means that the platform could not be asked.
func (d *checkDataSource) evaluate(
	ctx context.Context, a migration.Assessment, policy migration.Policy, catalog migration.RegionCatalog,
) (result, error) {
	v := result{possible: types.BoolValue(true), blockers: []findingModel{}, warnings: []findingModel{}}
	if a.From.Name == a.To.Name {
		return v, nil
	}
	if finding := catalog.CheckTarget(a.Environment.Name, a.To.Name); finding != nil {
		v.blockers = append(v.blockers, findingOf(*finding))
		v.possible = types.BoolValue(false)
		return v, nil
	}
	refused := d.Service.CheckMigration(ctx, a.Environment.Name, a.To.Name)
	if refused != nil && !isRefusal(refused) {
		return v, refused
	}
	d.Service.LookUpGroups(ctx, &a)
	findings := policy.Review(a, catalog, migration.EnforceAtPlan)
	if refused != nil {
		refusal := migrationplan.CheckRefusal(a, refused, findings)
		switch {
		case refusal == nil: // the findings contain the platform's message
		case refusal.Severity() == diag.SeverityError:
			// The consequences do not matter if the platform refuses the migration.
			v.blockers, findings = append(v.blockers, refusalOf(refusal)), nil
		default:
			v.warnings, v.possible = append(v.warnings, refusalOf(refusal)), types.BoolNull()
		}
	}
	for _, finding := range findings {
		if finding.Severity == migration.Error {
			v.blockers = append(v.blockers, findingOf(finding))
		} else {
			v.warnings = append(v.warnings, findingOf(finding))
		}
	}
	if early := policy.CheckWindow(a, d.Service.Now(), migration.Error); early != nil {
		v.blockers = append(v.blockers, findingOf(*early))
	}
	if len(v.blockers) > 0 {
		v.possible = types.BoolValue(false)
	}
	return v, nil
}

// isRefusal distinguishes the platform's refusal of a migration from a call without a response about it.
func isRefusal(err error) bool {
	switch platform.ClassOf(err) {
	case platform.ClassWrongState, platform.ClassNotAllowed, platform.ClassInvalid, platform.ClassBilling,
		platform.ClassUnclassified:
		return true
	}
	return false
}

func findingOf(f migration.Finding) findingModel {
	words := migrationplan.Describe(f)
	return findingModel{Attribute: words.Attribute.String(), Summary: words.Summary, Detail: words.Detail}
}

// refusalOf turns a diagnostic of CheckRefusal into a finding, without the last sentence, which is for plans.
func refusalOf(d diag.Diagnostic) findingModel {
	return findingModel{Attribute: "region", Summary: d.Summary(),
		Detail: strings.TrimSuffix(d.Detail(), diagutil.NothingChanged)}
}

// values are the data source's attributes except its arguments. Attributes without a value are null.
func (v result) values(
	ctx context.Context, a migration.Assessment, policy migration.Policy, all map[string]attr.Type,
) (map[string]attr.Value, diag.Diagnostics) {
	move, diags := moveValues(ctx, a, policy)
	values := tfvalue.Nulls(ctx, all)
	for name, value := range move.Attributes() {
		aboutTarget := !slices.Contains([]string{"from_region", "from_datacenter", "previous_domain", "databases", "mounts",
			"custom_domains", "cost_before"}, name)
		if a.ToKnown || !aboutTarget {
			values[name] = value
		}
	}
	set := func(name string, value any) {
		var d diag.Diagnostics
		values[name], d = types.ListValueFrom(ctx, all[name].(attr.TypeWithElementType).ElementType(), value)
		diags.Append(d...)
	}
	set("live_targets", a.LiveTargets)
	set("blockers", v.blockers)
	set("warnings", v.warnings)
	values["possible"] = v.possible
	return values, diags
}

// checkedPolicy is the part of the resource's migration_policy that decides whether a migration is permitted.
func checkedPolicy() map[string]resourceschema.Attribute {
	attributes := migrationplan.PolicyAttribute().Attributes
	for _, name := range []string{"timeout", "on_external_move", "verify"} {
		delete(attributes, name)
	}
	return attributes
}

// policyOf reads the data source's policy like the resource's migration_policy.
func policyOf(ctx context.Context, configured types.Object) (migration.Policy, diag.Diagnostics) {
	all := migrationplan.PolicyAttribute().GetType().(types.ObjectType).AttrTypes
	object := types.ObjectNull(all)
	var diags diag.Diagnostics
	if !configured.IsNull() {
		values := tfvalue.Nulls(ctx, all)
		maps.Copy(values, configured.Attributes())
		object, diags = types.ObjectValue(all, values)
	}
	policy, _, d := migrationplan.ReadPolicy(ctx, object)
	diags.Append(d...)
	return policy, diags
}
