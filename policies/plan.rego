# What a plan (terraform show -json) says about environments.
package vap.plan

# is_plan says whether the input is the JSON of a plan, in a version of the format that these policies know. It is false
# for a state, a list of schemas or an output of "terraform plan -json".
is_plan if {
	startswith(input.format_version, "1.")
	is_object(input.planned_values)
	json.match_schema(changes, changes_schema)[0]
}

# What says of a change which resource it is of, and what is done with it.
changes_schema := {"type": "array", "items": {"type": ["object", "null"], "properties": {
	"address": {"type": ["string", "null"]},
	"mode": {"type": ["string", "null"]},
	"type": {"type": ["string", "null"]},
	"provider_name": {"type": ["string", "null"]},
	"change": {"type": ["object", "null"], "properties": {"actions": {"type": ["array", "null"], "items": {"type": ["string", "null"]}}}},
}}}

# A plan without resources has no list of them.
default changes := []

changes := input.resource_changes

# environments are the changes of environments. The provider's address does not matter: it is another one in each registry,
# mirror and installation of one's own. What is of another provider, and is called the same, is found by its shape.
environments contains resource if {
	some resource in changes
	resource.type == "vap_environment"
	object.get(resource, "mode", "managed") != "data"
}

# actions are what is done with a resource.
actions(resource) := object.get(resource, ["change", "actions"], null)

# does says whether an action is one of them.
does(resource, action) if action in actions(resource)

# before and after are the attributes of a resource, and unknown what of those after it is not known yet.
before(resource) := object_at(resource, "before")

after(resource) := object_at(resource, "after")

unknown(resource) := object_at(resource, "after_unknown")

object_at(resource, side) := value if {
	value := object.get(resource, ["change", side], null)
	is_object(value)
} else := {}

# updates says whether an environment stays and is changed.
updates(resource) if {
	is_object(resource.change.before)
	does(resource, "update")
}

# attribute is one of an object; null if it is missing or there is no object.
attribute(values, name) := value if {
	is_object(values)
	value := object.get(values, name, null)
} else := null

# marked says whether something, or a part of it, is not known yet.
marked(marks) if {
	walk(marks, [_, mark])
	mark == true
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

# undescribed are environments that may move in a way that the plan cannot tell. That a part of the record is missing or
# not known must not look like a harmless migration, nor must a region that changes without any record.
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

# target is the region in which an environment will be; it is undefined if that is not known or there is none.
target(resource) := resource.change.after.region
