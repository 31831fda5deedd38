package planreview

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// claim is an environment that a plan deletes, or creates or imports, with its identities.
type claim struct {
	address    string
	identities []string
}

// renames finds environments that a plan deletes at one address, and creates or imports at another one.
type renames struct{ deleted, created []claim }

// note records what the plan does to an environment.
func (r *renames) note(e environment) {
	if e.change.DeposedKey != "" {
		return
	}
	if e.change.does(tfjson.ActionDelete) {
		r.deleted = append(r.deleted, claim{e.change.Address, identities(e.before, e.values.BeforeIdentity)})
	}
	importing := asObject(e.values.Importing)
	switch {
	case e.change.does(tfjson.ActionCreate):
		r.created = append(r.created, claim{e.change.Address, identities(e.after, e.values.AfterIdentity)})
	case importing != nil:
		r.created = append(r.created, claim{e.change.Address, slices.Concat(
			identities(e.after, importing["identity"]), identities(object{"name": importing["id"]}, nil))})
	}
}

// identities identify an environment: its name, which is unique on the platform, its app_id, and the identity that
// newer programs write.
func identities(values object, identity any) []string {
	var all []string
	for _, name := range []string{values.text("name"), values.text("id"), asObject(identity).text("name")} {
		if name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if id := values.text("app_id"); id != "" {
		all = append(all, "\x00app "+id) // no name has such a character
	}
	if object := asObject(identity); len(object) > 0 {
		if text, err := json.Marshal(object); err == nil {
			all = append(all, "\x00identity "+string(text))
		}
	}
	return all
}

// createdAt has the first address at which each identity is created or imported.
func (r *renames) createdAt() map[string]string {
	created := map[string]string{}
	for _, c := range slices.SortedFunc(slices.Values(r.created), func(a, b claim) int {
		return strings.Compare(a.address, b.address)
	}) {
		for _, identity := range c.identities {
			if _, known := created[identity]; !known {
				created[identity] = c.address
			}
		}
	}
	return created
}

// connect describes each pair as a rename.
func (r *renames) connect(others []Other) {
	find := func(address string, does func(Action) bool) *Other {
		i := slices.IndexFunc(others, func(o Other) bool { return o.Address == address && does(o.Action) })
		if i < 0 {
			return nil
		}
		return &others[i]
	}
	created := r.createdAt()
	for _, d := range r.deleted {
		to := ""
		for _, identity := range d.identities {
			if address := created[identity]; address != "" && address != d.address {
				to = address
				break
			}
		}
		if to == "" {
			continue
		}
		if from := find(d.address, func(a Action) bool { return a == ActionDelete || a == ActionReplace }); from != nil {
			from.RenamedTo, from.Moved = to, fmt.Sprintf("moved {\n  from = %s\n  to   = %s\n}", flat(d.address), flat(to))
			from.Summary = "is renamed in the configuration without `moved`: everything on it is lost, and " + to +
				" begins anew, empty"
			from.DataLosses = []Loss{{What: LossEnvironmentDeleted, Layer: "", Certain: true,
				Text: "it is renamed in the configuration without `moved`: everything on it is lost"}}
		}
		if anew := find(to, func(a Action) bool { return a != ActionDelete && a != ActionMovedOutside }); anew != nil {
			anew.RenamedFrom = d.address
			anew.Summary += ", instead of " + d.address + ", which is deleted with its data"
			if len(anew.clauses) > 0 {
				anew.clauses[len(anew.clauses)-1] += ", instead of " + d.address + ", which is deleted with its data"
			}
		}
	}
}
