package environment_test

import (
	"reflect"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// recordedConfig is the configuration of the recorded state, which has every attribute of the state.
func recordedConfig() map[string]any {
	return full(
		top("region", south), top("built_in_ssl", true), top("deletion_protection", true),
		top("timeouts", map[string]any{"create": "1h", "read": "10m", "update": "1h", "delete": "1h"}),
		top("migration_policy", map[string]any{
			"mode": "auto", "allow_downtime": true, "allow_ip_change": true, "allow_live_databases": true,
			"allow_live_mounts": true,
			"permit_for":        []any{south}, "database_layers": []any{"sqldb"}, "timeout": "1h",
		}),
		in("bl", "public_ipv6_count", 1),
		in("cp", "env", map[string]any{"SELF": "https://shop-prod.north.vap.test"}),
		in("worker", "volumes", map[string]any{
			"/work": map[string]any{},
			"/files": map[string]any{"source_node_group": "storage", "source_path": "/data", "protocol": "nfs",
				"read_only": true},
		}),
	)
}

// This version reads a state of each schema version, with the record of a migration. If the platform matches the
// state, the plan is empty.
func TestRecordedStates(t *testing.T) {
	t.Parallel()
	record := func(t *testing.T) *acctest.Instance {
		p := acctest.NewPlatform(t)
		config := recordedConfig()
		config["region"] = economy
		i := create(t, p, config)
		if err := p.OpenEndpoint("shop-prod", "sqldb", "MySQL", 3306); err != nil {
			t.Fatal(err)
		}
		if err := p.InstallAddOn("shop-prod", "cp", "backup", "Backup"); err != nil {
			t.Fatal(err)
		}
		if d := i.Refresh(); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		apply(t, i, recordedConfig())
		if d := i.Refresh(); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		return i
	}
	acctest.RecordedStates(t, "vap_environment", record, func(t *testing.T, i *acctest.Instance) {
		expectIdentity(t, i, "the upgrade")
		p := acctest.NewPlatform(t)
		asRecorded := recordedConfig() // from when a node group had one reserved cloudlet by default
		for _, nodeGroup := range asRecorded["node_groups"].(map[string]any) {
			if g := nodeGroup.(map[string]any); g["reserved_cloudlets"] == nil {
				g["reserved_cloudlets"] = 1
			}
		}
		create(t, p, asRecorded)
		i.Provider = p.Provider()
		if unread := plan(t, i, recordedConfig()); i.Changes(unread) {
			t.Errorf("the plan without a refresh is not empty: %s", i.Difference(unread))
		}
		i.State["app_id"] = nil // the recorded environment had another one
		before := i.State
		if d := i.Refresh(); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		for name, value := range before {
			switch name {
			case "app_id", "created_at", "nodes", "endpoints": // another environment's
				if i.State[name] == nil {
					t.Errorf("%s is gone", name)
				}
			default:
				if !reflect.DeepEqual(i.State[name], value) {
					t.Errorf("%s was %v and is %v", name, value, i.State[name])
				}
			}
		}
		if get(t, i.State, "last_migration", "to_region") != south {
			t.Error("the record of the migration is gone")
		}
		if again := plan(t, i, recordedConfig()); i.Changes(again) {
			t.Errorf("the plan is not empty: %s", i.Difference(again))
		}
	})
}
