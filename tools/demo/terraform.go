package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// commandLine runs Terraform or OpenTofu in the folder of the configuration.
type commandLine struct {
	program string
	folder  string
	env     []string
}

// show runs a command as a user would, and prints the command and its output. It returns the output and the exit
// code.
func (c *commandLine) show(ctx context.Context, arguments ...string) (string, int, error) {
	words := []string{filepath.Base(c.program)}
	for _, argument := range arguments {
		if strings.ContainsAny(argument, ` "{`) {
			argument = "'" + argument + "'"
		}
		words = append(words, argument)
	}
	fmt.Printf("\n$ %s\n", strings.Join(words, " "))
	var output bytes.Buffer
	both := io.MultiWriter(os.Stdout, &output)
	code, err := c.run(ctx, both, both, arguments...)
	return output.String(), code, err
}

// succeed is show for a command that must succeed.
func (c *commandLine) succeed(ctx context.Context, arguments ...string) (string, error) {
	output, code, err := c.show(ctx, arguments...)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s %s ended with exit code %d", filepath.Base(c.program), arguments[0], code)
	}
	return output, err
}

// read runs a command quietly and decodes the JSON that it prints.
func (c *commandLine) read(ctx context.Context, into any, arguments ...string) error {
	var output, complaints bytes.Buffer
	code, err := c.run(ctx, &output, &complaints, arguments...)
	if err != nil {
		return err
	}
	if code != 0 {
		return fmt.Errorf("%s: exit code %d: %s", strings.Join(arguments, " "), code, complaints.String())
	}
	return json.Unmarshal(output.Bytes(), into)
}

// run returns the exit code of a command that exits by itself; everything else is an error.
func (c *commandLine) run(ctx context.Context, stdout, stderr io.Writer, arguments ...string) (int, error) {
	command := exec.CommandContext(ctx, c.program, arguments...)
	command.Dir, command.Env, command.Stdout, command.Stderr = c.folder, c.env, stdout, stderr
	// Ctrl-C must reach Terraform only once, from here: after a second one, it would abandon its providers.
	apart(command)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 20 * time.Second
	err := command.Run()
	if ctx.Err() != nil {
		return 0, errors.New("interrupted")
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// environmentOf is the user's environment without the variables that would change the story.
func environmentOf(all []string, configuration string) []string {
	var env []string
	for _, variable := range all {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "VAP_") {
			env = append(env, variable)
		}
	}
	return append(env, "TF_CLI_CONFIG_FILE="+configuration, "TF_CLI_ARGS=-no-color", "TF_IN_AUTOMATION=1",
		"CHECKPOINT_DISABLE=1")
}

const version = "0.1.0" // any version will do; the configuration has no constraint

// fillMirror puts the provider where Terraform and OpenTofu look for it in a filesystem mirror.
func fillMirror(mirror, provider string) error {
	executable, err := os.ReadFile(provider)
	if err != nil {
		return fmt.Errorf("the provider has not been built: %w", err)
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(mirror, host, "terraform-provider-vap", "vap", version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "terraform-provider-vap_v"+version), executable, 0o700); err != nil {
			return err
		}
	}
	return nil
}

func mirrorConfiguration(mirror string) string {
	return fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(mirror))
}
