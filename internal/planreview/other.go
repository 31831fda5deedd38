package planreview

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// derived are attributes of vap_environment that follow from others, or that the review reports as a move.
var derived = []string{
	"app_id", "created_at", "datacenter", "domain", "endpoints", "id", "last_migration", "nodes", "planned_migration",
	"region", "url",
}

// other is what the plan does to the environment apart from migrating it; nil if that is nothing.
func (e environment) other() *Other {
	o := &Other{
		Address: e.change.Address, PreviousAddress: e.change.PreviousAddress, Name: e.name(),
		Region:        cmp.Or(e.region(e.after, "region"), e.region(e.before, "region")),
		RemovedLayers: []string{}, UnmanagedLayers: []string{}, DataLosses: e.allLosses(),
	}
	in := ""
	if region := e.region(e.after, "region"); region != "" {
		in = " in " + region
	}
	switch {
	case e.change.does(tfjson.ActionDelete) && e.change.does(tfjson.ActionCreate):
		o.Action, o.Summary = ActionReplace, "is deleted with its data and created anew, empty,"+in+e.replaceReason()+
			"; it does not migrate"
		if from := e.before.text("region"); from == e.after.text("region") {
			o.Summary = "is deleted with its data and created anew, empty" + e.replaceReason()
		}
	case e.change.does(tfjson.ActionDelete):
		o.Action, o.Summary = ActionDelete, "is deleted with its data"
		if e.change.DeposedKey != "" {
			o.Summary = "its deposed predecessor is deleted with its data"
		}
	case e.change.does(tfjson.ActionForget):
		o.Action, o.Summary = ActionForget, "leaves the state and goes on, unmanaged"
	case e.change.does(tfjson.ActionCreate):
		o.Action, o.Summary = ActionCreate, "is created"+in+" with "+count(len(e.after.object("node_groups")), "layer")
	default:
		return e.update(o)
	}
	return o
}

// update adds what the plan changes in an environment that stays; nil if that is nothing.
func (e environment) update(o *Other) *Other {
	if !e.updates() && !e.change.does(tfjson.ActionNoop) {
		return nil // not understood, and denied for that
	}
	layers := e.layerChanges()
	changes, topology := e.differences(layers.covered)
	if len(layers.unmanaged) > 0 {
		changes = append([]string{unmanagedClause(layers.unmanaged)}, changes...)
	}
	if e.values.Importing != nil {
		changes = append([]string{"is imported"}, changes...)
	}
	o.RemovedLayers, o.UnmanagedLayers = layers.removed, layers.unmanaged
	o.DataLosses = append(o.DataLosses, layers.losses...)
	changes = append(layers.clauses(), changes...)
	if len(changes) == 0 {
		return nil
	}
	o.Action, o.Summary, o.clauses = ActionUpdate, strings.Join(changes, "; "), changes
	if topology || len(o.DataLosses) > 0 {
		o.Action = ActionTopology
	}
	return o
}

// losesData says whether the change loses data, or may.
func (o *Other) losesData() bool {
	return len(o.DataLosses) > 0 || len(o.RemovedLayers) > 0 || o.Action == ActionDelete || o.Action == ActionReplace
}

// certainlyLosesData says whether the change certainly loses data.
func (o *Other) certainlyLosesData() bool {
	return o.losesData() && (len(o.DataLosses) == 0 ||
		slices.ContainsFunc(o.DataLosses, func(l Loss) bool { return l.Certain }))
}

// lossTitle is the heading of changes that lose data, or may.
func (r *Review) lossTitle() string {
	if slices.ContainsFunc(r.Others, func(o Other) bool { return o.certainlyLosesData() }) {
		return "Data is lost"
	}
	return "Data may be lost"
}

// rank sorts changes, the worst first: those that lose data.
func (o *Other) rank() int {
	rank := map[Action]int{
		ActionReplace: 0, ActionDelete: 1, ActionForget: 3, ActionMovedOutside: 4, ActionTopology: 5, ActionUpdate: 6,
		ActionCreate: 7,
	}[o.Action]
	if o.losesData() {
		return min(rank, 2)
	}
	return rank
}

// brief is the summary in about length characters. It leaves out whole clauses, but never the first and worst one.
func (o *Other) brief(length int) string {
	if len(o.clauses) == 0 {
		return o.Summary
	}
	text := o.clauses[0]
	for i, clause := range o.clauses[1:] {
		if len(text)+len(clause) > length {
			return fmt.Sprintf("%s; and %s", text, count(len(o.clauses)-1-i, "more change"))
		}
		text += "; " + clause
	}
	return text
}

