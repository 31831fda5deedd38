# An environment that does not have the shape that this provider writes is not understood.
package vap.shape_test

import data.vap.migration_test.denied
import data.vap.migration_test.environment
import data.vap.migration_test.plan

strange(change) if {
	resource := object.union(environment("vap_environment.shop", ["update"], {}), {"change": change})
	"not-understood" in denied(plan([resource]))
}

test_as_it_is_written if not strange({})

test_strange if {
	every change in [
		{"actions": ["update", "more"]},
		{"actions": ["read"]},
		{"before": {"name": ""}},
		{"before": {"region": 5}},
		{"after": {"region": null}},
		{"after": {"name": "store-prod"}},
		{"before": []},
		{"after": null},
		{"after_unknown": []},
		{"after": {"nodes": [{"id": [1]}]}},
		{"after": {"node_groups": []}},
		{"after": {"planned_migration": "soon"}},
	] {
		strange(change)
	}
}

# A region that is not known yet does not count as missing.
test_region_that_is_not_known if {
	resource := object.union(environment("vap_environment.shop", ["create"], {}), {"change": {"after": {"region": null}, "after_unknown": {"region": true}}})
	denied(plan([resource])) == set()
}

test_region_that_may_change_without_a_record if strange({"after_unknown": {"region": true}})

test_another_record if {
	record := object.union(data.vap.migration_test.quiet, {"to_region": "south-standard"})
	strange({"after": {"region": "north-performance", "planned_migration": record}})
	not strange({"after": {"region": null, "planned_migration": record}, "after_unknown": {"region": true}})
}

test_without_a_change if {
	denied(plan([object.remove(environment("vap_environment.shop", ["update"], {}), ["change"])])) == {"not-understood"}
}

test_no_op_that_changes if {
	resource := object.union(environment("vap_environment.shop", ["no-op"], {}), {"change": {"after": {"region": "south-standard"}}})
	denied(plan([resource])) == {"not-understood"}
}

# The provider's address does not matter.
test_addresses if {
	every address in [
		"registry.terraform.io/terraform-provider-vap/vap", "registry.opentofu.org/terraform-provider-vap/vap",
		"terraform.corp.example/platform/vap", "mirror.example.com/mirrored/vap", "localhost/dev/vap",
	] {
		far := object.union(data.vap.migration_test.move({"ip_change": true}), {"provider_name": address})
		denied(plan([far])) == {"ip-change"}
		foreign := object.union(far, {"change": {"before": {"size": 1}, "after": {"size": 2}}})
		denied(plan([object.union(object.remove(foreign, ["change"]), {"change": {"actions": ["update"], "before": {"size": 1}, "after": {"size": 2}}})])) == {"not-understood"}
	}
}
