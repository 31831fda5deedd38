// Planreview shows people what a Terraform or OpenTofu plan does to environments of the Virtuozzo Application
// Platform. For machines, its exit code says whether the plan is denied. See README.md.
//
//	terraform show -json plan.out | planreview [-format FORMAT[=FILE]] [-deny KIND,...] [-config FILE] [PLAN.json]
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/planreview"
)

// The exit codes.
const (
	clean    = 0
	denied   = 1
	badInput = 2
)

// Limits for the garbage collector: the memory limit is the floor or, for larger plans, this many times their size.
const (
	memoryFloor    = 64 << 20
	memoryPerPlan  = 3
	quickGCPercent = 400
)

// defaultConfig is read if it exists and -config does not name another file.
const defaultConfig = ".vap-review.yml"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, time.Now()))
}

// run is the program; it returns the exit code.
func run(arguments []string, stdin io.Reader, stdout, stderr io.Writer, now time.Time) int {
	options, err := parse(arguments, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return clean
	}
	if err != nil {
		fmt.Fprintln(stderr, "planreview:", err)
		return badInput
	}
	options.gate.Today = now
	review, err := options.review(stdin)
	if err == nil {
		err = options.write(review, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "planreview:", err)
		return badInput
	}
	if !review.Denied {
		return clean
	}
	fmt.Fprintln(stderr, "planreview: denied")
	for _, d := range review.Denials {
		where := d.Address
		if where == "" {
			where = "the plan"
		}
		fmt.Fprintf(stderr, "  %s: %s: %s\n", where, d.Kind, d.Text)
	}
	return denied
}

// output is a format and its file; an empty file name means standard output.
type output struct{ format, file string }

type options struct {
	outputs []output
	gate    planreview.Gate
	input   string // empty for standard input
}

// list collects the values of a flag that may occur several times.
type list struct {
	values []string
	given  bool
}

func (l *list) String() string { return strings.Join(l.values, ",") }

func (l *list) Set(value string) error {
	l.values, l.given = append(l.values, value), true
	return nil
}

func parse(arguments []string, stderr io.Writer) (options, error) {
	var formatFlag, denyFlag list
	flags := flag.NewFlagSet("planreview", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run reports errors, once
	flags.Var(&formatFlag, "format", "`FORMAT[=FILE]`: "+strings.Join(slices.Sorted(maps.Keys(planreview.Formats)), ", ")+
		"; may be given several times; the default is markdown")
	flags.Var(&denyFlag, "deny", "`KIND,...`: "+planreview.Kinds()+"; the default is what the configuration file says")
	config := flags.String("config", "", "configuration `FILE`; the default is "+defaultConfig+", if there is one")
	flags.Usage = func() {
		flags.SetOutput(stderr)
		fmt.Fprint(stderr, "Usage: terraform show -json plan.out | planreview [flags]\n       planreview [flags] "+
			"PLAN.json\n\nExit code 0: nothing is denied; 1: something is; 2: the input or the command line is wrong.\n\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		return options{}, err
	}
	if flags.NArg() > 1 {
		return options{}, fmt.Errorf("one plan at a time: %q is too much", flags.Arg(1))
	}
	o := options{}
	if o.input = flags.Arg(0); o.input == "-" {
		o.input = ""
	}
	settings, err := settingsOf(*config)
	if err != nil {
		return options{}, err
	}
	o.gate = settings.Gate
	if denyFlag.given { // overrides the file, except for its exceptions
		o.gate.Deny = nil
		for _, value := range denyFlag.values {
			if err := o.gate.ParseDeny(value); err != nil {
				return options{}, fmt.Errorf("-deny: %w", err)
			}
		}
	}
	names := settings.Formats
	if formatFlag.given {
		names = formatFlag.values
	}
	o.outputs, err = outputsOf(names)
	return o, err
}

func settingsOf(file string) (planreview.Settings, error) {
	name := file
	if name == "" {
		name = defaultConfig
	}
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && file == "" {
		return planreview.Settings{}, nil
	}
	if err != nil {
		return planreview.Settings{}, err
	}
	settings, err := planreview.ParseSettings(content)
	if err == nil {
		_, err = outputsOf(settings.Formats)
	}
	if err != nil {
		return settings, fmt.Errorf("%s: %w", name, err)
	}
	return settings, nil
}

func outputsOf(names []string) ([]output, error) {
	if len(names) == 0 {
		names = []string{"markdown"}
	}
	var outputs []output
	taken := map[string]bool{}
	for _, name := range names {
		format, file, err := planreview.ParseFormat(name)
		if err != nil {
			return nil, err
		}
		if taken[file] {
			where := file
			if where == "" {
				where = "standard output"
			}
			return nil, fmt.Errorf("two formats go to %s: write -format %s=FILE", where, format)
		}
		taken[file] = true
		outputs = append(outputs, output{format, file})
	}
	return outputs, nil
}

func (o options) review(stdin io.Reader) (*planreview.Review, error) {
	input := stdin
	if o.input != "" {
		file, err := os.Open(o.input)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		input = file
	}
	plan, err := planreview.Read(input)
	if err != nil {
		return nil, err
	}
	// A short-lived program needs little garbage collection, but a large plan must not take all the memory of a
	// runner.
	debug.SetMemoryLimit(max(memoryFloor, memoryPerPlan*int64(plan.Size)))
	debug.SetGCPercent(quickGCPercent)
	return planreview.New(plan, o.gate), nil
}

// write writes the review in every format. It renders while it writes, because the output for a large plan is
// large.
func (o options) write(review *planreview.Review, stdout io.Writer) error {
	for _, out := range o.outputs {
		if out.file == "" {
			if err := render(stdout, out.format, review); err != nil {
				return err
			}
			continue
		}
		// The umask limits the mode as usual: a review has no secrets, and another user may have to upload it as an
		// artifact.
		file, err := os.OpenFile(out.file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		if err != nil {
			return err
		}
		if err := errors.Join(render(file, out.format, review), file.Close()); err != nil {
			return err
		}
	}
	return nil
}

func render(w io.Writer, format string, review *planreview.Review) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	if err := errors.Join(planreview.Formats[format](buffered, review), buffered.Flush()); err != nil {
		return fmt.Errorf("format %s: %w", format, err)
	}
	return nil
}
