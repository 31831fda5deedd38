package provider

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

func pointer[T any](v T) *T { return &v }

func variables(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestResolvePrefersConfiguration(t *testing.T) {
	t.Parallel()
	all := map[string]string{
		"VAP_ENDPOINT": "https://env.example.com", "VAP_TOKEN": "envtoken", "VAP_CA_CERTIFICATE": "envpem",
		"VAP_APP_ID": "envapp", "VAP_OWNER_UID": "7", "VAP_MIGRATION_ENFORCEMENT": "apply",
	}
	localEnv := map[string]string{
		"VAP_LOCAL_PLATFORM": "/env/folder", "VAP_LOCAL_PLATFORM_TIME_SCALE": "2.5",
		"VAP_LOCAL_PLATFORM_CATALOGUE": "env.json",
	}
	with := func(a, b map[string]string) map[string]string {
		merged := map[string]string{}
		for _, m := range []map[string]string{a, b} {
			for k, v := range m {
				merged[k] = v
			}
		}
		return merged
	}
	working, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		model    model
		env      map[string]string
		platform platform.Config
		local    *localplatform.Options
		enforce  migration.Enforcement
	}{
		"only environment": {
			env: all, enforce: migration.EnforceAtApply,
			platform: platform.Config{
				Endpoint: "https://env.example.com", Token: "envtoken", CACertificate: "envpem", AppID: "envapp", OwnerUID: 7,
			},
		},
		"everything configured": {
			model: model{
				Endpoint: pointer("https://hcl.example.com"), Token: pointer("hcltoken"), CACertificate: pointer("hclpem"),
				AppID: pointer("hclapp"), OwnerUID: pointer(int64(8)), MigrationEnforcement: pointer("plan"),
				RequestsPerSecond: pointer(int64(3)),
			},
			env: all, enforce: migration.EnforceAtPlan,
			platform: platform.Config{
				Endpoint: "https://hcl.example.com", Token: "hcltoken", CACertificate: "hclpem", AppID: "hclapp", OwnerUID: 8,
				RequestsPerSecond: 3,
			},
		},
		"endpoint configured, token from the environment": {
			model:    model{Endpoint: pointer("https://hcl.example.com")},
			env:      map[string]string{"VAP_TOKEN": "envtoken"},
			platform: platform.Config{Endpoint: "https://hcl.example.com", Token: "envtoken"},
		},
		"token configured, endpoint from the environment": {
			model:    model{Token: pointer("hcltoken")},
			env:      map[string]string{"VAP_ENDPOINT": "https://env.example.com"},
			platform: platform.Config{Endpoint: "https://env.example.com", Token: "hcltoken"},
		},
		"configured platform, local platform in the environment": {
			model:    model{Endpoint: pointer("https://hcl.example.com")},
			env:      with(localEnv, map[string]string{"VAP_TOKEN": "envtoken"}),
			platform: platform.Config{Endpoint: "https://hcl.example.com", Token: "envtoken"},
		},
		"configured local platform, platform in the environment": {
			model: model{LocalPlatform: &localModel{Directory: "folder", Catalogue: pointer("hcl.json"),
				TimeScale: pointer(60.0)}},
			env: with(all, localEnv), enforce: migration.EnforceAtApply,
			local: &localplatform.Options{
				Directory: filepath.Join(working, "folder"), Catalogue: "hcl.json", TimeScale: 60, Token: localplatform.OwnerToken,
			},
		},
		"configured local platform, details from the environment": {
			model: model{LocalPlatform: &localModel{Directory: "/folder"}}, env: localEnv,
			local: &localplatform.Options{Directory: "/folder", Catalogue: "env.json", TimeScale: 2.5,
				Token: localplatform.OwnerToken},
		},
		"local platform of the environment": {
			env: localEnv,
			local: &localplatform.Options{Directory: "/env/folder", Catalogue: "env.json", TimeScale: 2.5,
				Token: localplatform.OwnerToken},
		},
		"local platform ignores the environment's account": {
			model: model{LocalPlatform: &localModel{Directory: "/folder"}, OwnerUID: pointer(int64(1001)),
				AppID: pointer("hclapp")},
			env:      all,
			enforce:  migration.EnforceAtApply,
			platform: platform.Config{OwnerUID: 1001, AppID: "hclapp"},
			local:    &localplatform.Options{Directory: "/folder", Token: localplatform.OwnerToken},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, diags := resolve(test.model, variables(test.env))
			if diags.HasError() {
				t.Fatal(diags)
			}
			if !reflect.DeepEqual(s.platform, test.platform) {
				t.Errorf("platform %+v, want %+v", s.platform, test.platform)
			}
			if !reflect.DeepEqual(s.local, test.local) {
				t.Errorf("local platform %+v, want %+v", s.local, test.local)
			}
			if s.migration.Enforcement != test.enforce {
				t.Errorf("enforcement %q, want %q", s.migration.Enforcement, test.enforce)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	hosted := map[string]string{"VAP_ENDPOINT": "https://env.example.com", "VAP_TOKEN": "secretenvtoken"}
	with := func(name, value string) map[string]string {
		return map[string]string{"VAP_ENDPOINT": hosted["VAP_ENDPOINT"], "VAP_TOKEN": hosted["VAP_TOKEN"], name: value}
	}
	tests := map[string]struct {
		model model
		env   map[string]string
		at    string
	}{
		"nothing": {},
		"empty variables": {
			env: map[string]string{"VAP_ENDPOINT": "", "VAP_TOKEN": "", "VAP_LOCAL_PLATFORM": ""},
		},
		"both configured": {
			model: model{Token: pointer("t"), LocalPlatform: &localModel{Directory: "d"}},
			at:    "local_platform",
		},
		"both in the environment": {
			env: with("VAP_LOCAL_PLATFORM", "d"),
			at:  "local_platform",
		},
		"no token": {
			model: model{Endpoint: pointer("https://hcl.example.com")},
			at:    "token",
		},
		"no endpoint, local platform in the environment": {
			model: model{Token: pointer("t")}, env: map[string]string{"VAP_LOCAL_PLATFORM": "d"},
			at: "endpoint",
		},
		"owner is not a number": {
			env: with("VAP_OWNER_UID", "secretenvtoken"), at: "owner_uid",
		},
		"owner below 1": {env: with("VAP_OWNER_UID", "0"), at: "owner_uid"},
		"unknown enforcement": {
			env: with("VAP_MIGRATION_ENFORCEMENT", "never"), at: "migration_enforcement",
		},
		"time scale without local platform": {
			env: map[string]string{"VAP_LOCAL_PLATFORM": "d", "VAP_LOCAL_PLATFORM_TIME_SCALE": "0"},
			at:  "local_platform.time_scale",
		},
		"time scale is not a number": {
			env: map[string]string{"VAP_LOCAL_PLATFORM": "d", "VAP_LOCAL_PLATFORM_TIME_SCALE": "NaN"},
			at:  "local_platform.time_scale",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diags := resolve(test.model, variables(test.env))
			if diags.ErrorsCount() != 1 {
				t.Fatalf("%d errors: %v", diags.ErrorsCount(), diags)
			}
			d := diags[0]
			at := ""
			if attribute, ok := d.(diag.DiagnosticWithPath); ok {
				at = attribute.Path().String()
			}
			if at != test.at {
				t.Errorf("at %q, want %q", at, test.at)
			}
			golden.Expect(t, golden.Of(d)...)
			if strings.Contains(d.Summary()+d.Detail(), "secretenvtoken") {
				t.Errorf("a value from the environment appears: %v", d)
			}
		})
	}
}

func TestMigrationSettings(t *testing.T) {
	t.Parallel()
	s, diags := resolve(model{
		LocalPlatform:           &localModel{Directory: "/folder"},
		MaxConcurrentMigrations: pointer(int64(5)),
		StopAfterFailed:         pointer(int64(3)),
		LiveMigration:           []pairModel{{Between: []string{"a", "b"}, Possible: true}, {Between: []string{"c", "d"}}},
		Prices: map[string]priceModel{"a": {
			Currency:         "EUR",
			ReservedCloudlet: []tierModel{{From: pointer(16.0), Price: 0.2}, {Price: 0.3, Free: pointer(4.0)}},
			DiskGB:           []tierModel{{From: pointer(1.0), Price: 0.1}},
		}},
	}, variables(nil))
	if diags.HasError() {
		t.Fatal(diags)
	}
	want := migration.Settings{
		MaxConcurrent:   5,
		StopAfterFailed: 3,
		LivePairs:       []migration.LivePair{{A: "a", B: "b", Possible: true}, {A: "c", B: "d"}},
		Prices: map[string]platform.Prices{"a": {
			Currency:         "EUR",
			ReservedCloudlet: []platform.Tier{{Free: 4, Price: 0.3}, {From: 16, Price: 0.2}},
			DiskGB:           []platform.Tier{{From: 1, Price: 0.1}},
		}},
	}
	if !reflect.DeepEqual(s.migration, want) {
		t.Errorf("settings %+v, want %+v", s.migration, want)
	}
}
