package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
)

// maxCalls is how many platform calls the plan of any number of environments may make.
const maxCalls = 4

// plans are plans of n resources that can be made repeatedly.
type plans struct {
	account *account
	// core has resources that are built into the command line program; floor and vap plan the same configuration and
	// state.
	core, floor, vap *workspace
}

// sample is a series of measurements of one plan.
type sample struct {
	walls, cpus []time.Duration
	// peak is the peak memory of a run in bytes.
	peak  int64
	calls int64
}

func (s *sample) add(c cost) {
	s.walls, s.cpus, s.peak = append(s.walls, c.wall), append(s.cpus, c.cpu), max(s.peak, c.peak)
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func measurePlans(ctx context.Context, s settings, stdout io.Writer) error {
	t := newTable("resources", "API latency", "plan of", "wall", "CPU", "peak memory", "calls", "wall ÷ core",
		"wall ÷ smallest", "CPU ÷ smallest", "goal")
	for _, n := range s.sizes {
		if err := measureSize(ctx, s, n, t); err != nil {
			return fmt.Errorf("%d environments: %w", n, err)
		}
	}
	return t.print(stdout)
}

func measureSize(ctx context.Context, s settings, n int, t *table) (err error) {
	folder, err := os.MkdirTemp("", "vap-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	p, err := prepare(ctx, s, n, folder)
	if err != nil {
		return err
	}
	defer p.account.close()

	var core, floor sample
	vap, moving := make([]sample, len(s.latencies)), make([]sample, len(s.latencies))
	// Each run makes all plans in turn, so that a disturbance of the machine affects all of them.
	for range s.runs {
		if err := p.account.measure(ctx, &core, 0, p.core.planNothing); err != nil {
			return err
		}
		if err := p.account.measure(ctx, &floor, 0, p.floor.planNothing); err != nil {
			return err
		}
		for i, latency := range s.latencies {
			if err := p.account.measure(ctx, &vap[i], latency, p.vap.planNothing); err != nil {
				return err
			}
			if !s.moves {
				continue
			}
			if err := p.account.measure(ctx, &moving[i], latency, p.vap.planMoves); err != nil {
				return err
			}
		}
	}
	row := func(of string, latency string, one sample, goal string) {
		wall, cpu := median(one.walls), median(one.cpus)
		t.add(fmt.Sprint(n), latency, of, seconds(wall), seconds(cpu), mebibytes(one.peak), fmt.Sprint(one.calls),
			ratio(wall, median(core.walls)), ratio(wall, median(floor.walls)), ratio(cpu, median(floor.cpus)), goal)
	}
	row("terraform_data (core)", "", core, "")
	row("the smallest provider", "", floor, "")
	for i, latency := range s.latencies {
		limit := median(floor.walls)*12/10 + maxCalls*latency
		row("vap_environment", milliseconds(latency), vap[i], verdict(seconds(limit), median(vap[i].walls) <= limit))
		if s.moves {
			row("vap_environment, all move", milliseconds(latency), moving[i], "")
		}
	}
	return nil
}

// measure makes a plan with the account's latency.
func (a *account) measure(ctx context.Context, into *sample, latency time.Duration,
	plan func(context.Context) (cost, error)) error {
	a.latency.Store(int64(latency))
	a.calls.Store(0)
	took, err := plan(ctx)
	if err != nil {
		return err
	}
	into.add(took)
	into.calls = a.calls.Load()
	return nil
}

// prepare makes n environments, and states that contain them. The smallest provider uses the real one's state.
func prepare(ctx context.Context, s settings, n int, folder string) (*plans, error) {
	a, err := newAccount(ctx, folder, n)
	if err != nil {
		return nil, err
	}
	p := &plans{account: a}
	if err := p.fill(ctx, s, n, folder); err != nil {
		a.close()
		return nil, err
	}
	return p, nil
}

func (p *plans) fill(ctx context.Context, s settings, n int, folder string) error {
	var err error
	main := environmentsConfiguration(n, p.account.address)
	const imports = "imports.tf"
	if p.vap, err = newWorkspace(s.program, filepath.Join(folder, "vap"), s.provider,
		map[string]string{"main.tf": main, imports: importConfiguration(n)}); err != nil {
		return err
	}
	if err := p.vap.apply(ctx); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(p.vap.folder, imports)); err != nil {
		return err
	}
	const state = "terraform.tfstate"
	same, err := os.ReadFile(filepath.Join(p.vap.folder, state))
	if err != nil {
		return err
	}
	if p.floor, err = newWorkspace(s.program, filepath.Join(folder, "floor"), s.floor,
		map[string]string{"main.tf": main, state: string(same)}); err != nil {
		return err
	}
	if p.core, err = newWorkspace(s.program, filepath.Join(folder, "core"), s.provider,
		map[string]string{"main.tf": coreConfiguration(n)}); err != nil {
		return err
	}
	return p.core.apply(ctx)
}

// environmentsConfiguration has all environments of the account. It uses count, because core evaluates a for_each
// again for every instance, which takes longer than everything else if there are many. It permits more requests per
// second than the default, because plans that move make a request for each environment.
func environmentsConfiguration(n int, endpoint string) string {
	return fmt.Sprintf(`
terraform {
  required_providers { vap = { source = "terraform-provider-vap/vap" } }
}
provider "vap" {
  endpoint            = %q
  token               = %q
  requests_per_second = 1000
}
variable "region" { default = %q }
resource "vap_environment" "all" {
  count       = %d
  name        = format(%q, count.index)
  region      = var.region
  node_groups = { %s }
}
`, endpoint, localplatform.OwnerToken, region, n, nameFormat, nodeGroups)
}

func importConfiguration(n int) string {
	return fmt.Sprintf(`
import {
  for_each = [for i in range(%d) : i]
  to       = vap_environment.all[each.value]
  id       = format(%q, each.value)
}
`, n, nameFormat)
}

func coreConfiguration(n int) string {
	return fmt.Sprintf(`
resource "terraform_data" "all" {
  count = %d
  input = { name = format(%q, count.index), region = %q, node_groups = { %s } }
}
`, n, nameFormat, region, nodeGroups)
}
