# Each test changes one thing in a plan without findings, and expects exactly the finding of its rule.
package vap.migration_test

import data.vap.migration

# quiet is the record of a live migration without findings.
quiet := {
	"mode": "live",
	"reason": null,
	"trigger": null,
	"from_region": "north-economy",
	"to_region": "north-performance",
	"downtime": false,
	"ip_change": false,
	"domain_change": false,
	"expected_domain": null,
	"databases": null,
	"mounts": null,
	"custom_domains": null,
	"dependents": null,
	"add_ons": null,
	"missing_permissions": null,
	"hourly_cost_before": 0.1,
	"hourly_cost_after": 0.1,
	"currency": "EUR",
	"cost_excludes": null,
}

# move is a change of an environment that migrates; its record is quiet except for the given attributes.
move(planned) := environment("vap_environment.shop", ["update"], {
	"region": object.union(quiet, planned).to_region,
	"migration_policy": null,
	"planned_migration": object.union(quiet, planned),
})

# environment is a change of an environment that is in north-economy before, unless the change creates it.
environment(address, actions, after) := {
	"address": address,
	"mode": "managed",
	"type": "vap_environment",
	"provider_name": "registry.terraform.io/terraform-provider-vap/vap",
	"change": {"actions": actions, "before": before_of(actions), "after": after_of(actions, after), "after_unknown": {}},
}

before_of(actions) := null if {
	actions == ["create"]
} else := {"name": "shop-prod", "region": "north-economy", "domain": "shop.north.example.com"}

# A "no-op" has the same values before and after.
after_of(actions, after) := null if {
	actions == ["delete"]
} else := before_of(actions) if {
	actions == ["no-op"]
} else := object.union({"name": "shop-prod", "region": "north-economy"}, after)

plan(changes) := {
	"format_version": "1.2",
	"errored": false,
	"complete": true,
	"planned_values": {"root_module": {}},
	"resource_changes": changes,
}

denied(document) := {finding.rule |
	some finding in migration.deny with input as document
}

warned(document) := {finding.rule |
	some finding in migration.warn with input as document
}

is_quiet(document) if {
	denied(document) == set()
	warned(document) == set()
}

only_denied(document, rule) if {
	denied(document) == {rule}
	warned(document) == set()
}

only_warned(document, rule) if {
	denied(document) == set()
	warned(document) == {rule}
}

# --- No findings.

test_live_move if is_quiet(plan([move({})]))

test_plan_without_resources if is_quiet(object.remove(plan([]), ["resource_changes"]))

test_create if is_quiet(plan([environment("vap_environment.new", ["create"], {"planned_migration": null})]))

test_rename if is_quiet(plan([in_regions("north-economy", {"region": "north-economy", "planned_migration": null})]))

# With -refresh=false, the state still has the record of a finished migration.
test_record_of_a_done_migration if {
	record := {"planned_migration": object.union(quiet, {"downtime": true})}
	shop := environment("vap_environment.shop", ["no-op"], {})
	is_quiet(plan([object.union(shop, {"change": {"before": record, "after": record}})]))
}

test_other_resources if {
	deleted := object.union(environment("other.shop", ["delete"], null), {"type": "other"})
	read := object.union(move({"downtime": true}), {"mode": "data", "address": "data.vap_environment.shop"})
	is_quiet(plan([deleted, read]))
}

test_stopped_environment if is_quiet(plan([move({"mode": "offline", "reason": "environment_stopped"})]))

# --- Input.

test_no_input if denied({}) == {"input"}

test_state_is_no_plan if denied({"format_version": "1.0", "terraform_version": "1.11.4", "values": {}}) == {"input"}

test_newer_format if denied(object.union(plan([]), {"format_version": "2.0"})) == {"input"}

test_older_format if denied(object.union(plan([]), {"format_version": "0.2"})) == {"input"}

test_changes_are_no_list if denied(object.union(plan([]), {"resource_changes": null})) == {"input"}

