# Parameters and exceptions applied to findings.
package vap.parameters_test

import data.vap.migration
import data.vap.migration_test.move
import data.vap.migration_test.plan
import data.vap.migration_test.within_a_window

offline := {"downtime": true, "to_region": "north-standard"}

document := plan([within_a_window(move(offline))])

denied(parameters) := denied_of(document, parameters)

warned(parameters) := warned_of(document, parameters)

denied_of(input_document, parameters) := {finding.rule |
	some finding in migration.deny with input as input_document with data.vap.parameters as parameters
}

warned_of(input_document, parameters) := {finding.rule |
	some finding in migration.warn with input as input_document with data.vap.parameters as parameters
}

test_without_parameters if {
	denied({}) == {"offline"}
	not migration.allow with input as document
}

test_allow if {
	migration.allow with input as plan([move({})])
	migration.allow with input as document with data.vap.parameters as {"levels": {"offline": "warn"}}
}

# --- Levels.

test_level_warn if {
	denied({"levels": {"offline": "warn"}}) == set()
	warned({"levels": {"offline": "warn"}}) == {"offline"}
}

test_level_off if {
	denied({"levels": {"offline": "off"}}) == set()
	warned({"levels": {"offline": "off"}}) == set()
}

test_level_deny if {
	replaced := plan([object.union(move({}), {"change": {"actions": ["delete", "create"], "after": {"planned_migration": null}}})])
	denied_of(replaced, {}) == {"data-loss"}
	denied_of(replaced, {"levels": {"replace": "deny", "data-loss": "warn"}}) == {"replace"}
	warned_of(replaced, {"levels": {"replace": "deny", "data-loss": "warn"}}) == {"data-loss"}
}

test_levels_of_other_rules_stay if {
	far := plan([within_a_window(move(object.union(offline, {"ip_change": true})))])
	denied_of(far, {"levels": {"offline": "off"}}) == {"ip-change"}
}

test_incomplete_can_be_accepted if {
	targeted := object.union(plan([]), {"complete": false})
	denied_of(targeted, {"levels": {"incomplete": "warn"}}) == set()
	warned_of(targeted, {"levels": {"incomplete": "warn"}}) == {"incomplete"}
}

test_each_rule_has_a_level if {
	every rule in [
		"incomplete", "data-loss", "offline", "ip-change", "domain-change", "live-database", "external-move", "unknown", "cost-increase",
		"missing-permission", "window", "cost-unknown", "in-progress", "live-mounts", "dependents", "add-ons", "delete", "replace",
	] {
		every level in ["deny", "warn", "off"] {
			not "parameters" in denied({"levels": {rule: level}})
		}
	}
}

# An environment that is not understood may do anything, so nothing permits it.
test_not_understood_cannot_be_accepted if {
	nameless := object.union(move({}), {"change": {"before": {"name": 5}}})
	denied_of(plan([nameless]), {}) == {"not-understood"}
	denied_of(plan([nameless]), {"levels": {"not-understood": "off"}}) == {"not-understood", "parameters"}
	denied_of(plan([nameless]), {"exceptions": [{"address": "*", "rules": ["not-understood"]}]}) == {"not-understood", "parameters"}
	denied_of(plan([nameless]), {"levels": {"unknown": "off"}, "exceptions": [{"address": "*", "rules": ["unknown"]}]}) == {"not-understood"}
}

test_errored_cannot_be_accepted if {
	denied_of(object.union(plan([]), {"errored": true}), {"levels": {"errored": "off"}}) == {"errored", "parameters"}
}

# --- Numbers.

dearer := plan([move({"hourly_cost_after": 0.15})])

test_max_cost_increase_percent if {
	denied_of(dearer, {"max_cost_increase_percent": 49}) == {"cost-increase"}
	denied_of(dearer, {"max_cost_increase_percent": 51}) == set()
}

test_window_for if {
	live := plan([move({})])
	denied_of(live, {"window_for": "downtime"}) == set()
	denied_of(live, {"window_for": "every_move"}) == {"window"}
	denied_of(plan([within_a_window(move({}))]), {"window_for": "every_move"}) == set()
}

# --- Exceptions.

exception := {"address": "vap_environment.shop", "rules": ["offline"]}

permitted(changes) if {
	denied({"exceptions": [object.union(exception, changes)]}) == set()
	warned({"exceptions": [object.union(exception, changes)]}) == {"offline"}
}

refused(changes) if {
	denied({"exceptions": [object.union(exception, changes)]}) == {"offline"}
	warned({"exceptions": [object.union(exception, changes)]}) == set()
}

test_exception if permitted({})

test_exception_is_shown_with_its_reason if {
	with_reason := object.union(exception, {"reason": "OPS-123"})
	some finding in migration.warn with input as document with data.vap.parameters as {"exceptions": [with_reason]}
	endswith(finding.msg, "[offline] permitted: OPS-123")
}

test_exception_of_another_rule if refused({"rules": ["ip-change", "unknown"]})

test_exception_of_another_address if {
	refused({"address": "vap_environment.shop2"})
	refused({"address": "vap_environment.sho"})
	refused({"address": "module.shop.*"})
}

