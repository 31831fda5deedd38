package provider

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// model is the provider block. It is read only when every value is known.
type model struct {
	Endpoint                *string               `tfsdk:"endpoint"`
	Token                   *string               `tfsdk:"token"`
	CACertificate           *string               `tfsdk:"ca_certificate"`
	AppID                   *string               `tfsdk:"app_id"`
	OwnerUID                *int64                `tfsdk:"owner_uid"`
	MaxConcurrentMigrations *int64                `tfsdk:"max_concurrent_migrations"`
	StopAfterFailed         *int64                `tfsdk:"stop_after_failed_migrations"`
	RequestsPerSecond       *int64                `tfsdk:"requests_per_second"`
	MigrationEnforcement    *string               `tfsdk:"migration_enforcement"`
	LiveMigration           []pairModel           `tfsdk:"live_migration"`
	Prices                  map[string]priceModel `tfsdk:"prices"`
	LocalPlatform           *localModel           `tfsdk:"local_platform"`
}

const defaultStopAfterFailed = 1

type pairModel struct {
	Between  []string `tfsdk:"between"`
	Possible bool     `tfsdk:"possible"`
}

type priceModel struct {
	Currency         string      `tfsdk:"currency"`
	ReservedCloudlet []tierModel `tfsdk:"reserved_cloudlet"`
	DynamicCloudlet  []tierModel `tfsdk:"dynamic_cloudlet"`
	DiskGB           []tierModel `tfsdk:"disk_gb"`
	PublicIPv4       []tierModel `tfsdk:"public_ipv4"`
	PublicIPv6       []tierModel `tfsdk:"public_ipv6"`
}

type tierModel struct {
	From  *float64 `tfsdk:"from"`
	Free  *float64 `tfsdk:"free"`
	Price float64  `tfsdk:"price"`
}

type localModel struct {
	Directory string   `tfsdk:"directory"`
	Catalogue *string  `tfsdk:"catalogue"`
	TimeScale *float64 `tfsdk:"time_scale"`
}

// bothForms shows both ways to configure the provider.
const bothForms = `Write either a hosting provider's platform:

    provider "vap" {
      endpoint = "https://app.paas.example.com" # or VAP_ENDPOINT, and the token in VAP_TOKEN
    }

or a local platform, which needs no account and creates nothing at a hosting provider:

    provider "vap" {
      local_platform = { directory = ".vap" } # or VAP_LOCAL_PLATFORM
    }`

// settings combine the configuration and the environment variables.
type settings struct {
	platform  platform.Config
	migration migration.Settings
	// local, if not nil, is the local platform to use instead of a hosting provider's platform.
	local *localplatform.Options
	// origins maps an argument to the environment variable that its value comes from.
	origins map[string]string

	getenv func(string) string
	diags  diag.Diagnostics
}

// resolve combines the configuration and the environment variables: provider arguments override environment variables.
// If the configuration names a platform, environment variables do not change which one is used.
func resolve(m model, getenv func(string) string) (*settings, diag.Diagnostics) {
	s := &settings{origins: map[string]string{}, getenv: getenv}
	hosted, local := m.Endpoint != nil || m.Token != nil, m.LocalPlatform != nil
	hint := ""
	if !hosted && !local {
		hosted = getenv("VAP_ENDPOINT") != "" || getenv("VAP_TOKEN") != ""
		local = getenv("VAP_LOCAL_PLATFORM") != ""
		hint = "The environment variable VAP_LOCAL_PLATFORM is set as well as VAP_ENDPOINT or VAP_TOKEN. "
	}
	switch {
	case hosted && local:
		s.diags.AddAttributeError(path.Root("local_platform"), "Both a hosting provider's platform and a local platform "+
			"are configured",
			hint+"Keep one of them. "+bothForms)
	case hosted:
		s.hosted(m)
	case local:
		s.localPlatform(m)
	default:
		s.diags.AddError("No platform is configured", bothForms)
	}
	if m.RequestsPerSecond != nil {
		s.platform.RequestsPerSecond = float64(*m.RequestsPerSecond)
	}
	s.migrationSettings(m)
	return s, s.diags
}

// hosted reads the arguments for a hosting provider's platform.
func (s *settings) hosted(m model) {
	s.platform.Endpoint = s.text("endpoint", m.Endpoint, "VAP_ENDPOINT")
	s.platform.Token = s.text("token", m.Token, "VAP_TOKEN")
	s.platform.CACertificate = s.text("ca_certificate", m.CACertificate, "VAP_CA_CERTIFICATE")
	s.platform.AppID = s.text("app_id", m.AppID, "VAP_APP_ID")
	if m.Endpoint == nil && s.platform.Endpoint == "" {
		s.diags.AddAttributeError(path.Root("endpoint"), "The platform's endpoint is missing",
			"A token is given, but neither the argument endpoint nor the environment variable VAP_ENDPOINT says to which "+
				"platform it belongs. "+
				`Write the address of the platform's dashboard: endpoint = "https://app.paas.example.com".`)
	}
	if m.Token == nil && s.platform.Token == "" {
		s.diags.AddAttributeError(path.Root("token"), "The platform's token is missing",
			"An endpoint is given, but neither the argument token nor the environment variable VAP_TOKEN is set. "+
				"Create a personal access token in the platform's dashboard and put it into VAP_TOKEN.")
	}
	if m.OwnerUID != nil {
		s.platform.OwnerUID = *m.OwnerUID
	} else if text := s.text("owner_uid", nil, "VAP_OWNER_UID"); text != "" {
		uid, err := strconv.ParseInt(text, 10, 64)
		if err != nil || uid < 1 {
			s.wrongVariable(path.Root("owner_uid"), "VAP_OWNER_UID", "the number of an account, such as 1001")
		}
		s.platform.OwnerUID = uid
	}
}

