package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const source = `package p

func Greet(name string) string {
	return "hello " + name
}

func Next(n int) int {
	return n + 1
}

func Small(n int) bool {
	return n < 3
}
`

func TestRun(t *testing.T) {
	t.Parallel()
	const killed = `{"type": "ARITHMETIC_BASE", "status": "KILLED", "line": 4, "column": 18}, {"type": ` +
		`"ARITHMETIC_BASE", "status": "KILLED", "line": 8, "column": 11}`
	boundary := func(status string) string {
		return `{"type": "CONDITIONALS_BOUNDARY", "status": "` + status + `", "line": 12, "column": 11}`
	}
	for name, row := range map[string]struct {
		mutations, survivors string
		says, fails          string
	}{
		"all killed, and one does not compile": {killed, "", "1 of 1 covered mutants killed, 100.0 %", ""},
		"one survives": {killed + "," + boundary("LIVED"), "",
			"survived: p.go:12:11 CONDITIONALS_BOUNDARY\n\treturn n < 3\n1 of 2 covered mutants killed, 50.0 %",
			"less than 95 % killed"},
		"one survives and is accepted": {killed + "," + boundary("LIVED"),
			"# nobody asks for three\np.go CONDITIONALS_BOUNDARY return n < 3\n",
			"1 of 1 covered mutants killed, 100.0 %; besides 1 accepted survivors", ""},
		"accepted and killed": {killed + "," + boundary("KILLED"),
			"# nobody asks for three\np.go CONDITIONALS_BOUNDARY return n < 3\n",
			"listed, but did not survive: p.go CONDITIONALS_BOUNDARY return n < 3\n2 of 2", ""},
		"without a reason":        {killed, "p.go CONDITIONALS_BOUNDARY return n < 3\n", "", "line 1 has no reason"},
		"neither reason nor line": {killed, "# why\np.go\n", "", "line 2 is not FILE MUTATOR LINE"},
		"out of time, not covered": {killed + "," + boundary("TIMED OUT") + "," + boundary("NOT COVERED"), "",
			"1 that ran out of time, 1 not covered", ""},
		"nothing tried":    {boundary("NOT COVERED"), "", "", "no mutant was tried"},
		"of another state": {`{"type": "X", "status": "KILLED", "line": 99, "column": 1}`, "", "", "p.go has no line 99"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			for file, text := range map[string]string{
				"p.go": source, "go.mod": "module p\n\ngo 1.26\n", "survivors.txt": row.survivors,
				"report.json": `{"files": [{"file_name": "p.go", "mutations": [` + row.mutations + `]}]}`,
			} {
				if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out strings.Builder
			err := run(&out, folder, filepath.Join(folder, "report.json"), filepath.Join(folder, "survivors.txt"), 95)
			if !strings.Contains(out.String(), row.says) || (err != nil) != (row.fails != "") || err != nil &&
				!strings.Contains(err.Error(), row.fails) {
				t.Errorf("%v\n%s", err, &out)
			}
		})
	}
}

func TestTextAdditions(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	const text = "package p\n\nimport \"os\"\n\ntype word string\n\nfunc f(a word, n int) (word, int, string) { return " +
		"a + a + \"b\", n + 1, os.Args[0] + \"c\" }\n"
	for file, text := range map[string]string{"p.go": text, "go.mod": "module p\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := textAdditions(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(found)), []string{"p.go:7:54", "p.go:7:58", "p.go:7:83"}; !slices.Equal(got,
		want) {
		t.Errorf("%v, want %v", got, want)
	}
}