test_exception_by_pattern if {
	permitted({"address": "vap_environment.*"})
	permitted({"address": "*"})
	permitted({"address": "*.shop"})
	permitted({"address": "vap_*.shop"})
	refused({"address": "*.shop2"})
	refused({"address": "vap_*.s"})
	refused({"address": "environment*"})
	refused({"address": "vap_environment?shop"})
	refused({"address": "vap_environment(.shop"})
}

test_exception_of_all_instances if {
	parameters := {"exceptions": [{"address": "module.eu.vap_environment.shop", "rules": ["offline"]}]}
	every address in [
		"module.eu.vap_environment.shop",
		"module.eu.vap_environment.shop[0]",
		"module.eu[\"a\"].vap_environment.shop[\"b\"]",
		"module.eu[\"a]\"].vap_environment.shop[\"x.y[0]\"]",
		"module.eu.vap_environment.shop[\"with \\\"quotes\\\" ]\"]",
	] {
		denied_of(plan([object.union(within_a_window(move(offline)), {"address": address})]), parameters) == set()
	}
	every address in ["module.us.vap_environment.shop[0]", "module.eu.vap_environment.shop2[0]"] {
		denied_of(plan([object.union(within_a_window(move(offline)), {"address": address})]), parameters) == {"offline"}
	}
}

test_exception_of_one_instance if {
	parameters := {"exceptions": [{"address": "vap_environment.shop[\"eu\"]", "rules": ["offline"]}]}
	eu := object.union(within_a_window(move(offline)), {"address": "vap_environment.shop[\"eu\"]"})
	us := object.union(within_a_window(move(offline)), {"address": "vap_environment.shop[\"us\"]"})
	denied_of(plan([eu]), parameters) == set()
	denied_of(plan([us]), parameters) == {"offline"}
}

test_exception_for_regions if {
	permitted({"to_regions": ["south-standard", "north-standard"]})
	refused({"to_regions": ["south-standard"]})
	refused({"to_regions": []})
}

test_exception_for_a_region_that_is_not_known if {
	unknown := plan([object.union(
		move({}),
		{"change": {"after": {"planned_migration": null, "region": null}, "after_unknown": {"region": true, "planned_migration": true}}},
	)])
	denied_of(unknown, {"exceptions": [{"address": "*", "rules": ["unknown"], "to_regions": ["north-standard"]}]}) == {"unknown"}
	denied_of(unknown, {"exceptions": [{"address": "*", "rules": ["unknown"]}]}) == set()
}

# The region is known and the policy is not.
test_exception_for_the_region_of_an_unknown_kind if {
	unknown := plan([object.union(
		move({}),
		{"change": {"after": {"planned_migration": null, "region": "north-standard"}, "after_unknown": {"planned_migration": true}}},
	)])
	denied_of(unknown, {"exceptions": [{"address": "*", "rules": ["unknown"], "to_regions": ["north-standard"]}]}) == set()
}

test_exception_of_a_warning if {
	parameters := {"levels": {"offline": "warn"}, "exceptions": [exception]}
	found := migration.warn with input as document with data.vap.parameters as parameters
	count(found) == 1
}

test_exception_until if {
	june := time.parse_rfc3339_ns("2026-06-01T00:00:00Z")
	permitted({"until": "2026-06-01T00:00:01Z"}) with time.now_ns as june
	permitted({"until": "2026-06-01T01:00:00-02:00"}) with time.now_ns as june
	refused({"until": "2026-06-01T00:00:00Z"}) with time.now_ns as june
	refused({"until": "2026-06-01T01:00:00+02:00"}) with time.now_ns as june

	# There is no such date.
	refused({"until": "2026-13-01T00:00:00Z"}) with time.now_ns as june
}

# --- Mistakes in the parameters: then none of them applies.

test_wrong_parameters if {
	every mistake in [
		null,
		[],
		{"max_cost_increase": 20},
		{"max_cost_increase_percent": "20"},
		{"max_cost_increase_percent": -1},
		{"window_for": "always"},
		{"levels": []},
		{"levels": {"offlin": "warn"}},
		{"levels": {"ip-change": "ignore"}},
		{"exceptions": {}},
		{"exceptions": ["vap_environment.shop"]},
		{"exceptions": [{"address": "vap_environment.shop"}]},
		{"exceptions": [{"rules": ["offline"]}]},
		{"exceptions": [object.union(exception, {"address": ""})]},
		{"exceptions": [object.union(exception, {"rules": ["errored"]})]},
		{"exceptions": [object.union(exception, {"to_region": ["north-standard"]})]},
		{"exceptions": [object.union(exception, {"until": "2026-06-01"})]},
	] {
		denied(mistake) == {"offline", "parameters"}
	}
}

test_wrong_parameters_are_named if {
	some finding in migration.deny with input as document with data.vap.parameters as {"window_for": "always"}
	contains(finding.msg, "window_for")
}

test_one_mistake_turns_all_off if {
	denied({"levels": {"offline": "off"}, "typo": 1}) == {"offline", "parameters"}
}

# --- Conftest's namespace.

test_main_says_the_same if {
	denials := data.main.deny with input as document
	denials == migration.deny with input as document
	count(denials) == 1
	warnings := data.main.warn with input as plan([move({"add_ons": ["backup"]})])
	{finding.rule | some finding in warnings} == {"add-ons"}
}
