package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// maxMemory limits the memory of a review to this many times the size of the plan, for plans from reviewed bytes
// on: for smaller ones, the program itself takes most.
const (
	maxMemory = 4
	reviewed  = 20 << 20
)

// measureReview measures planreview, in every format, on plans with the given numbers of moves. The plans are made
// from a recorded one, so that neither a platform nor Terraform is needed.
func measureReview(ctx context.Context, s settings, stdout io.Writer) (err error) {
	if len(s.reviews) == 0 {
		return nil
	}
	folder, err := os.MkdirTemp("", "vap-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	t := newTable("review of", "plan", "format", "wall", "memory", "memory ÷ plan", "goal")
	for _, n := range s.reviews {
		file := filepath.Join(folder, "plan.json")
		size, err := writeMoves(file, s.plan, n)
		if err != nil {
			return fmt.Errorf("a plan of %d moves: %w", n, err)
		}
		for _, format := range []string{"markdown", "html", "json", "junit"} {
			wall, memory, err := reviewOnce(ctx, s.planreview, file, format)
			if err != nil {
				return fmt.Errorf("reviewing %d moves as %s: %w", n, format, err)
			}
			ratio, goal := float64(memory)/float64(size), ""
			if size >= reviewed {
				goal = verdict(fmt.Sprint(maxMemory), ratio <= maxMemory)
			}
			t.add(fmt.Sprint(n, " moves"), mebibytes(size), format, seconds(wall), mebibytes(memory), fmt.Sprintf("%.2f", ratio),
				goal)
		}
	}
	return t.print(stdout)
}

// reviewOnce reviews a plan from standard input, like a pipeline, and returns the time and the peak memory.
func reviewOnce(ctx context.Context, program, file, format string) (wall time.Duration, memory int64, err error) {
	plan, err := os.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer plan.Close()
	command := exec.CommandContext(ctx, program, "-format", format, "-deny", "offline,cost-increase=10%")
	var complaints bytes.Buffer
	command.Dir, command.Stdin, command.Stderr = filepath.Dir(file), plan, &complaints
	began := time.Now()
	err = command.Run()
	wall = time.Since(began)
	const denied = 1 // expected
	if command.ProcessState == nil || command.ProcessState.ExitCode() != denied {
		return 0, 0, fmt.Errorf("%w\n%s", errors.Join(err, errors.New("the plan is not denied")), tail(complaints.String()))
	}
	memory, err = maxMemoryOf(command.ProcessState)
	return wall, memory, err
}

// writeMoves makes a plan in which n environments move from a recorded plan with one move, and returns its size.
func writeMoves(file, recorded string, n int) (size int64, err error) {
	content, err := os.ReadFile(recorded)
	if err != nil {
		return 0, err
	}
	var plan map[string]any
	if err := json.Unmarshal(content, &plan); err != nil {
		return 0, err
	}
	out, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := bufio.NewWriter(out)
	fmt.Fprint(w, `{"format_version":"1.2","terraform_version":"1.11.4","complete":true,"resource_changes":`)
	if err := writeCopies(w, plan["resource_changes"], n); err != nil {
		return 0, err
	}
	for _, part := range []struct{ begin, name, end string }{
		{`,"planned_values":{"root_module":{"resources":`, "planned_values", "}}"},
		{`,"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":`, "prior_state", "}}}"},
	} {
		fmt.Fprint(w, part.begin)
		values := member(plan, part.name)
		if part.name == "prior_state" {
			values = member(values, "values")
		}
		if err := writeCopies(w, member(values, "root_module")["resources"], n); err != nil {
			return 0, err
		}
		fmt.Fprint(w, part.end)
	}
	repeat(plan)
	configuration, err := json.Marshal(plan["configuration"])
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(w, `,"configuration":%s}`, configuration)
	if err := w.Flush(); err != nil {
		return 0, err
	}
	info, err := out.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// repeat adds for_each to the environments and to the records, so that each record refers to its own environment.
func repeat(plan map[string]any) {
	resources, _ := member(member(plan, "configuration"), "root_module")["resources"].([]any)
	for _, element := range resources {
		resource, _ := element.(map[string]any)
		switch resource["address"] {
		case "vap_environment.shop":
			resource["for_each_expression"] = map[string]any{"references": []string{"var.shops"}}
		case "terraform_data.dns_record":
			resource["for_each_expression"] = map[string]any{"references": []string{"vap_environment.shop"}}
			references := []string{"each.value.domain", "each.value", "each.value.nodes", "each.value"}
			member(resource, "expressions")["input"] = map[string]any{"references": references}
		}
	}
}

func member(of map[string]any, name string) map[string]any {
	object, _ := of[name].(map[string]any)
	return object
}

// writeCopies writes n copies of an environment and its records, each with other addresses.
func writeCopies(w io.Writer, list any, n int) error {
	var copied []string
	all, _ := list.([]any)
	for _, element := range all {
		resource, _ := element.(map[string]any)
		switch resource["address"] {
		case "vap_environment.shop", "terraform_data.dns_record", "terraform_data.allow_list":
			text, err := json.Marshal(resource)
			if err != nil {
				return err
			}
			copied = append(copied, string(text))
		}
	}
	separator := "["
	for i := range n {
		rename := strings.NewReplacer("shop-prod", fmt.Sprintf("shop-%d", i), "192.0.2.2",
			fmt.Sprintf("203.%d.%d.%d", i/40000, i/200%200, i%200+20),
			"10.10.0.2", fmt.Sprintf("10.%d.%d.%d", 20+i/40000, i/200%200, i%200+1),
			`vap_environment.shop"`, fmt.Sprintf(`vap_environment.shop[\"k%d\"]"`, i), `terraform_data.dns_record"`,
			fmt.Sprintf(`terraform_data.dns_record[\"k%d\"]"`, i),
			`terraform_data.allow_list"`, fmt.Sprintf(`terraform_data.allow_list[%d]"`, i))
		for _, text := range copied {
			if _, err := io.WriteString(w, separator+rename.Replace(text)); err != nil {
				return err
			}
			separator = ","
		}
	}
	_, err := io.WriteString(w, "]")
	return err
}