test_format_is_no_text if denied(object.union(plan([]), {"format_version": 1.2})) == {"input"}

test_errored_plan if only_denied(object.union(plan([move({})]), {"errored": true, "complete": false}), "errored")

test_incomplete_plan if only_denied(object.union(plan([move({})]), {"complete": false}), "incomplete")

# OpenTofu's JSON does not say that a plan was made with -target.
test_targeted_plan if only_denied(object.union(plan([move({})]), state_of(["vap_environment.shop", "vap_environment.other"])), "incomplete")

test_targeted_plan_without_other_environments if {
	record := {"address": "terraform_data.record", "mode": "managed", "type": "terraform_data"}
	only_denied(object.union(plan([move({})]), state([record])), "incomplete")
}

test_plan_of_everything if is_quiet(object.union(plan([move({})]), state_of([plan([move({})]).resource_changes[0].address])))

test_plan_with_renamed_environment if {
	renamed := object.union(move({}), {"previous_address": "vap_environment.old"})
	is_quiet(object.union(plan([renamed]), state_of(["vap_environment.old"])))
}

test_plan_with_deferred_environment if {
	later := {"deferred_changes": [{"resource_change": {"address": "vap_environment.later"}}]}
	is_quiet(object.union_n([plan([move({})]), state_of(["vap_environment.later"]), later]))
}

test_refresh_alone if is_quiet(object.union(plan([]), state_of(["vap_environment.shop"])))

# Things in the state that have no change even in a complete plan.
test_plan_of_what_matters if {
	every other in [{"mode": "data"}, {"deposed_key": "byebye"}, {"mode": "data", "values": {"mode": "managed", "address": "x"}}] {
		resource := object.union({"address": "module.a.vap_environment.b", "mode": "managed", "type": "vap_environment"}, other)
		is_quiet(object.union(plan([move({})]), state([resource])))
	}
}

test_errored_plan_leaves_out if {
	failed := object.union(plan([move({})]), state_of(["vap_environment.other"]))
	only_denied(object.union(failed, {"errored": true}), "errored")
}

state_of(addresses) := state([resource |
	some address in addresses
	resource := {"address": address, "mode": "managed", "type": "vap_environment"}
])

state(resources) := {"prior_state": {"values": {"root_module": {"child_modules": [{"resources": resources}]}}}}

# Older versions write neither attribute.
test_plan_of_an_older_version if is_quiet(object.remove(plan([move({})]), ["errored", "complete"]))

# --- Migrations.

test_offline if {
	only_denied(plan([within_a_window(move({"mode": "offline", "reason": "database", "downtime": true}))]), "offline")
}

test_ip_change if only_denied(plan([move({"ip_change": true})]), "ip-change")

test_domain_change if {
	only_denied(plan([move({"domain_change": true, "expected_domain": "shop.south.example.com"})]), "domain-change")
}

test_domain_change_to_one_that_is_not_known if {
	some finding in migration.deny with input as plan([move({"domain_change": true, "expected_domain": null})])
	contains(finding.msg, "shop.north.example.com → (not known)")
}

test_live_database if only_denied(plan([move({"databases": ["sqldb"]})]), "live-database")

test_live_mounts if only_warned(plan([move({"mounts": ["cp"]})]), "live-mounts")

test_offline_move_of_databases_and_mounts if {
	is_quiet(plan([move({"mode": "offline", "reason": "requested", "databases": ["sqldb"], "mounts": ["cp"]})]))
}

test_external_move if only_denied(plan([move({"trigger": "external_move"})]), "external-move")

test_in_progress if only_warned(plan([move({"trigger": "in_progress"})]), "in-progress")

test_missing_permission if only_denied(plan([move({"missing_permissions": ["allow_live_mounts"]})]), "missing-permission")

# A permission cannot stop a running migration.
test_permission_of_what_goes_on if {
	only_warned(plan([move({"trigger": "in_progress", "missing_permissions": ["allow_downtime"]})]), "in-progress")
}

