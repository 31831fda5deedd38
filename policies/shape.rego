# The shape in which this provider writes environments in a plan. Any other shape is not understood, and may do
# anything.
package vap.plan

# The possible actions on managed resources.
known_actions := {
	["no-op"],
	["create"],
	["update"],
	["delete"],
	["forget"],
	["delete", "create"],
	["create", "delete"],
	["forget", "create"],
	["create", "forget"],
}

text := {"type": ["string", "null"]}

truth := {"type": ["boolean", "null"]}

number := {"type": ["number", "null"]}

an_object := {"type": ["object", "null"]}

texts := {"type": ["array", "null"], "items": {"type": "string"}}

environment_schema := {"type": "object", "properties": {
	"id": text,
	"app_id": text,
	"datacenter": text,
	"domain": text,
	"url": text,
	"power": text,
	"display_name": text,
	"built_in_ssl": truth,
	"deletion_protection": truth,
	"planned_migration": an_object,
	"last_migration": an_object,
	"migration_policy": an_object,
	"groups": texts,
	"endpoints": {"type": ["array", "null"], "items": {"type": "object"}},
	"node_groups": {"type": ["object", "null"], "additionalProperties": {"type": "object", "properties": {
		"node_type": text,
		"image": text,
		"scaling_mode": text,
		"count": number,
		"volumes": {"type": ["object", "null"], "additionalProperties": {"type": "object"}},
	}}},
	"nodes": {"type": ["array", "null"], "items": {"type": "object", "properties": {
		"id": number,
		"node_group": text,
		"internal_ip": text,
		"public_ipv4": texts,
		"public_ipv6": texts,
	}}},
}}

filled := {"type": "string", "minLength": 1}

text_or_null := {"type": ["string", "null"], "minLength": 1}

# The attributes of planned_migration that determine the kind of a migration are required: they are always present
# and known. Attributes with nothing to report are null.
record_schema := {
	"type": "object",
	"required": [
		"mode", "reason", "trigger", "from_region", "to_region", "downtime", "ip_change", "domain_change", "missing_permissions",
		"databases", "mounts",
	],
	"properties": {
		"mode": {"enum": ["live", "offline"]},
		"reason": text_or_null,
		"trigger": text_or_null,
		"from_region": filled,
		"to_region": filled,
		"downtime": {"type": "boolean"},
		"ip_change": {"type": "boolean"},
		"domain_change": {"type": "boolean"},
		"expected_domain": text,
		"missing_permissions": texts,
		"databases": texts,
		"mounts": texts,
		"add_ons": texts,
		"dependents": {"type": ["array", "null"], "items": {"type": "object"}},
		"custom_domains": texts,
		"hourly_cost_before": number,
		"hourly_cost_after": number,
		"currency": text,
		"cost_excludes": texts,
	},
}

# described says whether a record has all attributes that determine the kind of a migration, and all of them are
# known.
described(planned, marks) if {
	marks != true
	every name in record_schema.required {
		not marked(attribute(marks, name))
	}
	well_formed(planned, marks)
}

# well_formed says whether the known attributes of a record match its documentation.
well_formed(planned, marks) if {
	is_object(planned)
	not_known := {name | some name in object.keys(record_schema.properties); marked(attribute(marks, name))}
	required := [name | some name in record_schema.required; not name in not_known]
	json.match_schema(object.remove(planned, not_known), object.union(record_schema, {"required": required}))[0]
}

# doubts are the reasons why environments in the plan are not understood.
doubts contains {"resource": resource, "why": "the plan does not say what it does with it"} if {
	some resource in environments
	not is_object(object.get(resource, "change", null))
}

doubts contains {"resource": resource, "why": sprintf("its actions are %v, which are none", [actions(resource)])} if {
	some resource in environments
	not actions(resource) in known_actions
}

# sides are the values before and after a change, if its actions require them or they are present anyway.
sides contains {"resource": resource, "name": "before", "values": values, "unknown": {}} if {
	some resource in environments
	values := object.get(resource, ["change", "before"], null)
	has_side(values, actions(resource) != ["create"])
}

sides contains {"resource": resource, "name": "after", "values": values, "unknown": unknown(resource)} if {
	some resource in environments
	values := object.get(resource, ["change", "after"], null)
	some stays in [{action | some action in ["create", "update", "no-op"]; does(resource, action)}]
	has_side(values, count(stays) > 0)
}

has_side(values, _) if values != null

has_side(_, true)

doubts contains {"resource": side.resource, "why": sprintf("%s.%s is missing or of another type", [side.name, name])} if {
	some side in sides
	some name in ["name", "region"]
	not marked(attribute(side.unknown, name))
	not is_filled(attribute(side.values, name))
}

is_filled(value) if {
	is_string(value)
	value != ""
}

doubts contains {"resource": side.resource, "why": sprintf("%s is not as this provider writes it: %s", [side.name, concat("; ", problems)])} if {
	some side in sides
	[matches, found] := json.match_schema(side.values, environment_schema)
	not matches
	problems := sort({sprintf("%s: %s", [problem.field, problem.desc]) | some problem in found})
}

doubts contains {"resource": resource, "why": "after_unknown is no object"} if {
	some resource in environments
	marks := object.get(resource, ["change", "after_unknown"], {})
	not type_name(marks) in {"object", "boolean", "null"}
}

doubts contains {"resource": resource, "why": "the plan does nothing with it, and yet it is another one afterwards"} if {
	some resource in environments
	does(resource, "no-op")
	resource.change.before != resource.change.after
}

doubts contains {"resource": resource, "why": "its name changes, and it is not replaced"} if {
	some resource in environments
	updates(resource)
	attribute(before(resource), "name") != attribute(after(resource), "name")
	not marked(attribute(unknown(resource), "name"))
}

doubts contains {"resource": resource, "why": "its region changes, and planned_migration does not say how"} if {
	some resource in environments
	updates(resource)
	attribute(after(resource), "planned_migration") == null
	attribute(unknown(resource), "planned_migration") != true
	changes_region(resource)
}

doubts contains {"resource": resource, "why": "planned_migration is not as it is documented"} if {
	some resource in environments
	updates(resource)
	marks := attribute(unknown(resource), "planned_migration")
	marks != true
	planned := attribute(after(resource), "planned_migration")
	planned != null
	not well_formed(planned, marks)
}

doubts contains {"resource": resource, "why": "planned_migration is about another migration than that of its region"} if {
	some resource in environments
	updates(resource)
	attribute(unknown(resource), "planned_migration") != true
	is_object(attribute(after(resource), "planned_migration"))
	not same_regions(resource, after(resource).planned_migration)
}

same_regions(resource, planned) if {
	attribute(planned, "from_region") == attribute(before(resource), "region")
	to_same_region(resource, planned)
}

to_same_region(resource, planned) if attribute(planned, "to_region") == attribute(after(resource), "region")

to_same_region(resource, _) if marked(attribute(unknown(resource), "region"))