// localPlatform reads the arguments of the local platform. Environment variables for a hosting provider's platform do
// not apply to it.
func (s *settings) localPlatform(m model) {
	local := m.LocalPlatform
	if local == nil {
		local = &localModel{Directory: s.text("local_platform", nil, "VAP_LOCAL_PLATFORM")}
	}
	directory, err := filepath.Abs(local.Directory)
	if err != nil { // the working directory no longer exists
		directory = local.Directory
	}
	s.local = &localplatform.Options{
		Directory: directory,
		Catalogue: s.text("local_platform.catalogue", local.Catalogue, "VAP_LOCAL_PLATFORM_CATALOGUE"),
		// The user's catalogue does not have this token; the local platform adds it to the first account.
		Token: localplatform.OwnerToken,
	}
	if local.TimeScale != nil {
		s.local.TimeScale = *local.TimeScale
	} else if text := s.text("local_platform.time_scale", nil, "VAP_LOCAL_PLATFORM_TIME_SCALE"); text != "" {
		scale, err := strconv.ParseFloat(text, 64)
		if err != nil || !(scale > 0) || math.IsInf(scale, 0) {
			s.wrongVariable(path.Root("local_platform").AtName("time_scale"), "VAP_LOCAL_PLATFORM_TIME_SCALE",
				"a number greater than 0, such as 60")
		}
		s.local.TimeScale = scale
	}
	if m.AppID != nil {
		s.platform.AppID = *m.AppID
	}
	if m.OwnerUID != nil {
		s.platform.OwnerUID = *m.OwnerUID
	}
}

func (s *settings) migrationSettings(m model) {
	s.migration.Enforcement = migration.Enforcement(s.text("migration_enforcement", m.MigrationEnforcement,
		"VAP_MIGRATION_ENFORCEMENT"))
	if m.MigrationEnforcement == nil && !slices.Contains(enforcements, string(s.migration.Enforcement)) &&
		s.migration.Enforcement != "" {
		s.wrongVariable(path.Root("migration_enforcement"), "VAP_MIGRATION_ENFORCEMENT", strings.Join(enforcements, " or "))
	}
	if m.MaxConcurrentMigrations != nil {
		s.migration.MaxConcurrent = int(*m.MaxConcurrentMigrations)
	}
	s.migration.StopAfterFailed = defaultStopAfterFailed
	if m.StopAfterFailed != nil {
		s.migration.StopAfterFailed = int(*m.StopAfterFailed)
	}
	for _, p := range m.LiveMigration {
		s.migration.LivePairs = append(s.migration.LivePairs,
			migration.LivePair{A: p.Between[0], B: p.Between[1], Possible: p.Possible})
	}
	if len(m.Prices) > 0 {
		s.migration.Prices = make(map[string]platform.Prices, len(m.Prices))
	}
	for region, p := range m.Prices {
		s.migration.Prices[region] = platform.Prices{
			Currency:         p.Currency,
			ReservedCloudlet: tiers(p.ReservedCloudlet),
			DynamicCloudlet:  tiers(p.DynamicCloudlet),
			DiskGB:           tiers(p.DiskGB),
			PublicIPv4:       tiers(p.PublicIPv4),
			PublicIPv6:       tiers(p.PublicIPv6),
		}
	}
}

func tiers(models []tierModel) []platform.Tier {
	var result []platform.Tier
	for _, m := range models {
		t := platform.Tier{Price: m.Price}
		if m.From != nil {
			t.From = *m.From
		}
		if m.Free != nil {
			t.Free = *m.Free
		}
		result = append(result, t)
	}
	slices.SortFunc(result, func(a, b platform.Tier) int { return cmp.Compare(a.From, b.From) })
	return result
}

// text returns an argument's value if it is set, otherwise the environment variable's; an empty variable counts as
// unset.
func (s *settings) text(argument string, value *string, variable string) string {
	if value != nil {
		return *value
	}
	text := s.getenv(variable)
	if text != "" {
		s.origins[argument] = variable
	}
	return text
}

// wrongVariable does not show the value: a user may have put a secret into the wrong variable.
func (s *settings) wrongVariable(at path.Path, variable, wanted string) {
	s.diags.AddAttributeError(at, "The environment variable "+variable+" is not usable",
		fmt.Sprintf("It must be %s. Correct or unset it, or write the argument %s in the provider block.", wanted, at))
}

// unusable turns an error of the client into a diagnostic at the argument.
func (s *settings) unusable(err error) diag.Diagnostic {
	var wrong *platform.ConfigError
	if !errors.As(err, &wrong) {
		return diag.NewErrorDiagnostic("The provider cannot be configured", sentence(err.Error()))
	}
	argument := argumentOf[wrong.Field]
	detail := advice(wrong)
	if variable, ok := s.origins[argument]; ok {
		detail += " The value comes from the environment variable " + variable + "."
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(argument), notUsable(wrong), detail)
}

// localPath returns the attribute that selected the local platform; empty if a variable did.
func (s *settings) localPath() path.Path {
	if _, ok := s.origins["local_platform"]; ok {
		return path.Empty()
	}
	return path.Root("local_platform")
}

// localOrigin names what selected the local platform.
func (s *settings) localOrigin() string {
	if variable, ok := s.origins["local_platform"]; ok {
		return "the environment variable " + variable
	}
	return "the argument local_platform"
}

// sentence gives a text a capital letter and a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimRight(text[size:], ". ") + "."
}
