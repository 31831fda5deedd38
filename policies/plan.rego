# What a plan (terraform show -json) says about environments.
package vap.plan

# is_plan says whether the input is the JSON of a plan, in a version of the format that these policies know. It is false
# for a state, a list of schemas or an output of "terraform plan -json".
is_plan if {
	startswith(input.format_version, "1.")
	is_object(input.planned_values)
	is_array(changes)
}

# A plan without resources has no list of them.
default changes := []

changes := input.resource_changes

# environments are the changes of environments. What stays as it is, is none of them.
environments contains resource if {
	some resource in changes
	resource.mode == "managed"
	resource.type == "vap_environment"
	resource.change.actions != ["no-op"]
}

# left_out are resources of the state for which the plan has no change, not even one that does nothing: it was made with
# -target or the like. OpenTofu does not tell that otherwise. A plan without any change only refreshes.
left_out contains resource.address if {
	count(changes) > 0
	walk(input.prior_state.values.root_module, [path, resource])
	not "values" in path # what a resource holds is none
	resource.mode == "managed"
	not resource.deposed_key
	not planned_addresses[resource.address]
}

planned_addresses contains resource.address if some resource in changes

planned_addresses contains resource.previous_address if some resource in changes

planned_addresses contains deferred.resource_change.address if some deferred in input.deferred_changes

# moves are the migrations that the plan contains and describes.
moves contains move if {
	some resource in environments
	planned := resource.change.after.planned_migration
	described(planned)
	move := {"address": resource.address, "planned": planned}
}

# undescribed are environments that may move in a way that the plan cannot tell.
undescribed contains resource if {
	some resource in environments
	resource.change.after_unknown.planned_migration == true
}

# That a part of the record is missing or not known must not look like a harmless migration.
undescribed contains resource if {
	some resource in environments
	planned := resource.change.after.planned_migration
	planned != null
	not described(planned)
}

# So must not a region that changes without any record.
undescribed contains resource if {
	some resource in environments
	resource.change.actions == ["update"]
	object.get(resource.change.after, "planned_migration", null) == null
	not keeps_region(resource.change)
}

keeps_region(change) if change.before.region == change.after.region

# The attributes that are always known, and of the right type. With one of them missing the record is not one that these
# policies know.
described(planned) if {
	is_string(planned.mode)
	is_string(planned.reason)
	is_string(planned.trigger)
	is_string(planned.from_region)
	is_string(planned.to_region)
	is_boolean(planned.downtime)
	is_boolean(planned.ip_change)
	is_boolean(planned.domain_change)
	is_array(planned.missing_permissions)
	is_array(planned.databases)
	is_array(planned.mounts)
	is_array(planned.add_ons)
	listed_or_not_known(planned)
}

# What depends on the environment is null or not known where the plan cannot tell.
listed_or_not_known(planned) if is_array(planned.dependents)

listed_or_not_known(planned) if object.get(planned, "dependents", null) == null

# target is the region in which an environment will be; it is undefined if that is not known or there is none.
target(resource) := resource.change.after.region
