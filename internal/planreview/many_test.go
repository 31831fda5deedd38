package planreview_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/planreview"
)

// planOf is the JSON of a plan in which n environments move to another data centre, made from a recorded plan of
// one. Each has a DNS record that follows it. Each address is hard-coded in an allow-list of its own and in a
// common one.
func planOf(tb testing.TB, n int) []byte {
	tb.Helper()
	content, err := os.ReadFile("testdata/plans/terraform-1.11/references.json")
	if err != nil {
		tb.Fatal(err)
	}
	var plan map[string]any
	if err := json.Unmarshal(content, &plan); err != nil {
		tb.Fatal(err)
	}
	changes := []any{}
	list := func(value any) []any { l, _ := value.([]any); return l }
	object := func(value any) map[string]any { o, _ := value.(map[string]any); return o }
	state := object(object(object(plan["prior_state"])["values"])["root_module"])
	planned := object(object(plan["planned_values"])["root_module"])
	resources, after := []any{}, []any{}
	var everybody []string
	for i := range n {
		rename := strings.NewReplacer("shop-prod", fmt.Sprintf("shop-%d", i), "192.0.2.2", address(i), "10.10.0.2",
			fmt.Sprintf("10.20.%d.%d", i/250, i%250+1),
			`vap_environment.shop"`, fmt.Sprintf(`vap_environment.shop[\"k%d\"]"`, i), `terraform_data.dns_record"`,
			fmt.Sprintf(`terraform_data.dns_record[\"k%d\"]"`, i),
			`terraform_data.allow_list"`, fmt.Sprintf(`terraform_data.allow_list[%d]"`, i))
		again := func(from []any) []any {
			var copies []any
			for _, r := range from {
				switch object(r)["address"] {
				case "vap_environment.shop", "terraform_data.dns_record", "terraform_data.allow_list":
					text, _ := json.Marshal(r)
					var renamed any
					if err := json.Unmarshal([]byte(rename.Replace(string(text))), &renamed); err != nil {
						tb.Fatal(err)
					}
					copies = append(copies, renamed)
				}
			}
			return copies
		}
		changes = append(changes, again(list(plan["resource_changes"]))...)
		resources = append(resources, again(list(state["resources"]))...)
		after = append(after, again(list(planned["resources"]))...)
		everybody = append(everybody, address(i)+"/32")
	}
	changes = append(changes, map[string]any{"address": "terraform_data.everybody", "mode": "managed",
		"type": "terraform_data", "provider_name": "terraform.io/builtin/terraform",
		"change": map[string]any{"actions": []string{"no-op"}, "before": map[string]any{"input": everybody},
			"after": map[string]any{"input": everybody}}})
	plan["resource_changes"], state["resources"] = changes, resources
	planned["resources"] = after
	delete(state, "child_modules")
	for _, r := range list(object(object(plan["configuration"])["root_module"])["resources"]) {
		switch r := object(r); r["address"] {
		case "terraform_data.dns_record":
			r["for_each_expression"] = map[string]any{"references": []string{"vap_environment.shop"}}
			object(r["expressions"])["input"] =
				map[string]any{"references": []string{"each.value.domain", "each.value", "each.value.nodes", "each.value"}}
		case "vap_environment.shop":
			r["for_each_expression"] = map[string]any{"references": []string{"var.shops"}}
		}
	}
	content, err = json.Marshal(plan)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// address is a public address of an environment.
func address(i int) string { return fmt.Sprintf("203.0.%d.%d", i/150, i%150+100) }

func review(tb testing.TB, content []byte, gate planreview.Gate) *planreview.Review {
	tb.Helper()
	plan, err := planreview.Read(bytes.NewReader(content))
	if err != nil {
		tb.Fatal(err)
	}
	return planreview.New(plan, gate)
}

// However many environments move, the review fits into a comment and accounts for every move.
func TestManyMovesFitIntoComment(t *testing.T) {
	t.Parallel()
	for _, n := range []int{30, 1000} {
		r := review(t, planOf(t, n), strict(t))
		if len(r.Moves) != n {
			t.Fatalf("%d moves of %d", len(r.Moves), n)
		}
		for i := range r.Moves {
			if m := &r.Moves[i]; len(m.Following) != 1 || len(m.HardCoded) != 2 || len(m.Unchanged) != 0 {
				t.Fatalf("%s has %d following, %d hard-coded, %d unchanged: %+v", m.Address, len(m.Following), len(m.HardCoded),
					len(m.Unchanged), m)
			}
		}
		var out bytes.Buffer
		if err := planreview.Markdown(&out, r); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if out.Len() > 65_536 {
			t.Errorf("the review of %d moves has %d bytes", n, out.Len())
		}
		rows, summarised := 0, 0
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "| ⛔ `shop-") {
				rows++
			}
			_, _ = fmt.Sscanf(line, "**%d more moves are summarised**", &summarised)
		}
		if rows+summarised != n {
			t.Errorf("of %d moves %d are in the table and %d are summarised", n, rows, summarised)
		}
		if n == 1000 && (summarised == 0 || out.Len() < 40_000) {
			t.Errorf("%d moves are summarised in %d bytes", summarised, out.Len())
		}
		t.Logf("%d moves: %d bytes, %d in the table, %d summarised", n, out.Len(), rows, summarised)
	}
}

func BenchmarkThousandMoves(b *testing.B) { benchmark(b, planOf(b, 1000)) }

// The worst case: each of a thousand resources refers to all of a thousand environments that move.
func BenchmarkThousandMovesReferredToByAll(b *testing.B) {
	content := bytes.ReplaceAll(planOf(b, 1000), []byte(`"for_each_expression":{"references":["vap_environment.shop"]}`),
		[]byte(`"for_each_expression":{"references":["var.shops"]}`))
	all := bytes.ReplaceAll(content,
		[]byte(`{"references":["each.value.domain","each.value","each.value.nodes","each.value"]}`),
		[]byte(`{"references":["vap_environment.shop"]}`))
	if bytes.Equal(all, content) {
		b.Fatal("the reference is not that of planOf")
	}
	benchmark(b, all)
}

func benchmark(b *testing.B, content []byte) {
	b.Helper()
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		r := review(b, content, planreview.Gate{})
		var out bytes.Buffer
		if err := planreview.Markdown(&out, r); err != nil {
			b.Fatal(err)
		}
	}
}
