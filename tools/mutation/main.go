// Mutation evaluates gremlins' report about a package: how many mutants its tests killed, and which survived.
//
//	go run ./tools/mutation [-survivors FILE] [-threshold PERCENT] FOLDER REPORT.json
//
// Gremlins counts every failure of "go test" as a kill, even of a mutant that does not compile (text minus text).
// This program ignores such mutants, and survivors that are listed with a reason. The list identifies them by the
// text of their line, so that changes above it do not matter.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	survivors := flag.String("survivors", "", "`file` that lists the accepted survivors")
	threshold := flag.Float64("threshold", 95, "least `percent` of the covered mutants that must be killed")
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, flag.Arg(0), flag.Arg(1), *survivors, *threshold); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

// mutant is a mutant in gremlins' report.
type mutant struct {
	file   string
	Kind   string `json:"type"`
	Status string `json:"status"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	source string // its line, without surrounding white space
}

func (m mutant) position() string { return fmt.Sprintf("%s:%d:%d", m.file, m.Line, m.Column) }

// entry is the mutant's entry in the list of survivors.
func (m mutant) entry() string { return m.file + " " + m.Kind + " " + m.source }

func run(w io.Writer, folder, report, survivors string, threshold float64) error {
	mutants, err := readReport(report, folder)
	if err != nil {
		return err
	}
	accepted := map[string]bool{}
	if survivors != "" {
		text, err := os.ReadFile(survivors)
		if err != nil {
			return err
		}
		if accepted, err = parseSurvivors(string(text)); err != nil {
			return fmt.Errorf("%s: %w", survivors, err)
		}
	}
	impossible, err := textAdditions(folder)
	if err != nil {
		return err
	}
	return evaluate(mutants, accepted, impossible).print(w, threshold)
}

// readReport reads the mutants of a report and their lines.
func readReport(name, folder string) ([]mutant, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var report struct {
		Files []struct {
			Name      string   `json:"file_name"`
			Mutations []mutant `json:"mutations"`
		} `json:"files"`
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var all []mutant
	for _, file := range report.Files {
		base := filepath.Base(file.Name)
		data, err := os.ReadFile(filepath.Join(folder, base))
		if err != nil {
			return nil, err
		}
		lines := strings.Split(string(data), "\n")
		for _, m := range file.Mutations {
			if m.Line < 1 || m.Line > len(lines) {
				return nil, fmt.Errorf("%s has no line %d: the report is of an earlier state of it", base, m.Line)
			}
			m.file, m.source = base, strings.TrimSpace(lines[m.Line-1])
			all = append(all, m)
		}
	}
	return all, nil
}

// parseSurvivors reads the list: comments with reasons, each followed by its survivors.
func parseSurvivors(text string) (map[string]bool, error) {
	accepted, reason := map[string]bool{}, false
	for i, line := range strings.Split(text, "\n") {
		switch line = strings.TrimSpace(line); {
		case line == "":
			reason = false
		case strings.HasPrefix(line, "#"):
			reason = true
		case len(strings.SplitN(line, " ", 3)) < 3:
			return nil, fmt.Errorf("line %d is not FILE MUTATOR LINE", i+1)
		case !reason:
			return nil, fmt.Errorf("line %d has no reason: write it into a comment above", i+1)
		default:
			accepted[line] = true
		}
	}
	return accepted, nil
}

// textAdditions are the positions of the plus signs between strings in the package of a folder.
func textAdditions(folder string) (map[string]bool, error) {
	list := exec.Command("go", "list", "-export", "-deps", "-f",
		"{{.ImportPath}}\t{{.Export}}\t{{if not .DepOnly}}{{join .GoFiles \" \"}}{{end}}", ".")
	list.Dir, list.Stderr = folder, os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	fset := token.NewFileSet()
	var files []*ast.File
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
		exports[fields[0]] = fields[1]
		for _, name := range strings.Fields(fields[2]) {
			file, err := parser.ParseFile(fset, filepath.Join(folder, name), nil, 0)
			if err != nil {
				return nil, err
			}
			files = append(files, file)
		}
	}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	info := types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	if _, err := config.Check(folder, fset, files, &info); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for expr, value := range info.Types {
		sum, ok := expr.(*ast.BinaryExpr)
		if !ok || sum.Op != token.ADD {
			continue
		}
		if basic, ok := value.Type.Underlying().(*types.Basic); ok && basic.Info()&types.IsString != 0 {
			at := fset.Position(sum.OpPos)
			found[fmt.Sprintf("%s:%d:%d", filepath.Base(at.Filename), at.Line, at.Column)] = true
		}
	}
	return found, nil
}

// result counts the mutants that compile.
type result struct {
	killed, timedOut, notCovered int
	survivors                    []mutant // not in the list
	accepted                     int
	stale                        []string // accepted, and killed or gone
}

func evaluate(mutants []mutant, accepted, impossible map[string]bool) result {
	var r result
	survived := map[string]bool{}
	for _, m := range mutants {
		if impossible[m.position()] {
			continue
		}
		switch m.Status {
		case "KILLED":
			r.killed++
		case "TIMED OUT":
			r.timedOut++
		case "NOT COVERED":
			r.notCovered++
		case "LIVED":
			if survived[m.entry()] = true; accepted[m.entry()] {
				r.accepted++
			} else {
				r.survivors = append(r.survivors, m)
			}
		}
	}
	for entry := range accepted {
		if !survived[entry] {
			r.stale = append(r.stale, entry)
		}
	}
	return r
}

func (r result) print(w io.Writer, threshold float64) error {
	for _, m := range r.survivors {
		fmt.Fprintf(w, "survived: %s %s\n\t%s\n", m.position(), m.Kind, m.source)
	}
	for _, entry := range r.stale {
		fmt.Fprintf(w, "listed, but did not survive: %s\n", entry)
	}
	covered := r.killed + len(r.survivors)
	if covered == 0 {
		return errors.New("no mutant was tried")
	}
	percent := 100 * float64(r.killed) / float64(covered)
	fmt.Fprintf(w, "%d of %d covered mutants killed, %.1f %%; besides %d accepted survivors, %d that ran out of time, "+
		"%d not covered\n",
		r.killed, covered, percent, r.accepted, r.timedOut, r.notCovered)
	if percent < threshold {
		return fmt.Errorf("less than %g %% killed: test what the survivors change, or list those that no test can tell apart",
			threshold)
	}
	return nil
}
