# What a plan (terraform show -json) says about environments.
package vap.plan

# is_plan says whether the input is the JSON of a plan in a format version that these policies know. It is false for
# a state, provider schemas or the output of "terraform plan -json".
is_plan if {
	startswith(input.format_version, "1.")
	is_object(input.planned_values)
	json.match_schema(changes, changes_schema)[0]
}

# The attributes that identify the resource of a change, and its actions.
changes_schema := {"type": "array", "items": {"type": ["object", "null"], "properties": {
	"address": {"type": ["string", "null"]},
	"mode": {"type": ["string", "null"]},
	"type": {"type": ["string", "null"]},
	"provider_name": {"type": ["string", "null"]},
	"change": {"type": ["object", "null"], "properties": {"actions": {"type": ["array", "null"], "items": {"type": ["string", "null"]}}}},
}}}

# A plan without resources has no such list.
default changes := []

changes := input.resource_changes

# environments are the changes of environments. The provider's address is ignored, because it differs between
# registries, mirrors and own installations. A resource of another provider with the same type is recognised by its
# shape.
environments contains resource if {
	some resource in changes
	resource.type == "vap_environment"
	object.get(resource, "mode", "managed") != "data"
}

# actions are what the plan does with a resource.
actions(resource) := object.get(resource, ["change", "actions"], null)

# does says whether the change has an action.
does(resource, action) if action in actions(resource)

# before and after are the attributes of a resource; unknown says which attributes are not known yet.
before(resource) := object_at(resource, "before")

after(resource) := object_at(resource, "after")

unknown(resource) := object_at(resource, "after_unknown")

object_at(resource, side) := value if {
	value := object.get(resource, ["change", side], null)
	is_object(value)
} else := {}

# updates says whether a plan changes an environment in place.
updates(resource) if {
	is_object(resource.change.before)
	does(resource, "update")
}

# attribute is an attribute of an object; null if it is missing or values is not an object.
attribute(values, name) := value if {
	is_object(values)
	value := object.get(values, name, null)
} else := null

# marked says whether a value, or a part of it, is not known yet.
marked(marks) if {
	walk(marks, [_, mark])
	mark == true
}

# left_out are resources of the state without any change in the plan, not even a no-op: -target or a similar option
# left them out. It is the only sign of that in OpenTofu's JSON. A plan without any change only refreshes.
left_out contains resource.address if {
	count(changes) > 0
	walk(input.prior_state.values.root_module, [path, resource])
	not "values" in path # not a resource, but a part of its values
	resource.mode == "managed"
	not resource.deposed_key
	not planned_addresses[resource.address]
}

planned_addresses contains resource.address if some resource in changes

planned_addresses contains resource.previous_address if some resource in changes

planned_addresses contains deferred.resource_change.address if some deferred in input.deferred_changes

# moves are the planned migrations whose kind is known.
moves contains move if {
	some resource in environments
	updates(resource)
	planned := after(resource).planned_migration
	described(planned, attribute(unknown(resource), "planned_migration"))
	move := {
		"address": resource.address,
		"planned": planned,
		"previous_domain": attribute(before(resource), "domain"),
		"window": attribute(attribute(after(resource), "migration_policy"), "window"),
	}
}

# undescribed are environments that may move in an unknown way. A missing or unknown attribute of the record must
# not look like a harmless migration, nor must a changed region without a record.
undescribed contains resource if {
	some resource in environments
	updates(resource)
	may_move(resource)
	not described(attribute(after(resource), "planned_migration"), attribute(unknown(resource), "planned_migration"))
}

may_move(resource) if attribute(after(resource), "planned_migration") != null

may_move(resource) if marked(unknown(resource).planned_migration)

may_move(resource) if changes_region(resource)

changes_region(resource) if attribute(before(resource), "region") != attribute(after(resource), "region")

changes_region(resource) if marked(unknown(resource).region)

# target is the region of an environment after the plan; undefined if it is not known or the environment is deleted.
target(resource) := resource.change.after.region
