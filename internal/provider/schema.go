package provider

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

var enforcements = []string{string(migration.EnforceAtPlan), string(migration.EnforceAtApply)}

const description = "The `vap` provider manages environments of the Virtuozzo Application Platform (VAP, " +
	"formerly Jelastic) and migrates them between regions. Changing `region` of a `vap_environment` migrates " +
	"the environment with the platform's own migration engine, and the plan shows what the migration will do.\n\nThe " +
	"provider connects to a hosting provider's platform (`endpoint` and `token`). To try it without an account, " +
	"use a local platform in a folder (`local_platform`). Provider arguments override environment variables. " +
	"If the provider block sets one of the two kinds of platform, the environment variables of the other are ignored. " +
	"It is an error to set both in the provider block, or both with environment variables."

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{
				MarkdownDescription: "The URL of the platform's dashboard, for example `https://app.paas.example.com`. " +
					"A trailing slash or `/1.0/` is ignored. Plain `http` is accepted only for loopback addresses, " +
					"because it would send the token unencrypted. There is no default. Environment variable: `VAP_ENDPOINT`.",
				Optional:   true,
				Validators: []validator.String{accepted(func(v string, c *platform.Config) { c.Endpoint = v })},
			},
			"token": schema.StringAttribute{
				MarkdownDescription: "A personal access token, which you create in the dashboard under " +
					"*Settings > Access Tokens*. The token must have the methods that the provider calls. " +
					"A token that can only read is enough for planning. Prefer the environment variable `VAP_TOKEN`. " +
					"If you use a Terraform variable, make it `ephemeral` (Terraform 1.10, OpenTofu 1.11): " +
					"Terraform writes other variables into saved plans and their JSON, even `sensitive` ones. There is no default.",
				Optional:   true,
				Sensitive:  true,
				Validators: []validator.String{accepted(func(v string, c *platform.Config) { c.Token = v })},
			},
			"ca_certificate": schema.StringAttribute{
				MarkdownDescription: "PEM certificates to trust in addition to the system's, " +
					"for a platform whose certificate is signed by a private authority, for example `file(\"ca.pem\")`. " +
					"By default, the provider trusts only the system's certificates. The local platform does not use it. " +
					"Environment variable: `VAP_CA_CERTIFICATE` (the PEM text, not a file name).",
				Optional:   true,
				Validators: []validator.String{accepted(func(v string, c *platform.Config) { c.CACertificate = v })},
			},
			"app_id": schema.StringAttribute{
				MarkdownDescription: "The application ID that old platforms require in every call, " +
					"for example `1dd8d191d38fff45e62564fcf67fdcd6`. By default, the provider sends none. " +
					"Current platforms do not need one. Environment variable: `VAP_APP_ID` (not used with the local platform).",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"owner_uid": schema.Int64Attribute{
				MarkdownDescription: "The number of the account to act on, for example `1001`, if the token belongs to a member " +
					"of a collaboration and the environments belong to its owner. By default, the provider acts on the token's " +
					"own account. Environment variable: `VAP_OWNER_UID` (not used with the local platform).",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"max_concurrent_migrations": schema.Int64Attribute{
				MarkdownDescription: "The maximum number of environments that this provider " +
					"configuration migrates at the same time, for example `5`. Others wait for their turn. " +
					"At least 1; the default is 2. Terraform's `-parallelism` (default 10) also limits the number. " +
					"With `migration_policy.verify`, a migration counts until the environment has answered.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(1, 1000)},
			},
			"stop_after_failed_migrations": schema.Int64Attribute{
				MarkdownDescription: "The number of failed migrations in one apply after which the provider starts no more, " +
					"for example `3`: the next migration would most likely fail for the same reason. " +
					"`0` means no limit; the default is 1. Running migrations continue. " +
					"The count includes migrations that exceed `migration_policy.timeout`, that change what should have stayed " +
					"the same, or that fail the check of `migration_policy.verify`, but not interrupted ones.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
			"requests_per_second": schema.Int64Attribute{
				MarkdownDescription: "The number of requests per second that this provider configuration sends to the platform, " +
					"retries included, for example `5`. After a pause it sends up to as many at once. Other requests wait for their " +
					"turn; requests that only read do not wait behind requests that change something. If the platform responds with " +
					"HTTP status 429, the provider waits as long as the `Retry-After` header says. At least 1; the default is 10.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(1, 10000)},
			},
			"migration_enforcement": schema.StringAttribute{
				MarkdownDescription: "When a missing permission of `migration_policy` is an error. With `plan` (the default), " +
					"the plan fails. With `apply`, the plan passes with a warning and lists the permissions " +
					"in `planned_migration.missing_permissions`, and the apply fails before it changes anything. Use `apply` " +
					"in jobs that review plans, for example `VAP_MIGRATION_ENFORCEMENT=apply terraform plan -out=plan.bin`, " +
					"because the JSON of a failed plan does not contain the migration. No environment moves without permission. " +
					"Environment variable: `VAP_MIGRATION_ENFORCEMENT`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(enforcements...)},
			},
			"live_migration": schema.ListNestedAttribute{
				MarkdownDescription: "Corrections of the rule that decides between which regions live migration is possible. " +
					"The platform's API does not report it. The rule is: between regions of the same data centre, " +
					"if it allows migration, and between no others. If the *LM* labels in the dashboard differ, declare the pair " +
					"of regions, for example `[{ between = [\"north-standard\", \"south-standard\"], possible = true }]`. " +
					"By default, there are no corrections.",
				Optional:   true,
				Validators: []validator.List{withoutContradictions{}},
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"between": schema.ListAttribute{
							MarkdownDescription: "The unique names of two regions in any order, " +
								"for example `[\"north-standard\", \"south-standard\"]`. The correction applies in both directions.",
							ElementType: types.StringType,
							Required:    true,
							Validators: []validator.List{
								listvalidator.SizeBetween(2, 2),
								listvalidator.UniqueValues(),
								listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
							},
						},
						"possible": schema.BoolAttribute{
							MarkdownDescription: "Whether environments can migrate live between the two regions, for example `true`.",
							Required:            true,
						},
					},
				},
			},
			"prices": schema.MapNestedAttribute{
				MarkdownDescription: "Prices by the unique name of the region, for the costs in plans and in `vap_regions`, for " +
					"example `{ \"north-economy\" = { currency = \"EUR\", reserved_cloudlet = [{ from = 1, price = 0.0031 }] } }`. " +
					"An entry replaces all prices that the platform reports for the region. " +
					"By default, the provider uses the platform's prices. Many platforms do not report prices to a token.",
				Optional:     true,
				Validators:   []validator.Map{mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1))},
				NestedObject: priceObject(),
			},
			"local_platform": schema.SingleNestedAttribute{
				MarkdownDescription: "A local platform, which replaces a hosting provider's. It keeps simulated environments " +
					"in a folder, behaves like the real platform, and needs no account and no network. Use it to try the provider " +
					"and for `terraform test`. A warning says that nothing is created at a hosting provider. There is no default. " +
					"Environment variable: `VAP_LOCAL_PLATFORM` (the folder).",
				Optional: true,
				Attributes: map[string]schema.Attribute{
					"directory": schema.StringAttribute{
						MarkdownDescription: "The folder for the platform's state, for example `.vap`, " +
							"relative to the working directory. If it does not exist, the provider creates it, readable by the user only. " +
							"Several runs may share it.",
						Required:   true,
						Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"catalogue": schema.StringAttribute{
						MarkdownDescription: "The path of a JSON file that describes data centres, regions, prices and stacks, " +
							"for example `catalogue.json`. The default is a built-in catalogue with the data centres `north`, " +
							"`south` and `east`. Environment variable: `VAP_LOCAL_PLATFORM_CATALOGUE`.",
						Optional:   true,
						Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"time_scale": schema.Float64Attribute{
						MarkdownDescription: "How much faster than on a real platform operations are. " +
							"With `60`, an operation of a minute takes a second. Greater than 0; the default is 1. " +
							"Environment variable: `VAP_LOCAL_PLATFORM_TIME_SCALE`.",
						Optional:   true,
						Validators: []validator.Float64{float64validator.AtLeast(0.001)},
					},
				},
			},
		},
	}
}

