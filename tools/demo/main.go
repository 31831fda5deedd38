// Demo shows the provider's main story with the real Terraform or OpenTofu, the real provider and the local
// platform: an environment moves live within its data centre, the plan refuses its move to another one, and the
// environment moves there once that is permitted. The demo prints the program's output, checks every step, and
// leaves nothing behind.
//
// Run it with "make demo". The command line program is $TF_ACC_TERRAFORM_PATH.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	provider := flag.String("provider", "bin/terraform-provider-vap", "the provider's executable")
	example := flag.String("example", "examples/getting-started", "the folder of the configuration")
	flag.Parse()

	start := time.Now()
	if err := run(*provider, *example); err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
	fmt.Printf("\nAll steps had the expected results, in %s. The temporary folder is gone.\n",
		time.Since(start).Round(time.Second))
}

func run(provider, example string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	folder, err := os.MkdirTemp("", "vap-demo-")
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, os.RemoveAll(folder)) }()

	work := filepath.Join(folder, "shop")
	if err := os.CopyFS(work, os.DirFS(example)); err != nil {
		return err
	}
	mirror := filepath.Join(folder, "mirror")
	if err := fillMirror(mirror, provider); err != nil {
		return err
	}
	configuration := filepath.Join(folder, "cli.tfrc")
	if err := os.WriteFile(configuration, []byte(mirrorConfiguration(mirror)), 0o600); err != nil {
		return err
	}
	cli := &commandLine{
		program: cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"),
		folder:  work,
		env:     environmentOf(os.Environ(), configuration),
	}
	return tell(ctx, cli)
}
