// Bench measures the cost of a plan without changes and of starting the provider. It compares them with Terraform's
// own cost and with the smallest provider that has the same schema, in one run on one machine, so that the ratios
// mean something on any machine.
//
// Run it with "make bench". The command line program is $TF_ACC_TERRAFORM_PATH. BENCHMARKS.md has results and says
// how to read them.
package main

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settings say what to measure.
type settings struct {
	// program is Terraform or OpenTofu; provider and floor are executables. commit is the commit of the provider.
	program, provider, floor, commit string
	// sizes are numbers of environments; latencies are delays of each response, in addition to the local platform's
	// own.
	sizes     []int
	latencies []time.Duration
	// runs is how often everything is measured; the medians are printed.
	runs int
	// starts is how often each provider is started in all.
	starts int
	// moves adds plans that move every environment.
	moves bool
	// planreview is the executable of the review, reviews are the numbers of moves in the reviewed plans, and plan is
	// the recorded plan from which they are made.
	planreview, plan string
	reviews          []int
	// applies are numbers of environments that are created, moved and destroyed.
	applies []int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

func run(ctx context.Context, arguments []string, stdout io.Writer) error {
	s := settings{program: cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&s.provider, "provider", "bin/terraform-provider-vap", "the provider's `executable`")
	flags.StringVar(&s.floor, "floor", ".cache/bench/floor/terraform-provider-vap",
		"the `executable` of the smallest provider")
	flags.StringVar(&s.commit, "commit", "unknown", "what the provider was built `from`")
	sizes := flags.String("n", "1 100 1000", "`numbers` of environments; none measures the start only")
	latencies := flags.String("latency", "0 50 200", "`milliseconds` that an answer of the platform takes longer than "+
		"the local platform itself")
	flags.IntVar(&s.runs, "runs", 3, "how `often` everything is measured; medians are printed")
	flags.IntVar(&s.starts, "starts", 21, "how `often` each provider is started; medians are printed")
	flags.BoolVar(&s.moves, "moves", false, "measure plans that move every environment, too")
	flags.StringVar(&s.planreview, "planreview", ".cache/bench/planreview", "the review's `executable`")
	flags.StringVar(&s.plan, "plan", "internal/planreview/testdata/plans/terraform-1.11/references.json",
		"the recorded `plan` of which those are made that are reviewed")
	reviews := flags.String("reviews", "1000 11000", "`numbers` of moves in the plans that are reviewed; none measures "+
		"no review")
	applies := flags.String("applies", "20 300 1000", "`numbers` of environments that are created, moved and destroyed; "+
		"none measures no applies")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	var err error
	if s.reviews, err = numbers("-reviews", *reviews, 1); err != nil {
		return err
	}
	if s.applies, err = numbers("-applies", *applies, 1); err != nil {
		return err
	}
	if s.sizes, err = numbers("-n", *sizes, 1); err != nil {
		return err
	}
	milliseconds, err := numbers("-latency", *latencies, 0)
	if err != nil {
		return err
	}
	for _, n := range milliseconds {
		s.latencies = append(s.latencies, time.Duration(n)*time.Millisecond)
	}
	if s.runs < 1 || s.starts < 1 {
		return errors.New("-runs and -starts must be at least 1")
	}
	if err := introduce(ctx, s, stdout); err != nil {
		return err
	}
	if err := measureStart(ctx, s, stdout); err != nil {
		return err
	}
	if err := measureReview(ctx, s, stdout); err != nil {
		return err
	}
	if err := measurePlans(ctx, s, stdout); err != nil {
		return err
	}
	return measureApplies(ctx, s, stdout)
}

func numbers(flag, text string, least int) ([]int, error) {
	var all []int
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n < least {
			return nil, fmt.Errorf("%s: %q is not a whole number of at least %d", flag, word, least)
		}
		all = append(all, n)
	}
	return all, nil
}

// introduce prints what is measured, with which programs and on which machine.
func introduce(ctx context.Context, s settings, stdout io.Writer) error {
	build, err := buildinfo.ReadFile(s.provider)
	if err != nil {
		return fmt.Errorf("the provider has not been built: %w", err)
	}
	version, err := programVersion(ctx, s.program)
	if err != nil {
		return err
	}
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		load = []byte("unknown")
	}
	_, err = fmt.Fprintf(stdout, "commit %s, %s, %s, %s/%s, %d CPUs, load before: %s\n\n",
		s.commit, version, build.GoVersion, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), strings.TrimSpace(string(load)))
	return err
}
