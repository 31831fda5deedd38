package planreview

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// knownActions are the actions that programs write for managed resources.
var knownActions = map[string]bool{
	"no-op": true, "create": true, "update": true, "delete": true, "forget": true,
	"delete create": true, "create delete": true, "forget create": true, "create forget": true,
}

// unsupportedReason says, in a clause, why the change cannot be understood as that of a vap_environment of this
// provider; empty if it can. Nothing may permit what is not understood, because it may do anything.
func (e environment) unsupportedReason() string {
	if e.change.Change == nil {
		return "the plan does not say what it does with it"
	}
	var actions []string
	for _, action := range e.change.actions() {
		actions = append(actions, string(action))
	}
	if !knownActions[strings.Join(actions, " ")] {
		return fmt.Sprintf("its actions are %q, which are none", truncate(strings.Join(actions, " "), 80))
	}
	if what := e.shapeProblem(len(actions) > 1); what != "" {
		return what
	}
	switch unknown := e.values.AfterUnknown.(type) {
	case nil, bool, map[string]any:
	default:
		return fmt.Sprintf("after_unknown is %s", typeOf(unknown))
	}
	if e.change.does(tfjson.ActionNoop) && !reflect.DeepEqual(e.values.Before, e.values.After) {
		return "the plan does nothing with it, and yet it is another one afterwards"
	}
	if e.updates() {
		return e.unsupportedUpdateReason()
	}
	return ""
}

// shapeProblem says which values do not have this provider's shape; empty if all do.
func (e environment) shapeProblem(replaced bool) string {
	for _, side := range []struct {
		needed bool
		name   string
		value  any
	}{
		{!e.change.does(tfjson.ActionCreate) || replaced, "before", e.values.Before},
		{e.change.does(tfjson.ActionCreate) || e.change.does(tfjson.ActionUpdate) || e.change.does(tfjson.ActionNoop),
			"after", e.values.After},
	} {
		if side.value == nil && !side.needed {
			continue
		}
		var unknown object
		if side.name == "after" {
			unknown = e.unknown
		}
		if what := environmentShapeProblem(side.value, unknown); what != "" {
			return side.name + what
		}
	}
	return ""
}

// unsupportedUpdateReason says why an update cannot be understood; empty if it can.
func (e environment) unsupportedUpdateReason() string {
	if e.before.text("name") != e.after.text("name") && !anyMarked(e.unknown["name"]) {
		return "its name changes, and it is not replaced"
	}
	unknown := e.unknown["planned_migration"]
	if unknown == true {
		return "" // unknown until the apply
	}
	planned := e.after.object("planned_migration")
	if planned == nil {
		if e.changes("region") {
			return "its region changes, and planned_migration does not say how"
		}
		return ""
	}
	if name := invalidAttribute(planned, asObject(unknown)); name != "" {
		return "planned_migration." + name + " is missing or of another type"
	}
	to, from := planned.text("to_region"), planned.text("from_region")
	if to != e.after.text("region") && !anyMarked(e.unknown["region"]) || from != e.before.text("region") {
		return "planned_migration is about another migration than that of its region"
	}
	return ""
}

