package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// workspace is a folder with a configuration, in which the command line program runs with one provider.
type workspace struct {
	program, folder string
	env             []string
}

// cost is what a run of the command line program took, including its providers.
type cost struct {
	wall, cpu time.Duration
	// peak is the peak memory in bytes of the program or one of its providers; 0 if the system does not report it.
	peak int64
}

// newWorkspace makes the folder. The provider is an executable named terraform-provider-vap, alone in its folder.
func newWorkspace(program, folder, provider string, files map[string]string) (*workspace, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	provider, err := filepath.Abs(filepath.Dir(provider))
	if err != nil {
		return nil, err
	}
	w := &workspace{program: program, folder: folder}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "VAP_") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env, "TF_CLI_CONFIG_FILE="+filepath.Join(folder, "cli.tfrc"), "TF_CLI_ARGS=-no-color",
		"TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	// With dev_overrides, nothing is installed and no checksum is computed, so only the plan is measured.
	err = w.write("cli.tfrc", fmt.Sprintf("provider_installation {\n  dev_overrides { \"terraform-provider-vap/vap\" = "+
		"%q }\n}\n", filepath.ToSlash(provider)))
	for name, content := range files {
		err = errors.Join(err, w.write(name, content))
	}
	return w, err
}

func (w *workspace) write(name, content string) error {
	return os.WriteFile(filepath.Join(w.folder, name), []byte(content), 0o600)
}

// run runs a command, which must end with this exit code.
func (w *workspace) run(ctx context.Context, code int, arguments ...string) (cost, error) {
	command := exec.CommandContext(ctx, w.program, arguments...)
	var output bytes.Buffer
	command.Dir, command.Env, command.Stdout, command.Stderr = w.folder, w.env, &output, &output
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 20 * time.Second
	start := time.Now()
	err := command.Run()
	wall := time.Since(start)
	if command.ProcessState.ExitCode() != code {
		return cost{}, fmt.Errorf("%s: %w\n%s", strings.Join(arguments, " "),
			cmp.Or(err, errors.New("it ended well, which it should not")), tail(output.String()))
	}
	// The times of a process include the children that it waited for, and the program waits for its providers.
	took := cost{wall: wall, cpu: command.ProcessState.UserTime() + command.ProcessState.SystemTime()}
	if peak, err := maxMemoryOf(command.ProcessState); err == nil {
		took.peak = peak
	}
	return took, nil
}

// apply applies the configuration.
func (w *workspace) apply(ctx context.Context) error {
	_, err := w.run(ctx, 0, "apply", "-input=false", "-auto-approve", "-compact-warnings")
	return err
}

// planNothing makes a plan that must find no changes.
func (w *workspace) planNothing(ctx context.Context) (cost, error) {
	return w.run(ctx, 0, "plan", "-input=false", "-detailed-exitcode")
}

// planMoves makes a plan that moves every environment.
func (w *workspace) planMoves(ctx context.Context) (cost, error) {
	return w.run(ctx, 2, "plan", "-input=false", "-detailed-exitcode", "-var=region="+target)
}

// tail is the end of an output, where the reason for a failure is.
func tail(output string) string {
	const enough = 4000
	return output[max(0, len(output)-enough):]
}

// programVersion is the name and version of the command line program, for example "Terraform v1.11.4".
func programVersion(ctx context.Context, program string) (string, error) {
	output, err := exec.CommandContext(ctx, program, "version").Output()
	if err != nil {
		return "", fmt.Errorf("%s version: %w", program, err)
	}
	version, _, _ := strings.Cut(string(output), "\n")
	return version, nil
}
