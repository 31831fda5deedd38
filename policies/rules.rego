# The rules: everything that can be found in a plan. migration.rego decides whether a finding denies the plan, warns
# or is ignored.
package vap.migration

import data.vap.plan

# --- Findings about the whole plan. They have no address.

findings contains finding if {
	not plan.is_plan
	finding := of_plan("input", "this is not a plan as \"terraform show -json\" prints it, or one of another format than 1.x")
}

# Terraform writes a plan even if a guard failed; the refused move is then missing from it.
findings contains finding if {
	input.errored == true
	finding := of_plan("errored", "planning failed: the plan is incomplete, and what was refused is missing from it")
}

findings contains finding if {
	input.complete == false
	not input.errored
	finding := of_plan("incomplete", "the plan does not contain everything (it was made with -target, or left changes for later)")
}

findings contains finding if {
	count(plan.left_out) > 0
	not input.errored
	finding := of_plan("incomplete", sprintf("the plan leaves out %d of the state's resources (it was made with -target or the like), such as %s", [
		count(plan.left_out),
		concat(", ", array.slice(sort(plan.left_out), 0, 5)),
	]))
}

findings contains finding if {
	some problem in problems
	finding := of_plan("parameters", sprintf("the parameters are not valid, the defaults hold: %s", [problem]))
}

# --- Findings about migrations.

findings contains finding if {
	some move in plan.moves
	move.planned.downtime
	finding := of_move("offline", move, sprintf("stops from the start of its migration to the end (%s)", [move.planned.reason]))
}

findings contains finding if {
	some move in plan.moves
	move.planned.ip_change
	finding := of_move("ip-change", move, "gets new internal and public addresses")
}

findings contains finding if {
	some move in plan.moves
	move.planned.domain_change
	finding := of_move("domain-change", move, sprintf("gets another domain: %s → %s", [
		or_unknown(move.previous_domain),
		or_unknown(object.get(move.planned, "expected_domain", null)),
	]))
}

findings contains finding if {
	some move in plan.moves
	move.planned.mode == "live"
	is_array(move.planned.databases)
	count(move.planned.databases) > 0
	finding := of_move("live-database", move, sprintf("moves live with databases, which may lose or damage what they are processing: %s", [
		concat(", ", move.planned.databases),
	]))
}

findings contains finding if {
	some move in plan.moves
	move.planned.mode == "live"
	is_array(move.planned.mounts)
	count(move.planned.mounts) > 0
	finding := of_move("live-mounts", move, sprintf("moves live with mounts, which do not work meanwhile: %s", [concat(", ", move.planned.mounts)]))
}

findings contains finding if {
	some move in plan.moves
	move.planned.trigger == "external_move"
	finding := of_move("external-move", move, "was moved outside Terraform and would be moved back")
}

findings contains finding if {
	some move in plan.moves
	move.planned.trigger == "in_progress"
	finding := of_move("in-progress", move, "is migrating already; the apply waits for the end of that and decides then")
}

findings contains finding if {
	some move in plan.moves
	rise := rise_of(move.planned)
	rise > parameters.max_cost_increase_percent
	finding := of_move("cost-increase", move, sprintf("costs %v %% more, which is more than %v %%", [rise, parameters.max_cost_increase_percent]))
}

findings contains finding if {
	some move in plan.moves
	rises_from_nothing(move.planned)
	finding := of_move("cost-increase", move, "costs nothing at present, and something after its migration")
}

findings contains finding if {
	some move in plan.moves
	not comparable(move.planned)
	finding := of_move("cost-unknown", move, "may cost more: the cost before or after the migration is not known, or both cannot be compared")
}

findings contains finding if {
	some move in plan.moves
	needs_window(move.planned)
	not is_object(move.window)
	finding := of_move("window", move, "moves whenever the plan is applied: no time window is set for it")
}

findings contains finding if {
	some move in plan.moves
	is_array(move.planned.missing_permissions)
	count(move.planned.missing_permissions) > 0
	move.planned.trigger != "in_progress"
	finding := of_move("missing-permission", move, sprintf("needs %s in migration_policy; the apply would refuse this migration", [
		concat(", ", move.planned.missing_permissions),
	]))
}

findings contains finding if {
	some move in plan.moves
	is_array(move.planned.dependents)
	count(move.planned.dependents) > 0
	names := {sprintf("%s (%s)", [d.environment, d.kind]) | some d in move.planned.dependents}
	finding := of_move("dependents", move, sprintf("is used by %s", [concat(", ", names)]))
}

findings contains finding if {
	some move in plan.moves
	is_array(move.planned.add_ons)
	count(move.planned.add_ons) > 0
	finding := of_move("add-ons", move, sprintf("has add-ons that may act before and after a migration or stop it: %s", [
		concat(", ", move.planned.add_ons),
	]))
}

# --- Findings about other changes of environments.

# It may do anything, so this rule has no level, and no exception covers it.
findings contains finding if {
	some doubt in plan.doubts
	finding := of_environment("not-understood", doubt.resource, sprintf("of the provider %v is not understood, so that it may do anything: %s", [
		object.get(doubt.resource, "provider_name", "without a name"),
		doubt.why,
	]))
}

findings contains finding if {
	some loss in plan.losses
	finding := of_environment("data-loss", loss.resource, loss.text)
}

findings contains finding if {
	some resource in plan.undescribed
	finding := of_environment("unknown", resource, "may move, and the plan does not know how: it may stop and get new addresses")
}

findings contains finding if {
	some resource in plan.environments
	plan.does(resource, "delete")
	not plan.does(resource, "create")
	finding := of_environment("delete", resource, "is deleted with its data")
}

findings contains finding if {
	some resource in plan.environments
	plan.does(resource, "delete")
	plan.does(resource, "create")
	finding := of_environment("replace", resource, "is deleted with its data and made anew, empty")
}

# --- Helpers of the rules.

needs_window(_) if parameters.window_for == "every_move"

needs_window(planned) if planned.downtime

# By how many percent the cost rises, with one decimal.
rise_of(planned) := round(((planned.hourly_cost_after / planned.hourly_cost_before) - 1) * 1000) / 10 if {
	comparable(planned)
	planned.hourly_cost_before > 0
}

rises_from_nothing(planned) if {
	comparable(planned)
	planned.hourly_cost_before == 0
	planned.hourly_cost_after > 0
}

# The provider omits the old cost if it cannot be compared with the new one.
comparable(planned) if {
	is_number(object.get(planned, "hourly_cost_before", null))
	is_number(object.get(planned, "hourly_cost_after", null))
}

or_unknown(null) := "(not known)"

or_unknown(name) := name if name != null

of_plan(rule, text) := {"rule": rule, "msg": sprintf("%s [%s]", [text, rule])}

of_move(rule, move, text) := {
	"rule": rule,
	"address": move.address,
	"to": move.planned.to_region,
	"msg": sprintf("%s (%s → %s) %s [%s]", [move.address, move.planned.from_region, move.planned.to_region, text, rule]),
}

of_environment(rule, resource, text) := object.union(
	{"rule": rule, "address": object.get(resource, "address", ""), "msg": sprintf("%s %s [%s]", [object.get(resource, "address", ""), text, rule])},
	{"to": region | region := plan.target(resource); is_string(region)},
)
