//go:build unix

package guides

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// notOurs are Terraform's own arguments that prose mentions.
var notOurs = []string{"command", "destroy", "replace_triggered_by"}

// Prose is not executed as guides are: `name = value` in a sentence, and blocks that are only shown, must match the
// schema.
func TestConfigurationInProse(t *testing.T) {
	t.Parallel()
	schema := readSchema(t)
	checked := 0
	for _, page := range pages(t) {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range snippets(string(content)) {
			n, problems := schema.check(s)
			checked += n
			for _, problem := range problems {
				t.Errorf("%s:%d: %s", strings.TrimPrefix(page, root+"/"), s.line, problem)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d arguments were checked", checked)
	}
}

// pages returns the documents for users: README.md, docs, and their sources.
func pages(t *testing.T) []string {
	t.Helper()
	found := []string{root + "/README.md"}
	for _, folder := range []string{"docs", "templates"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".md.tmpl") {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// snippet is configuration in a document: a block, or an argument in a sentence.
type snippet struct {
	line   int
	text   string
	inline bool
}

var (
	fenced     = regexp.MustCompile("(?ms)^[ \t]*```(\\w*)[^\n]*\n(.*?)^[ \t]*```[ \t]*$")
	inlineCode = regexp.MustCompile("`([^`]+)`")
	assignment = regexp.MustCompile(`^[a-z][a-z0-9_.]*\s*=\s*[^=~>\s]`)
	template   = regexp.MustCompile(`\{\{.*?\}\}`)
)

func snippets(page string) []snippet {
	var found []snippet
	lineAt := func(offset int) int { return 1 + strings.Count(page[:offset], "\n") }
	prose := []byte(page)
	for _, m := range fenced.FindAllStringSubmatchIndex(page, -1) {
		if language := page[m[2]:m[3]]; language == "hcl" || language == "terraform" {
			found = append(found, snippet{line: lineAt(m[4]), text: page[m[4]:m[5]]})
		}
		for i := m[0]; i < m[1]; i++ { // the rest keeps its position
			if prose[i] != '\n' {
				prose[i] = ' '
			}
		}
	}
	for _, m := range inlineCode.FindAllSubmatchIndex(prose, -1) {
		if text := string(prose[m[2]:m[3]]); assignment.MatchString(text) {
			found = append(found, snippet{line: lineAt(m[2]), text: text, inline: true})
		}
	}
	return found
}

// object has the arguments and attributes of a provider's object, with their types.
type object map[string]tftypes.Type

type providerSchema struct {
	// blocks has the objects by the kind and type of their block, such as "resource vap_environment".
	blocks map[string]object
	// named has the types of all attributes with a name, nested ones included.
	named map[string][]tftypes.Type
}

func readSchema(t *testing.T) providerSchema {
	t.Helper()
	answer, err := provider.NewServer("test")().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(answer.Diagnostics) > 0 {
		t.Fatal(err, answer.Diagnostics)
	}
	s := providerSchema{blocks: map[string]object{}, named: map[string][]tftypes.Type{}}
	add := func(kind string, schemas map[string]*tfprotov6.Schema) {
		for name, schema := range schemas {
			s.blocks[kind+" "+name] = s.object(schema.Block.Attributes)
		}
	}
	for name, schema := range answer.ActionSchemas {
		s.blocks["action "+name] = s.object(schema.Schema.Block.Attributes)
	}
	add("provider", map[string]*tfprotov6.Schema{"vap": answer.Provider})
	add("resource", answer.ResourceSchemas)
	add("data", answer.DataSourceSchemas)
	return s
}

func (s providerSchema) object(attributes []*tfprotov6.SchemaAttribute) object {
	o := object{}
	for _, a := range attributes {
		o[a.Name] = a.ValueType()
		s.named[a.Name] = append(s.named[a.Name], a.ValueType())
		if a.NestedType != nil {
			s.object(a.NestedType.Attributes)
		}
	}
	return o
}

// check returns how many arguments of a snippet it has compared with the schema, and the problems.
func (s providerSchema) check(text snippet) (checked int, problems []string) {
	// Three dots mean that something is left out.
	source := strings.NewReplacer("…", "", "...", "").Replace(template.ReplaceAllString(text.text, ""))
	file, diagnostics := hclsyntax.ParseConfig([]byte(source), "", hcl.InitialPos)
	if diagnostics.HasErrors() {
		return 0, []string{fmt.Sprintf("%s: %v", text.text, diagnostics)}
	}
	body := file.Body.(*hclsyntax.Body)
	for _, block := range body.Blocks {
		o, ours := s.blocks[strings.Join(append([]string{block.Type}, block.Labels[:min(1, len(block.Labels))]...), " ")]
		if !ours {
			continue
		}
		arguments := block.Body.Attributes
		if block.Type == "action" { // its arguments are in a block of their own
			for _, nested := range block.Body.Blocks {
				arguments = nested.Body.Attributes
			}
		}
		for name, argument := range arguments {
			wanted, known := o[name]
			switch {
			case known:
				checked++
				problems = append(problems, mismatches(argument.Expr, wanted, name)...)
			case !slices.Contains([]string{"count", "for_each", "provider", "depends_on", "alias"}, name):
				problems = append(problems, fmt.Sprintf("%s has no argument %s", block.Labels[0], name))
			}
		}
	}
	for name, argument := range body.Attributes {
		types := s.named[name]
		switch {
		case types != nil:
			checked++
			problems = append(problems, mismatchesOfAll(argument.Expr, types, name)...)
		case text.inline && !slices.Contains(notOurs, name):
			problems = append(problems, "no attribute is called "+name)
		}
	}
	return checked, problems
}

// mismatchesOfAll returns nothing if a value fits one of the attributes with the same name.
func mismatchesOfAll(value hclsyntax.Expression, types []tftypes.Type, path string) (problems []string) {
	for _, wanted := range types {
		if problems = mismatches(value, wanted, path); len(problems) == 0 {
			return nil
		}
	}
	return problems
}

// mismatches returns the parts of a value that do not convert to a type. It ignores values that are only known when
// they are evaluated.
func mismatches(value hclsyntax.Expression, wanted tftypes.Type, path string) (problems []string) {
	switch written := value.(type) {
	case *hclsyntax.ObjectConsExpr:
		var element func(name string) (tftypes.Type, bool)
		switch wanted := wanted.(type) {
		case tftypes.Map:
			element = func(string) (tftypes.Type, bool) { return wanted.ElementType, true }
		case tftypes.Object:
			element = func(name string) (tftypes.Type, bool) {
				found, known := wanted.AttributeTypes[name]
				return found, known
			}
		default:
			return []string{fmt.Sprintf("%s is no object, but %s", path, wanted)}
		}
		for _, item := range written.Items {
			key, diagnostics := item.KeyExpr.Value(nil)
			if diagnostics.HasErrors() || key.Type() != cty.String {
				continue
			}
			if wanted, known := element(key.AsString()); known {
				problems = append(problems, mismatches(item.ValueExpr, wanted, path+"."+key.AsString())...)
			} else {
				problems = append(problems, fmt.Sprintf("%s has no attribute %s", path, key.AsString()))
			}
		}
	case *hclsyntax.TupleConsExpr:
		var element tftypes.Type
		switch wanted := wanted.(type) {
		case tftypes.List:
			element = wanted.ElementType
		case tftypes.Set:
			element = wanted.ElementType
		default:
			return []string{fmt.Sprintf("%s is no list, but %s", path, wanted)}
		}
		for i, value := range written.Exprs {
			problems = append(problems, mismatches(value, element, fmt.Sprintf("%s[%d]", path, i))...)
		}
	default:
		is, diagnostics := value.Value(nil)
		if diagnostics.HasErrors() || is.IsNull() {
			return nil // it has variables or functions
		}
		primitive, known := map[string]cty.Type{
			tftypes.String.String(): cty.String, tftypes.Number.String(): cty.Number, tftypes.Bool.String(): cty.Bool,
		}[wanted.String()]
		if !known {
			return []string{fmt.Sprintf("%s is %s", path, wanted)}
		}
		if _, err := convert.Convert(is, primitive); err != nil {
			return []string{fmt.Sprintf("%s: %v", path, err)}
		}
	}
	return problems
}

func TestSnippetsAreChecked(t *testing.T) {
	t.Parallel()
	schema := readSchema(t)
	const page = "A sentence with `database_layers = [\"a\"]`, `terraform apply` and `x == 1`.\n\n```hcl\nresource " +
		"\"vap_environment\" \"a\" {}\n```\n```sh\nname = no\n```\nAnother with `region =\n\"b\"`.\n"
	var read []string
	for _, s := range snippets(page) {
		read = append(read, fmt.Sprintf("%d %s", s.line, strings.Join(strings.Fields(s.text), " ")))
	}
	want := []string{`4 resource "vap_environment" "a" {}`, `1 database_layers = ["a"]`, `9 region = "b"`}
	if !slices.Equal(read, want) {
		t.Errorf("the snippets are\n%q\nwant\n%q", read, want)
	}
	cases := map[string]string{ // each with a part of its problem
		`database_layers = ["sqldb", "worker"]`:  "",
		`database_layers = { worker = true, … }`: "no object",
		`database_layers = "sqldb"`:              "tftypes.Set",
		`allow_downtime = true`:                  "",
		`allow_downtime = "perhaps"`:             "a bool is required",
		`migration_policy = { mode = "live" }`:   "",
		`migration_policy = { mod = "live" }`:    "no attribute mod",
		`migration_policy = ["live"]`:            "no list",
		`node_groups = { cp = { nodes = 2 } }`:   "no attribute nodes",
		`region = var.region`:                    "",
		`region = `:                              "expression",
		`no_such_thing = 1`:                      "no attribute is called no_such_thing",
		`destroy = false`:                        "",
	}
	for _, text := range slices.Sorted(maps.Keys(cases)) {
		_, problems := schema.check(snippet{text: text, inline: true})
		if said := strings.Join(problems, "; "); !strings.Contains(said, cases[text]) || cases[text] == "" && said != "" {
			t.Errorf("%s: %q is said, want %q", text, said, cases[text])
		}
	}
	block := "resource \"vap_environment\" \"a\" {\n  regio = \"a\"\n  count = 2\n  name = [\"a\"]\n}\nresource " +
		"\"other\" \"b\" {\n  c = 1\n}\n"
	action := "action \"vap_restart_nodes\" \"a\" {\n  config {\n    environment = \"a\"\n    nodes = [\"cp\"]\n  }\n}\n"
	if checked, problems := schema.check(snippet{text: action}); checked != 1 || len(problems) != 1 {
		t.Errorf("of an action %d arguments are checked: %q", checked, problems)
	}
	if checked, problems := schema.check(snippet{text: block}); checked != 1 || len(problems) != 2 {
		t.Errorf("of a block %d arguments are checked: %q", checked, problems)
	}
}