test_window if {
	shop := move({"mode": "offline", "reason": "database", "downtime": true})
	denied(plan([shop])) == {"offline", "window"}
	every policy in [{}, {"window": null}] {
		denied(plan([object.union(shop, {"change": {"after": {"migration_policy": policy}}})])) == {"offline", "window"}
	}
	denied(plan([within_a_window(shop)])) == {"offline"}
}

within_a_window(resource) := object.union(resource, {"change": {"after": {"migration_policy": {"window": {
	"days": ["Sun"],
	"start": "02:00",
	"duration": "2h",
	"time_zone": null,
}}}}})

# Empty lists are like null.
test_empty_lists if {
	is_quiet(plan([move({name: [] | some name in ["databases", "mounts", "missing_permissions", "add_ons", "dependents"]})]))
}

test_dependents if {
	web := {"kind": "mount", "environment": "web", "node_group": "cp", "name": "/data"}
	only_warned(plan([move({"dependents": [web]})]), "dependents")
}

test_add_ons if only_warned(plan([move({"add_ons": ["backup"]})]), "add-ons")

# --- Costs.

costs(before, after) := move({"hourly_cost_before": before, "hourly_cost_after": after})

test_cost_increase if only_denied(plan([costs(0.1, 0.2)]), "cost-increase")

test_cost_increase_up_to_the_limit if {
	is_quiet(plan([costs(1, 1.1)]))
	is_quiet(plan([costs(0.2, 0.1)]))
	is_quiet(plan([costs(0, 0)]))
}

test_cost_increase_says_how_much if {
	some finding in migration.deny with input as plan([costs(3, 4)])
	contains(finding.msg, "33.3 % more, which is more than 10 %")
}

test_cost_increase_from_nothing if only_denied(plan([costs(0, 0.1)]), "cost-increase")

test_cost_unknown if {
	only_warned(plan([costs(null, 0.1)]), "cost-unknown")
	only_warned(plan([costs(0.1, null)]), "cost-unknown")
	only_warned(plan([costs(null, null)]), "cost-unknown")
}

# The provider omits the old cost if it cannot be compared, so a part that both costs exclude makes no difference.
test_cost_without_a_part if {
	is_quiet(plan([move({"cost_excludes": ["disk_gb"]})]))
	only_denied(plan([move({"cost_excludes": ["disk_gb"], "hourly_cost_after": 9})]), "cost-increase")
}

test_cost_of_a_currency_that_is_not_told if {
	only_denied(plan([move({"currency": null, "hourly_cost_after": 0.5})]), "cost-increase")
}

# --- Unknown kinds, and changes without a migration.

test_unknown if {
	shop := object.union(
		environment("vap_environment.shop", ["update"], {}),
		{"change": {"after_unknown": {"region": true, "planned_migration": true}}},
	)
	only_denied(plan([shop]), "unknown")
}

# Every attribute is tested with another type and missing, so that no rule relies on it without a check.
test_record_that_is_not_understood if {
	every name in [
		"mode", "reason", "trigger", "from_region", "to_region", "downtime", "ip_change", "domain_change",
		"missing_permissions", "databases", "mounts",
	] {
		in_record(object.remove(quiet, [name])) == {"unknown", "not-understood"}
		in_record(object.union(quiet, {name: [5]})) == {"unknown", "not-understood"}
		not_known := object.union(moving(quiet), {"change": {"after_unknown": {"planned_migration": {name: true}}}})
		only_denied(plan([not_known]), "unknown")
	}
	every name in [
		"add_ons", "dependents", "custom_domains", "expected_domain", "hourly_cost_before", "hourly_cost_after", "currency",
		"cost_excludes",
	] {
		in_record(object.remove(quiet, [name])) == set()
		in_record(object.union(quiet, {name: [5]})) == {"unknown", "not-understood"}
		denied(plan([object.union(moving(quiet), {"change": {"after_unknown": {"planned_migration": {name: true}}}})])) == set()
	}
}