// environmentShapeProblem says how the values of an environment differ from this provider's shape; empty if they do
// not.
func environmentShapeProblem(value any, unknown object) string {
	values, ok := value.(map[string]any)
	if !ok {
		return " is " + typeOf(value) + " and no object"
	}
	for _, name := range []string{"name", "region"} {
		if text, ok := values[name].(string); !anyMarked(unknown[name]) && (!ok || text == "") {
			return "." + name + " is missing or of another type"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		if value := values[name]; value != nil && !shapes[name](value) {
			return "." + name + " is of another type"
		}
	}
	return ""
}

// shapes check, for each attribute, whether a non-null value has its type.
var shapes = map[string]func(any) bool{
	"id": isString, "app_id": isString, "datacenter": isString, "domain": isString, "url": isString, "power": isString,
	"display_name": isString,
	"built_in_ssl": isBool, "deletion_protection": isBool, "planned_migration": isObject, "last_migration": isObject,
	"migration_policy": isObject, "node_groups": isMapOf(isNodeGroup), "nodes": isListOf(isNode),
	"endpoints": isListOf(isObject), "groups": isListOf(isString),
}

func isString(value any) bool { _, ok := value.(string); return ok }
func isBool(value any) bool   { _, ok := value.(bool); return ok }
func isNumber(value any) bool { _, ok := value.(float64); return ok }
func isObject(value any) bool { _, ok := value.(map[string]any); return ok }

// orNull also accepts null.
func orNull(is func(any) bool) func(any) bool {
	return func(value any) bool { return value == nil || is(value) }
}

func isListOf(is func(any) bool) func(any) bool {
	return func(value any) bool {
		list, ok := value.([]any)
		return ok && !slices.ContainsFunc(list, func(element any) bool { return !is(element) })
	}
}

func isMapOf(is func(any) bool) func(any) bool {
	return func(value any) bool {
		object, ok := value.(map[string]any)
		for _, element := range object {
			ok = ok && is(element)
		}
		return ok
	}
}

// hasShapes says whether a value is an object whose attributes have these shapes.
func hasShapes(value any, attributes map[string]func(any) bool) bool {
	object, ok := value.(map[string]any)
	for name, is := range attributes {
		ok = ok && is(object[name])
	}
	return ok
}

func isNodeGroup(value any) bool {
	return hasShapes(value, map[string]func(any) bool{
		"node_type": orNull(isString), "image": orNull(isString), "scaling_mode": orNull(isString), "count": orNull(isNumber),
		"volumes": orNull(isMapOf(isObject)),
	})
}

func isNode(value any) bool {
	return hasShapes(value, map[string]func(any) bool{
		"id": orNull(isNumber), "node_group": orNull(isString), "internal_ip": orNull(isString),
		"public_ipv4": orNull(isListOf(isString)), "public_ipv6": orNull(isListOf(isString)),
	})
}

// recordShapes has the shapes of planned_migration. Attributes with nothing to report are null.
var recordShapes = map[string]func(any) bool{
	"mode": isMode, "reason": orNull(isFilled), "trigger": orNull(isFilled), "from_region": isFilled,
	"to_region": isFilled,
	"downtime":  isBool, "ip_change": isBool, "domain_change": isBool, "expected_domain": orNull(isString),
	"missing_permissions": orNull(isListOf(isString)), "databases": orNull(isListOf(isString)),
	"mounts":  orNull(isListOf(isString)),
	"add_ons": orNull(isListOf(isString)), "dependents": orNull(isListOf(isObject)),
	"custom_domains":     orNull(isListOf(isString)),
	"hourly_cost_before": orNull(isNumber), "hourly_cost_after": orNull(isNumber), "currency": orNull(isString),
	"cost_excludes": orNull(isListOf(isString)),
}

// required are the attributes of planned_migration that determine the kind of a move. They are always present, even
// if null, and known. Costs, dependents and the like may be unknown or missing.
var required = map[string]bool{
	"mode": true, "reason": true, "trigger": true, "from_region": true, "to_region": true, "downtime": true,
	"ip_change":     true,
	"domain_change": true, "missing_permissions": true, "databases": true, "mounts": true,
}

func isFilled(value any) bool { text, ok := value.(string); return ok && text != "" }

func isMode(value any) bool { return value == "live" || value == "offline" }

// invalidOrUnknown is the first attribute of a record that does not match its documentation, or is unknown although it
// must be known; empty if there is none. A missing or changed attribute must not make a move look harmless.
func invalidOrUnknown(planned, unknown object) string {
	for _, name := range slices.Sorted(maps.Keys(recordShapes)) {
		if anyMarked(unknown[name]) && required[name] {
			return name
		}
	}
	return invalidAttribute(planned, unknown)
}

// invalidAttribute is the first known attribute of a record that does not match its documentation; empty if there is
// none.
func invalidAttribute(planned, unknown object) string {
	for _, name := range slices.Sorted(maps.Keys(recordShapes)) {
		value, there := planned[name]
		if !anyMarked(unknown[name]) && (!recordShapes[name](value) || required[name] && !there) {
			return name
		}
	}
	return ""
}

func typeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	}
	return "an object"
}