func priceObject() schema.NestedAttributeObject {
	return schema.NestedAttributeObject{
		Attributes: map[string]schema.Attribute{
			"currency": schema.StringAttribute{
				MarkdownDescription: "The currency of the region's prices as an ISO 4217 code, for example `EUR`.",
				Required:            true,
				Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Z]{3}$`),
					"must be an ISO 4217 code of three capital letters, such as EUR")},
			},
			"reserved_cloudlet": tiersAttribute("one reserved cloudlet (128 MiB of memory and 400 MHz of processor, always "+
				"charged)", ""),
			"dynamic_cloudlet": tiersAttribute("one dynamic cloudlet (charged while it is used)",
				"If you leave it out, the cost of environments whose nodes may grow beyond their reserved cloudlets is not known."),
			"disk_gb":     tiersAttribute("one GB of disk", leftOut),
			"public_ipv4": tiersAttribute("one public IPv4 address", leftOut),
			"public_ipv6": tiersAttribute("one public IPv6 address", leftOut),
		},
	}
}

// leftOut says what happens if a price is not set.
const leftOut = "If you leave it out, costs exclude it."

// tiersAttribute describes the price of a unit. absent says what happens if the price is not set; it is empty if the
// price is required.
func tiersAttribute(unit, absent string) schema.ListNestedAttribute {
	required := absent == ""
	if required {
		absent = "It is required, because there is no cost without it."
	}
	return schema.ListNestedAttribute{
		MarkdownDescription: "The price of " + unit + " per hour, in tiers. The last tier whose `from` is reached sets " +
			"the price of the whole amount. For example `[{ from = 1, price = 0.0031 }, { from = 16, price = 0.0028 }]`. " +
			absent,
		Required:   required,
		Optional:   !required,
		Validators: []validator.List{listvalidator.SizeAtLeast(1), distinctTiers{}},
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"from": schema.Float64Attribute{
					MarkdownDescription: "The amount in units from which the tier applies, for example `16`. " +
						"At least 0; the default is 0.",
					Optional:   true,
					Validators: []validator.Float64{float64validator.AtLeast(0)},
				},
				"free": schema.Float64Attribute{
					MarkdownDescription: "The number of units in this tier that are free, for example `10`. " +
						"At least 0; the default is 0.",
					Optional:   true,
					Validators: []validator.Float64{float64validator.AtLeast(0)},
				},
				"price": schema.Float64Attribute{
					MarkdownDescription: "The price of one unit per hour in `currency`, for example `0.0031`. At least 0.",
					Required:            true,
					Validators:          []validator.Float64{float64validator.AtLeast(0)},
				},
			},
		},
	}
}
