# The parameters in data.vap.parameters, and their defaults. README.md describes them.
package vap.migration

defaults := {
	"levels": {
		"incomplete": "deny",
		"data-loss": "deny",
		"offline": "deny",
		"ip-change": "deny",
		"domain-change": "deny",
		"live-database": "deny",
		"external-move": "deny",
		"unknown": "deny",
		"cost-increase": "deny",
		"missing-permission": "deny",
		"window": "deny",
		"cost-unknown": "warn",
		"in-progress": "warn",
		"live-mounts": "warn",
		"dependents": "warn",
		"add-ons": "warn",
		"delete": "warn",
		"replace": "warn",
	},
	"max_cost_increase_percent": 10,
	"window_for": "downtime",
	"exceptions": [],
}

default given := {}

given := data.vap.parameters

# A misspelt parameter must not open the gate: if one is wrong, none of them applies.
parameters := object.union(defaults, given) if count(problems) == 0

parameters := defaults if count(problems) > 0

problems contains "they are no object" if not is_object(given)

problems contains sprintf("%s: %s", [problem.field, problem.desc]) if {
	[_, found] := json.match_schema(given, schema)
	some problem in found
}

rule_names := object.keys(defaults.levels)

schema := {
	"additionalProperties": false,
	"properties": {
		"levels": {
			"type": "object",
			"additionalProperties": false,
			"properties": {rule: {"enum": ["deny", "warn", "off"]} | some rule in rule_names},
		},
		"max_cost_increase_percent": {"type": "number", "minimum": 0},
		"window_for": {"enum": ["downtime", "every_move"]},
		"exceptions": {
			"type": "array",
			"items": {
				"type": "object",
				"additionalProperties": false,
				"required": ["address", "rules"],
				"properties": {
					"address": {"type": "string", "minLength": 1},
					"rules": {"type": "array", "items": {"enum": rule_names}},
					"to_regions": {"type": "array", "items": {"type": "string"}},
					"until": {"type": "string", "pattern": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$`},
					"reason": {"type": "string"},
				},
			},
		},
	},
}
