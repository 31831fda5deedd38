package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/terraform-provider-vap/terraform-provider-vap"

// The imports between packages are those of the diagram in CONTRIBUTING.md, no more and no fewer.
func TestImportDirections(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]map[string]bool{} // what a package may import
	var arrows [][2][]string
	_, drawing, _ := strings.Cut(string(text), "```\nmain -> ")
	drawing, _, _ = strings.Cut("main -> "+drawing, "\n```")
	for line := range strings.Lines(drawing) {
		var groups [][]string
		for group := range strings.SplitSeq(strings.TrimSpace(line), " -> ") {
			groups = append(groups, strings.Split(group, ", "))
		}
		for i, importers := range groups {
			for _, importer := range importers {
				if drawn[importer] == nil {
					drawn[importer] = map[string]bool{}
				}
				for _, imported := range slices.Concat(groups[i+1:]...) {
					drawn[importer][imported] = true
				}
			}
			if i > 0 {
				arrows = append(arrows, [2][]string{groups[i-1], importers})
			}
		}
	}
	if len(arrows) == 0 {
		t.Fatal("CONTRIBUTING.md has no diagram of imports")
	}

	actual, _ := imports(t)
	for importer, list := range actual {
		if drawn[importer] == nil {
			t.Errorf("%s is not in the diagram in CONTRIBUTING.md", importer)
		}
		for _, imported := range list {
			if !drawn[importer][imported] {
				t.Errorf("%s imports %s, which the diagram in CONTRIBUTING.md does not allow", importer, imported)
			}
		}
	}
	for _, arrow := range arrows {
		if !slices.ContainsFunc(arrow[0], func(importer string) bool {
			return slices.ContainsFunc(arrow[1], func(imported string) bool {
				return slices.Contains(actual[importer], imported)
			})
		}) {
			t.Errorf("the diagram in CONTRIBUTING.md says that %v import %v, but none does", arrow[0], arrow[1])
		}
	}
}

// Only tests and tools/localplatform may inject faults.
func TestShippedProviderInjectsNoFaults(t *testing.T) {
	t.Parallel()
	const prefix = module + "/internal/localplatform/fault"
	for tags, want := range map[string]bool{"": false, "grpcnotrace,nethttpomithttp2": false, "faults": true} {
		list, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", tags, ".").Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(list), prefix); got != want {
			t.Errorf("built with tags %q, the provider injects faults: %t, want %t", tags, got, want)
		}
	}
}

// Only tests may link the JSON Schema validator, not released programs.
func TestReleasesDoNotLinkSchemaValidator(t *testing.T) {
	t.Parallel()
	const validator = "github.com/santhosh-tekuri/jsonschema"
	for arguments, want := range map[string]bool{". ./tools/planreview": false, "-test ./tools/planreview": true} {
		list, err := exec.CommandContext(t.Context(), "go",
			append([]string{"list", "-deps"}, strings.Fields(arguments)...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(list), validator); got != want {
			t.Errorf("go list -deps %s has %s: %t, want %t", arguments, validator, got, want)
		}
	}
}

// Only the platform's clients import wire, only the packages of resources and data sources import Terraform's types,
// and the provider does not import what only plan reviews need.
func TestForbiddenImports(t *testing.T) {
	t.Parallel()
	ours, others := imports(t)
	for importer, list := range ours {
		if slices.Contains(list, "wire") && !slices.Contains([]string{"platform", "localplatform", "faultinjection"},
			importer) {
			t.Errorf("%s imports wire, which only clients of the platform may import", importer)
		}
	}
	const framework = "github.com/hashicorp/terraform-plugin-framework"
	forbidden := map[string][]string{
		"wire":          {framework},
		"platform":      {framework},
		"localplatform": {framework},
		"migration":     {framework, "net/http"},
		"planreview":    {framework, "net/http"},
	}
	for importer, list := range others {
		if importer != "planreview" {
			forbidden[importer] = append(forbidden[importer], "github.com/hashicorp/terraform-json", "go.yaml.in/yaml")
		}
		for _, imported := range list {
			if slices.ContainsFunc(forbidden[importer], func(prefix string) bool {
				return strings.HasPrefix(imported, prefix)
			}) {
				t.Errorf("%s imports %s", importer, imported)
			}
		}
	}
}

// imports returns what each package imports from this module and from elsewhere. It leaves out tests, the programs in
// tools/, and what main links only for tests. A package is named by its folder alone, as in the diagram.
func imports(t *testing.T) (found, others map[string][]string) {
	t.Helper()
	found, others = map[string][]string{}, map[string][]string{}
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && file != "internal" && !strings.HasPrefix(filepath.ToSlash(file), "internal/"):
			return filepath.SkipDir
		case filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || file == "main_faults.go":
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		importer := "main"
		if folder := filepath.Dir(file); folder != "." {
			importer = filepath.Base(folder)
		}
		if importer == "acctest" || strings.HasSuffix(parsed.Name.Name, "_test") {
			return nil
		}
		for _, spec := range parsed.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			ours, ok := strings.CutPrefix(imported, module+"/internal/")
			if !ok {
				others[importer] = append(others[importer], imported)
			}
			if ok && !slices.Contains(found[importer], filepath.Base(ours)) {
				found[importer] = append(found[importer], filepath.Base(ours))
			}
		}
		if found[importer] == nil {
			found[importer] = []string{}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, others
}
