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

const description = "The `vap` provider manages environments of the Virtuozzo Application Platform (VAP, formerly Jelastic) and moves them " +
	"between environment regions: changing `region` of a `vap_environment` migrates the environment with the platform's own " +
	"migration engine, and the plan says beforehand what that migration will do.\n\n" +
	"It needs a hosting provider's platform (`endpoint` and `token`) or, to try it without an account, a local platform in a " +
	"folder (`local_platform`). What is written in the provider block goes before the environment variables. Which of the two " +
	"kinds of platform is used is decided by the provider block alone as soon as it names one; writing both, or setting the " +
	"environment variables of both, is an error."

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{
				MarkdownDescription: "The address of the platform's dashboard, for example `https://app.paas.example.com`. A trailing slash or " +
					"`/1.0/` is tolerated. Plain `http` is accepted on loopback addresses only, because it would send the token " +
					"unencrypted. There is no default. Environment variable: `VAP_ENDPOINT`.",
				Optional:   true,
				Validators: []validator.String{accepted(func(v string, c *platform.Config) { c.Endpoint = v })},
			},
			"token": schema.StringAttribute{
				MarkdownDescription: "A personal access token, made in the dashboard under *Settings > Access Tokens*. The token must hold the " +
					"methods that the provider calls; a token without the writing ones is enough for planning. Prefer the environment variable " +
					"`VAP_TOKEN`: a variable has to be `ephemeral` (Terraform 1.10, OpenTofu 1.11), or Terraform writes its value into saved plans " +
					"and their JSON, `sensitive` or not. There is no default.",
				Optional:   true,
				Sensitive:  true,
				Validators: []validator.String{accepted(func(v string, c *platform.Config) { c.Token = v })},
			},
			"ca_certificate": schema.StringAttribute{
				MarkdownDescription: "Certificates in PEM form, trusted besides the system's own, for a platform whose certificate a private " +
					"authority has signed, for example `file(\"ca.pem\")`. The default is to trust the system's certificates only. The local " +
					"platform does not use it. Environment variable: `VAP_CA_CERTIFICATE` (the PEM text itself, not a file name).",
				Optional:   true,
				Validators: []validator.String{accepted(func(v string, c *platform.Config) { c.CACertificate = v })},
			},
			"app_id": schema.StringAttribute{
				MarkdownDescription: "The application ID that old platforms want with every call, for example " +
					"`1dd8d191d38fff45e62564fcf67fdcd6`. By default none is sent, which is right for every present platform. " +
					"Environment variable: `VAP_APP_ID` (not used with the local platform).",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"owner_uid": schema.Int64Attribute{
				MarkdownDescription: "The number of the account to act on, for example `1001`, where the token belongs to a member of a " +
					"collaboration and the environments to its owner. By default the provider acts on the token's own account. " +
					"Environment variable: `VAP_OWNER_UID` (not used with the local platform).",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"max_concurrent_migrations": schema.Int64Attribute{
				MarkdownDescription: "How many environments this provider configuration migrates at the same time, for example `5`; the others " +
					"wait for their turn. At least 1; the default is 2. Terraform's `-parallelism` (10 by default) limits it too. A migration " +
					"that `migration_policy.verify` has verified is over when the environment has answered.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(1, 1000)},
			},
			"stop_after_failed_migrations": schema.Int64Attribute{
				MarkdownDescription: "After how many failed migrations of one apply no further one is begun, for example `3`: what one environment ran into, the next " +
					"most probably runs into, too. `0` means never; the default is 1. Migrations that run already go on. " +
					"A migration that ran out of `migration_policy.timeout`, one that changed what was to stay, and an environment that does not answer as " +
					"`migration_policy.verify` wants count, too; one that was interrupted does not.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
			"requests_per_second": schema.Int64Attribute{
				MarkdownDescription: "The greatest number of requests that this provider configuration sends to the platform in any second, " +
					"repetitions included, for example `5`. The others wait for their turn. A platform that answers with HTTP status 429 and " +
					"`Retry-After` is left alone for that long. At least 1; the default is 10.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(1, 10000)},
			},
			"migration_enforcement": schema.StringAttribute{
				MarkdownDescription: "When a permission that a migration needs and `migration_policy` does not give is an error: `plan` (the " +
					"default) fails the plan; `apply` lets the plan pass with a warning and lists the permissions in " +
					"`planned_migration.missing_permissions`, and the apply then refuses before it writes anything. `apply` is for " +
					"jobs that review plans, for example `VAP_MIGRATION_ENFORCEMENT=apply terraform plan -out=plan.bin`, because a " +
					"failed plan leaves the migration out of its JSON. Nothing ever moves without permission. Environment variable: " +
					"`VAP_MIGRATION_ENFORCEMENT`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(enforcements...)},
			},
			"live_migration": schema.ListNestedAttribute{
				MarkdownDescription: "Corrections of the rule by which the provider knows between which regions live migration is possible. The " +
					"platform does not tell; the rule is: between the regions of one data centre that allows migration, and between no " +
					"others. Where the dashboard's *LM* labels say otherwise, declare the pair, for example " +
					"`[{ between = [\"north-standard\", \"south-standard\"], possible = true }]`. The default is no corrections.",
				Optional:   true,
				Validators: []validator.List{withoutContradictions{}},
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"between": schema.ListAttribute{
							MarkdownDescription: "The unique names of two different regions, in any order: the correction holds in both directions. " +
								"For example `[\"north-standard\", \"south-standard\"]`.",
							ElementType: types.StringType,
							Required:    true,
							Validators: []validator.List{
								listvalidator.SizeBetween(2, 2),
								listvalidator.UniqueValues(),
								listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
							},
						},
						"possible": schema.BoolAttribute{
							MarkdownDescription: "Whether environments can move live between the two regions, for example `true`.",
							Required:            true,
						},
					},
				},
			},
			"prices": schema.MapNestedAttribute{
				MarkdownDescription: "Prices by the unique name of the region, for the costs that plans and `vap_regions` show, for example " +
					"`{ \"north-economy\" = { currency = \"EUR\", reserved_cloudlet = [{ from = 1, price = 0.0031 }] } }`. A region's " +
					"entry replaces everything the platform says about the region's prices. By default the platform's own prices are used " +
					"as far as it tells them; many platforms tell a token none.",
				Optional:     true,
				Validators:   []validator.Map{mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1))},
				NestedObject: priceObject(),
			},
			"local_platform": schema.SingleNestedAttribute{
				MarkdownDescription: "Use a local platform instead of a hosting provider's: it keeps imaginary environments in a folder, answers " +
					"like the real platform, and needs no account and no network. It is for trying the provider and for `terraform test`. " +
					"A warning says that nothing is created at a hosting provider. There is no default. Environment variable: " +
					"`VAP_LOCAL_PLATFORM` (the folder).",
				Optional: true,
				Attributes: map[string]schema.Attribute{
					"directory": schema.StringAttribute{
						MarkdownDescription: "The folder that holds the platform's state, for example `.vap`; relative to the working directory. It " +
							"is created, readable by the user only, if it does not exist. Several runs may share it.",
						Required:   true,
						Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"catalogue": schema.StringAttribute{
						MarkdownDescription: "The path of a JSON file that describes data centres, regions, prices and stacks, for example " +
							"`catalogue.json`. The default is a built-in catalogue with the data centres `north`, `south` and `east`. " +
							"Environment variable: `VAP_LOCAL_PLATFORM_CATALOGUE`.",
						Optional:   true,
						Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"time_scale": schema.Float64Attribute{
						MarkdownDescription: "How much faster than on a real platform operations are: with `60`, what takes a minute there takes a " +
							"second. Greater than 0; the default is 1. Environment variable: `VAP_LOCAL_PLATFORM_TIME_SCALE`.",
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
			"reserved_cloudlet": tiersAttribute("one reserved cloudlet (128 MiB of memory and 400 MHz of processor, paid whether used or not)", ""),
			"dynamic_cloudlet": tiersAttribute("one dynamic cloudlet (paid while it is used)",
				"If it is not written, an environment whose nodes may grow beyond their reserved cloudlets has no known cost."),
			"disk_gb":     tiersAttribute("one GB of disk", leftOut),
			"public_ipv4": tiersAttribute("one public IPv4 address", leftOut),
			"public_ipv6": tiersAttribute("one public IPv6 address", leftOut),
		},
	}
}

// leftOut is what follows from a price that is not written.
const leftOut = "If it is not written, the price is unknown and left out of costs."

// tiersAttribute describes the price of a unit; absent says what follows if it is not written, empty if it must be.
func tiersAttribute(unit, absent string) schema.ListNestedAttribute {
	required := absent == ""
	if required {
		absent = "Without it there is no cost to show, so it must be written."
	}
	return schema.ListNestedAttribute{
		MarkdownDescription: "The price of " + unit + " per hour, in tiers: the last tier whose `from` is reached prices the whole amount. " +
			"For example `[{ from = 1, price = 0.0031 }, { from = 16, price = 0.0028 }]`. " + absent,
		Required:   required,
		Optional:   !required,
		Validators: []validator.List{listvalidator.SizeAtLeast(1), distinctTiers{}},
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"from": schema.Float64Attribute{
					MarkdownDescription: "The amount from which on the tier holds, in units, for example `16`. At least 0; the default is 0.",
					Optional:            true,
					Validators:          []validator.Float64{float64validator.AtLeast(0)},
				},
				"free": schema.Float64Attribute{
					MarkdownDescription: "How many units of the amount cost nothing in this tier, for example `10`. At least 0; the default is 0.",
					Optional:            true,
					Validators:          []validator.Float64{float64validator.AtLeast(0)},
				},
				"price": schema.Float64Attribute{
					MarkdownDescription: "The price of one unit per hour in the price's currency, for example `0.0031`. At least 0.",
					Required:            true,
					Validators:          []validator.Float64{float64validator.AtLeast(0)},
				},
			},
		},
	}
}