// replaceReason gives the reason for a replacement.
func (e environment) replaceReason() string {
	switch e.change.ActionReason {
	case tfjson.ActionReasonReplaceByRequest:
		return ", as asked for by -replace"
	case tfjson.ActionReasonReplaceBecauseTainted:
		return ", because it is tainted"
	case tfjson.ActionReasonReplaceByTriggers:
		return ", because of replace_triggered_by"
	}
	var names []string
	paths, _ := e.values.ReplacePaths.([]any)
	for _, p := range paths {
		if steps, ok := p.([]any); ok && len(steps) > 0 {
			if name, ok := steps[0].(string); ok {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", because " + listFew(names, ", ") + " changes"
}

// differences are the changed arguments, except those of layers in covered, and whether layers are among them.
func (e environment) differences(covered map[string]bool) (changes []string, topology bool) {
	for _, name := range names(e.after, e.unknown) {
		if slices.Contains(derived, name) {
			continue
		}
		d := e.difference(path{name})
		if name == "node_groups" {
			layers := e.layers(covered)
			topology = len(layers) > 0
			changes = append(changes, layers...)
			continue
		}
		changes = append(changes, d...)
	}
	return changes, topology
}

// names are the names in an object after the plan. Unknown attributes are missing in after.
func names(after, unknown object) []string {
	all := maps.Clone(unknown)
	if all == nil {
		all = object{}
	}
	maps.Copy(all, after)
	return slices.Sorted(maps.Keys(all))
}

// layers has a clause for each changed layer that stays or is new, except for the attributes in covered.
func (e environment) layers(covered map[string]bool) []string {
	before, after := e.before.object("node_groups"), e.after.object("node_groups")
	var changes []string
	if e.unknown["node_groups"] == true {
		if len(before) > 0 {
			return nil // layerChanges reports it as a possible loss
		}
		return []string{"layers " + notKnown}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] == nil {
			nodeType := cmp.Or(briefly(after.object(name).text("node_type")), notKnown)
			changes = append(changes, fmt.Sprintf("new layer %s (%s)", briefly(name), nodeType))
			continue
		}
		var inLayer []string
		for _, attribute := range names(after.object(name), asObject(marksBelow(e.unknown["node_groups"], name))) {
			if !covered[name+"."+attribute] {
				inLayer = append(inLayer, e.difference(path{"node_groups", name, attribute})...)
			}
		}
		if len(inLayer) > 0 {
			changes = append(changes, "layer "+briefly(name)+": "+strings.Join(inLayer, ", "))
		}
	}
	return changes
}

// difference describes the change of the value at a path, "count 1 → 2". It shows only simple, known values that
// are not sensitive. An object has an entry for each attribute.
func (e environment) difference(at path) []string {
	before, after := any(map[string]any(e.before)), any(map[string]any(e.after))
	unknown, hidden := any(map[string]any(e.unknown)), []any{e.values.BeforeSensitive, e.values.AfterSensitive}
	for _, step := range at {
		name, _ := step.(string)
		before, after, unknown = asObject(before)[name], asObject(after)[name], marksBelow(unknown, step)
		hidden[0], hidden[1] = marksBelow(hidden[0], step), marksBelow(hidden[1], step)
	}
	if reflect.DeepEqual(before, after) && !anyMarked(unknown) {
		return nil
	}
	if object, ok := after.(map[string]any); ok && len(at) == 1 {
		var changes []string
		for _, name := range slices.Sorted(maps.Keys(object)) {
			changes = append(changes, e.difference(append(slices.Clone(at), name))...)
		}
		return changes
	}
	label := labelOf(at)
	was, simple := scalarText(before)
	is, also := scalarText(after)
	switch {
	case anyMarked(hidden[0]) || anyMarked(hidden[1]):
		return []string{label + " (sensitive)"}
	case unknown == true && simple:
		return []string{label + " " + was + " → " + notKnown}
	case !simple || !also || anyMarked(unknown):
		return []string{label}
	}
	return []string{label + " " + was + " → " + is}
}

// labelOf names the value at a path. The layer is named before, so in a layer the last step is enough.
func labelOf(at path) string {
	if len(at) > 1 && at[0] == "node_groups" {
		return briefly(path{at[len(at)-1]}.String())
	}
	return briefly(strings.TrimPrefix(at.String(), "node_groups."))
}

// externalMove is a move by somebody else that the refresh found and the plan does not undo; nil if there was none.
func (e environment) externalMove() *Other {
	if from, to := e.before.text("region"), e.after.text("region"); !e.updates() || from == "" || to == "" || from == to {
		return nil
	}
	from, to := e.region(e.before, "region"), e.region(e.after, "region")
	return &Other{
		Address: e.change.Address, PreviousAddress: e.change.PreviousAddress, Name: e.name(), Action: ActionMovedOutside,
		Region:  to,
		Summary: "was moved outside Terraform, " + from + " → " + to, RemovedLayers: []string{}, UnmanagedLayers: []string{},
		DataLosses: []Loss{},
	}
}
