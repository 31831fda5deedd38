package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// environmentCase is one environment of the table: a row together with a move.
type environmentCase struct {
	row
	move
	label         string
	before, after map[string]any
}

// cases combines rows with a move. Without write-only attributes it leaves out the rows that need them.
func cases(m move, rows []row, writeOnly bool) []environmentCase {
	var all []environmentCase
	for _, r := range rows {
		if r.writes && !writeOnly {
			continue
		}
		c := environmentCase{row: r, move: m, label: m.name + "-" + r.name}
		c.before, c.after = environment(c.label, m), environment(c.label, m)
		if r.base != nil {
			r.base(c.before, m)
			r.base(c.after, m)
		}
		if m.to != "" {
			c.after["region"] = m.to
		}
		r.change(c.after, m)
		all = append(all, c)
	}
	return all
}

// configuration has all environments, each with a resource that depends on its addresses and domain.
func configuration(t *testing.T, p *acctest.Platform, all []environmentCase, target string,
	pick func(environmentCase) map[string]any) string {
	t.Helper()
	provider := p.Provider()
	provider["max_concurrent_migrations"] = 50
	environments, dependents := map[string]any{}, map[string]any{
		"target": map[string]any{"input": target}, "yes": map[string]any{"input": target != economy},
	}
	for _, c := range all {
		environments[c.label] = pick(c)
		dependents[c.label] = map[string]any{"input": map[string]any{
			"domain": "${vap_environment." + c.label + ".domain}",
			"public": "${flatten(vap_environment." + c.label + ".nodes[*].public_ipv4)}",
		}}
	}
	content, err := json.Marshal(map[string]any{
		"provider": map[string]any{"vap": provider},
		"resource": map[string]any{"vap_environment": environments, "terraform_data": dependents},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Every argument changes alone and together with each kind of move, all rows of a move in one configuration. The plan
// leaves exactly the listed attributes unknown, the apply does what the plan shows, every dependent changes in the
// same apply, and the next plan is empty. The test runs with both Terraform and OpenTofu if both are available.
func TestAccApplyMatchesPlan(t *testing.T) {
	t.Parallel()
	for program, tf := range acctest.NewTerraformInProcess(t).Programs() {
		writeOnly := tf.AtLeast(1, 11)
		for name, all := range map[string][]environmentCase{
			"an argument alone":                  cases(stays, rows, writeOnly),
			"with a live move":                   cases(live, rows, writeOnly),
			"with an offline move":               cases(offline, rows, writeOnly),
			"with a move to another data centre": cases(far, rows, writeOnly),
			"known only during the apply": slices.Concat(cases(unsaid, rows[:1], writeOnly),
				cases(unpermitted, rows[:1], writeOnly)),
		} {
			t.Run(program+" "+name, func(t *testing.T) {
				t.Parallel()
				checkTable(t, tf.Another(t), all)
			})
		}
	}
}

func checkTable(t *testing.T, tf *acctest.Terraform, all []environmentCase) {
	p := acctest.NewPlatform(t)
	tf.Write("main.tf.json", configuration(t, p, all, economy, func(c environmentCase) map[string]any { return c.before }))
	tf.Run("apply", "-input=false", "-auto-approve")
	before := tf.State()

	tf.Write("main.tf.json", configuration(t, p, all, performance, func(c environmentCase) map[string]any {
		return c.after
	}))
	changes := map[string]acctest.Change{}
	for _, c := range tf.Plan() {
		changes[c.Address] = c
	}
	tf.Run("apply", "-input=false", "plan")
	after := tf.State()
	migrated := migrations(t, p)
	for _, c := range all {
		c.checkPlan(t, changes, before)
		c.checkApply(t, changes, before, after, migrated[c.label])
	}

	tf.Run("plan", "-input=false", "-detailed-exitcode", "-out=plan")
	// If a refresh finds changes, the apply stored a wrong state.
	for _, d := range tf.Show("plan").Drift {
		delete(d.Change.Before, "planned_migration")
		delete(d.Change.After, "planned_migration")
		if !reflect.DeepEqual(d.Change.Before, d.Change.After) {
			t.Errorf("%s: the apply left %v, the refresh finds %v", d.Address, d.Change.Before, d.Change.After)
		}
	}
}

// checkPlan checks the planned values and actions.
func (c environmentCase) checkPlan(t *testing.T, changes map[string]acctest.Change, before map[string]map[string]any) {
	t.Helper()
	address := "vap_environment." + c.label
	change, state := changes[address].Change, before[address]
	actions := []string{"update"}
	switch {
	case c.replaces:
		actions = []string{"delete", "create"}
	case reflect.DeepEqual(c.before, c.after):
		actions = []string{"no-op"}
	}
	if !slices.Equal(change.Actions, actions) {
		t.Errorf("%s: the plan's actions are %v, want %v", c.label, change.Actions, actions)
	}
	unknown := sorted(slices.Concat(c.row.unknown, c.move.unknown))
	if c.replaces {
		unknown = sorted(c.row.unknown) // nothing moves
	}
	if got := sorted(unknownPaths("", change.AfterUnknown)); !slices.Equal(got, unknown) {
		t.Errorf("%s: unknown attributes\n%v, want\n%v", c.label, got, unknown)
	}

	// Known values are as configured, or as before.
	for name, value := range change.After {
		_, written := c.after[name]
		kept := name != "planned_migration" && name != "datacenter" && !c.replaces
		if !written && kept && !slices.Contains(unknown, name) && !reflect.DeepEqual(value, state[name]) {
			t.Errorf("%s: the plan changes %s from %v to %v", c.label, name, state[name], value)
		}
	}
	c.checkPlanned(t, change.After["planned_migration"], change.After["datacenter"])

	dependent, follows := changes["terraform_data."+c.label].Change, slices.Contains(unknown, "nodes") ||
		slices.Contains(unknown, "domain")
	if want := map[bool]string{true: "update", false: "no-op"}[follows]; !slices.Equal(dependent.Actions, []string{want}) {
		t.Errorf("%s: the actions for the dependent are %v, want %s", c.label, dependent.Actions, want)
	}
}

// checkPlanned checks planned_migration.
func (c environmentCase) checkPlanned(t *testing.T, got, datacenter any) {
	t.Helper()
	planned, _ := got.(map[string]any)
	if (planned != nil) != (c.move.planned != nil && !c.replaces) {
		t.Errorf("%s: the planned migration is %v", c.label, got)
	}
	if planned == nil {
		return
	}
	want := maps.Clone(c.move.planned)
	maps.Copy(want, c.row.planned[c.move.name])
	want["missing_permissions"], want["expected_domain"], want["currency"] = nil, nil, "EUR"
	if want["domain_change"] == true {
		want["expected_domain"] = c.label + "." + datacenter.(string) + ".vap.test"
	}
	for name, value := range want {
		if !reflect.DeepEqual(planned[name], value) {
			t.Errorf("%s: planned_migration.%s is %v, want %v", c.label, name, planned[name], value)
		}
	}
	before, _ := planned["hourly_cost_before"].(float64)
	// If the platform decides the size of a new node group, costs cannot be compared.
	if after, _ := planned["hourly_cost_after"].(float64); after <= 0 ||
		(before > 0) != (planned["cost_excludes"] == nil) {
		t.Errorf("%s: %v → %v an hour without %v", c.label, planned["hourly_cost_before"], planned["hourly_cost_after"],
			planned["cost_excludes"])
	}
	for name, value := range planned {
		if reflect.DeepEqual(value, []any{}) && (name != "dependents" || planned["mode"] == "live") {
			t.Errorf("%s: planned_migration.%s is empty, and not null", c.label, name)
		}
	}
}

// checkApply compares the result of the apply with the plan.
func (c environmentCase) checkApply(t *testing.T, changes map[string]acctest.Change, before,
	after map[string]map[string]any, migrated []string) {
	t.Helper()
	address := "vap_environment." + c.label
	change, was, is := changes[address].Change, before[address], after[address]
	if difference := contradiction(change.After, change.AfterUnknown, is, ""); difference != "" {
		t.Errorf("%s: %s", c.label, difference)
	}
	if output, want := after["terraform_data."+c.label]["output"], map[string]any{"domain": is["domain"],
		"public": public(is)}; !reflect.DeepEqual(output, want) {
		t.Errorf("%s: the dependent knows %v, want %v", c.label, output, want)
	}
	if c.move.planned == nil || c.replaces {
		if moves := c.to != "" && !c.replaces; len(migrated) > 0 != moves || (is["last_migration"] != nil) != moves {
			t.Errorf("%s: migrations %v, last_migration %v", c.label, migrated, is["last_migration"])
		}
		return
	}
	planned, last := change.After["planned_migration"].(map[string]any), is["last_migration"].(map[string]any)
	if want := []string{fmt.Sprint(planned["to_region"], " ", planned["mode"])}; !slices.Equal(migrated, want) {
		t.Errorf("%s: migrations requested: %v, want %v", c.label, migrated, want)
	}
	for name, value := range last {
		if said, both := planned[name]; both && !reflect.DeepEqual(said, value) {
			t.Errorf("%s: %s was planned as %v and recorded as %v", c.label, name, said, value)
		}
	}
	domain, previous := was["domain"], any(nil)
	if planned["domain_change"] == true {
		domain, previous = planned["expected_domain"], was["domain"]
	}
	if last["previous_domain"] != previous || (last["address_changes"] != nil) != (planned["ip_change"] == true) {
		t.Errorf("%s: the record is %v of a migration planned as %v", c.label, last, planned)
	}
	if is["domain"] != domain || is["datacenter"] != change.After["datacenter"] || is["region"] != planned["to_region"] {
		t.Errorf("%s: domain %v in %v, %v; planned %v", c.label, is["domain"], is["region"], is["datacenter"], planned)
	}
	if moved := !slices.ContainsFunc(addresses(is), func(a any) bool {
		return slices.Contains(addresses(was), a)
	}); moved != (planned["ip_change"] == true) {
		t.Errorf("%s: its addresses were %v and are %v", c.label, addresses(was), addresses(is))
	}
}

// Every argument changes in some row.
func TestEveryArgumentHasARow(t *testing.T) {
	t.Parallel()
	changed := map[string]bool{"region": true}
	for _, c := range cases(stays, rows, true) {
		differences(c.before, c.after, "", changed)
	}
	var arguments func(attributes []*tfprotov6.SchemaAttribute, at string)
	arguments = func(attributes []*tfprotov6.SchemaAttribute, at string) {
		for _, a := range attributes {
			switch {
			case !a.Required && !a.Optional:
			case a.NestedType != nil && a.Name != "volumes": // volumes are set as a whole
				below := at + a.Name + "."
				if a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeMap {
					below += "*."
				}
				arguments(a.NestedType.Attributes, below)
			case !changed[at+a.Name]:
				t.Errorf("no row changes %s", at+a.Name)
			}
		}
	}
	arguments(acctest.NewServer(t).Schema.ResourceSchemas["vap_environment"].Block.Attributes, "")
}

// differences collects the arguments that differ, with a star instead of the name of a node group.
func differences(before, after map[string]any, at string, into map[string]bool) {
	for name := range after {
		if reflect.DeepEqual(before[name], after[name]) {
			continue
		}
		inner, nested := after[name].(map[string]any)
		label := name
		if at == "node_groups." {
			label = "*"
		}
		into[at+label] = true
		if nested {
			was, _ := before[name].(map[string]any)
			differences(was, inner, at+label+".", into)
		}
	}
}

// migrations returns the calls of migrate that reached the platform, by environment, as "region live" or "region
// offline".
func migrations(t *testing.T, p *acctest.Platform) map[string][]string {
	t.Helper()
	calls := map[string][]string{}
	for _, r := range p.Requests(t, "migrate") {
		kind := " offline"
		if r.Parameters["isonline"] == "true" {
			kind = " live"
		}
		calls[r.Parameters["envname"]] = append(calls[r.Parameters["envname"]], r.Parameters["hardwarenodegroup"]+kind)
	}
	return calls
}

func sorted(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

// unknownPaths returns the paths that a plan leaves unknown, with dots between names.
func unknownPaths(at string, value any) []string {
	var paths []string
	switch value := value.(type) {
	case bool:
		if value {
			paths = append(paths, strings.TrimPrefix(at, "."))
		}
	case map[string]any:
		for name, v := range value {
			paths = append(paths, unknownPaths(at+"."+name, v)...)
		}
	case []any:
		for i, v := range value {
			paths = append(paths, unknownPaths(fmt.Sprintf("%s.%d", at, i), v)...)
		}
	}
	return paths
}

// contradiction returns the first place where a value that the plan knew turned out different.
func contradiction(planned, unknown, actual any, at string) string {
	if unknown == true {
		return ""
	}
	if object, nested := planned.(map[string]any); nested {
		// Unknown values are only in unknown, not in planned.
		below, _ := unknown.(map[string]any)
		is, ok := actual.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s was planned as %v and is %v", at, planned, actual)
		}
		for _, name := range slices.Sorted(maps.Keys(is)) {
			if difference := contradiction(object[name], below[name], is[name], at+"."+name); difference != "" {
				return difference
			}
		}
		return ""
	}
	if !reflect.DeepEqual(planned, actual) {
		return fmt.Sprintf("%s was planned as %v and is %v", at, planned, actual)
	}
	return ""
}

func public(state map[string]any) []any {
	all := []any{}
	for _, node := range state["nodes"].([]any) {
		all = append(all, node.(map[string]any)["public_ipv4"].([]any)...)
	}
	return all
}

func addresses(state map[string]any) []any {
	all := public(state)
	for _, node := range state["nodes"].([]any) {
		all = append(all, node.(map[string]any)["internal_ip"])
	}
	return all
}