# in_record are the denials of a migration with this record.
in_record(record) := denied(plan([moving(record)]))

moving(record) := environment("vap_environment.shop", ["update"], {"region": quiet.to_region, "planned_migration": record})

# The region changes, or is not known, without a record.
test_region_that_changes_without_a_record if {
	every after in [{"region": "south-standard", "planned_migration": null}, {"region": "south-standard"}] {
		denied(plan([in_regions("north-economy", after)])) == {"unknown", "not-understood"}
	}
}

# in_regions is a change of an environment that is in a region before.
in_regions(region, after) := object.union(
	environment("vap_environment.shop", ["update"], after),
	{"change": {"before": {"region": region}}},
)

test_dependents_that_are_not_known if {
	every record in [object.remove(quiet, ["dependents"]), object.union(quiet, {"dependents": null})] {
		is_quiet(plan([moving(record)]))
	}
	in_record(object.union(quiet, {"dependents": {}})) == {"unknown", "not-understood"}
}

test_delete if loses("delete", plan([environment("vap_environment.shop", ["delete"], null)]))

# loses says whether a plan is denied for data loss and gets exactly this warning.
loses(rule, document) if {
	denied(document) == {"data-loss"}
	warned(document) == {rule}
}

test_replace if {
	every actions in [["delete", "create"], ["create", "delete"]] {
		loses("replace", plan([environment("vap_environment.shop", actions, {"planned_migration": null})]))
	}
}

# --- Several findings.

test_each_environment_is_named if {
	shop := object.union(move({"ip_change": true}), {"address": "module.shops[\"eu\"].vap_environment.shop[0]"})
	blog := object.union(move({"ip_change": true}), {"address": "vap_environment.blog"})
	found := migration.deny with input as plan([shop, blog, move({})])
	{finding.msg | some finding in found} == {
		"module.shops[\"eu\"].vap_environment.shop[0] (north-economy → north-performance) gets new internal and public addresses [ip-change]",
		"vap_environment.blog (north-economy → north-performance) gets new internal and public addresses [ip-change]",
	}
}

# The texts are not an interface, but every part of them must appear.
test_words if {
	shop := move({
		"mode": "offline",
		"reason": "live_not_possible",
		"to_region": "south-standard",
		"downtime": true,
		"ip_change": true,
		"domain_change": true,
		"expected_domain": "shop.south.example.com",
		"missing_permissions": ["allow_downtime", "allow_ip_change"],
		"hourly_cost_after": 0.125,
		"add_ons": ["backup", "cdn"],
		"dependents": [{"kind": "link", "environment": "web", "node_group": "cp", "name": "DB"}],
	})
	deleted := environment("vap_environment.old", ["delete"], null)
	replaced := environment("vap_environment.new", ["create", "delete"], {"planned_migration": null})
	denials := migration.deny with input as plan([shop])
	{finding.msg | some finding in denials} == {sprintf("vap_environment.shop (north-economy → south-standard) %s", [text]) | some text in [
		"stops from the start of its migration to the end (live_not_possible) [offline]",
		"gets new internal and public addresses [ip-change]",
		"gets another domain: shop.north.example.com → shop.south.example.com [domain-change]",
		"needs allow_downtime, allow_ip_change in migration_policy; the apply would refuse this migration [missing-permission]",
		"costs 25 % more, which is more than 10 % [cost-increase]",
		"moves whenever the plan is applied: no time window is set for it [window]",
	]}
	warnings := migration.warn with input as plan([shop, deleted, replaced])
	{finding.msg | some finding in warnings} == {
		"vap_environment.shop (north-economy → south-standard) has add-ons that may act before and after a migration or stop it: backup, cdn [add-ons]",
		"vap_environment.shop (north-economy → south-standard) is used by web (link) [dependents]",
		"vap_environment.old is deleted with its data [delete]",
		"vap_environment.new is deleted with its data and made anew, empty [replace]",
	}
}
