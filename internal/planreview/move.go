package planreview

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// isEnvironment says whether a change is that of a vap_environment. It ignores the provider's address, which
// differs between registries, mirrors and own installations. A resource of another provider with the same type is
// recognised by its shape.
func isEnvironment(c *resourceChange) bool {
	return c.Type == "vap_environment" && c.Mode != tfjson.DataResourceMode
}

// environment is a vap_environment and what the plan does to it.
type environment struct {
	change        *resourceChange
	values        changeValues
	before, after object
	unknown       object
}

func environmentOf(c *resourceChange) environment {
	v := c.values()
	return environment{change: c, values: v, before: asObject(v.Before), after: asObject(v.After),
		unknown: asObject(v.AfterUnknown)}
}

func (e environment) name() string {
	return e.redacted("name", cmp.Or(e.after.text("name"), e.before.text("name")))
}

// redacted returns the text, or "(sensitive)" if the argument is sensitive. It is for display only: decisions use the
// value itself.
func (e environment) redacted(argument, text string) string {
	if text != "" && (anyMarked(marksBelow(e.values.BeforeSensitive, argument)) ||
		anyMarked(marksBelow(e.values.AfterSensitive, argument))) {
		return "(sensitive)"
	}
	return text
}

// region is a region in an object as it is shown, because it may be sensitive.
func (e environment) region(in object, attribute string) string {
	return e.redacted("region", in.text(attribute))
}

// updates says whether the plan changes the environment in place.
func (e environment) updates() bool {
	return e.before != nil && e.change.does(tfjson.ActionUpdate)
}

// changes says whether the plan changes an attribute or does not know its new value.
func (e environment) changes(attribute string) bool {
	return anyMarked(e.unknown[attribute]) || !reflect.DeepEqual(e.before[attribute], e.after[attribute])
}

// changed are the attributes that the plan changes or whose new value is not known.
func (e environment) changed() map[string]bool {
	changed := map[string]bool{}
	for _, attributes := range []object{e.before, e.after, e.unknown} {
		for name := range attributes {
			if e.changes(name) {
				changed[name] = true
			}
		}
	}
	return changed
}

// move is the planned migration of the environment; nil if there is none. If the region changes without a
// planned_migration, the kind of the move is unknown.
func (e environment) move() *Move {
	if !e.updates() || e.after["planned_migration"] == nil && !anyMarked(e.unknown["planned_migration"]) &&
		!e.changes("region") {
		return nil
	}
	planned := e.after.object("planned_migration")
	m := &Move{
		Address: e.change.Address, PreviousAddress: e.change.PreviousAddress, Name: e.name(),
		MissingPermissions: planned.texts("missing_permissions"), AddOns: planned.texts("add_ons"),
		Databases: []string{}, Mounts: []string{}, CustomDomains: []string{}, Nodes: []Node{}, Dependents: []Dependent{},
		Following: []Reference{}, Unchanged: []Reference{}, HardCoded: []HardCoded{}, ToDo: []string{},
	}
	if e.unknown["planned_migration"] == true || invalidOrUnknown(planned, e.unknown.object("planned_migration")) != "" {
		m.Class = ClassUnknown
		m.From = Place{Region: e.region(e.before, "region"), Datacenter: e.before.text("datacenter")}
		m.To = Place{Region: e.region(e.after, "region"), Datacenter: e.after.text("datacenter")}
		m.toRegion = e.after.text("region")
		m.PreviousDomain = e.before.text("domain")
		m.Nodes = e.nodes()
		return m
	}
	m.Trigger, m.Reason = cmp.Or(planned.text("trigger"), TriggerConfiguration), cmp.Or(planned.text("reason"),
		reasonLiveAvailable)
	m.From = Place{Region: e.region(planned, "from_region"), Datacenter: e.before.text("datacenter")}
	m.To = Place{Region: e.region(planned, "to_region"), Datacenter: e.after.text("datacenter")}
	m.toRegion = planned.text("to_region")
	m.Downtime, m.IPChange, m.DomainChange = planned.isTrue("downtime"), planned.isTrue("ip_change"), planned.isTrue(
		"domain_change")
	m.Window = windowOf(e.after.object("migration_policy").object("window"))
	m.PreviousDomain, m.ExpectedDomain = e.before.text("domain"), planned.text("expected_domain")
	if !m.DomainChange {
		m.ExpectedDomain = m.PreviousDomain
	}
	m.CostBefore, m.CostAfter = costOf(planned, "hourly_cost_before"), costOf(planned, "hourly_cost_after")
	if m.Downtime || m.IPChange {
		m.Nodes = e.nodes()
	}
	_, listed := planned["dependents"].([]any)
	m.dependentsUnknown = !listed
	for _, d := range planned.objects("dependents") {
		m.Dependents = append(m.Dependents,
			Dependent{Kind: d.text("kind"), Environment: d.text("environment"), NodeGroup: d.text("node_group"),
				Name: d.text("name")})
	}
	m.Class = classOf(planned.text("mode"), m.Downtime, m.IPChange)
	m.Databases, m.Mounts, m.CustomDomains = planned.texts("databases"), planned.texts("mounts"), planned.texts(
		"custom_domains")
	live := planned.text("mode") == "live"
	m.LiveDatabase, m.LiveMounts = live && len(m.Databases) > 0, live && len(m.Mounts) > 0
	return m
}

// classOf trusts the consequences more than the mode: a move with downtime or new addresses is never live.
func classOf(mode string, downtime, ipChange bool) Class {
	switch {
	case ipChange:
		return ClassOfflineNewAddresses
	case mode == "live" && !downtime:
		return ClassLive
	case mode == "offline" || downtime:
		return ClassOffline
	}
	return ClassUnknown
}

// nodes are the nodes before the plan.
func (e environment) nodes() []Node {
	nodes := []Node{}
	for _, n := range e.before.objects("nodes") {
		nodes = append(nodes, Node{
			ID: int64(n.number("id")), NodeGroup: n.text("node_group"), InternalIP: n.text("internal_ip"),
			PublicIPv4: n.texts("public_ipv4"), PublicIPv6: n.texts("public_ipv6"),
		})
	}
	return nodes
}

// costOf is a cost in planned_migration; nil if it is not known.
func costOf(planned object, attribute string) *Cost {
	hourly, known := planned[attribute].(float64)
	if !known {
		return nil
	}
	const hoursPerMonth = 730
	return &Cost{
		Currency: planned.text("currency"), HourlyMax: hourly, MonthlyMax: math.Round(hourly*hoursPerMonth*100) / 100,
		Excludes: planned.texts("cost_excludes"),
	}
}

// windowOf describes a policy's window, for example "Sat, Sun 22:00 for 4h, Europe/Berlin"; empty if there is none.
func windowOf(window object) string {
	if window == nil {
		return ""
	}
	days := "every day"
	if written := window.texts("days"); len(written) > 0 {
		week := []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
		slices.SortStableFunc(written, func(a, b string) int { return slices.Index(week, a) - slices.Index(week, b) })
		days = strings.Join(written, ", ")
	}
	return fmt.Sprintf("%s %s for %s, %s", days, window.text("start"), window.text("duration"),
		cmp.Or(window.text("time_zone"), "UTC"))
}
