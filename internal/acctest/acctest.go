// Package acctest is what acceptance tests and protocol tests share: a local platform of the test's own, the provider
// as Terraform starts it, and a way to talk to it without Terraform. It is imported by tests only.
package acctest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faultinjection"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// A developer's own settings must not decide how tests end. They are taken out once, before any test runs, because
// parallel tests cannot change the process's environment.
func init() {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "VAP_") {
			os.Unsetenv(name)
		}
	}
	os.Setenv("TF_CLI_CONFIG_FILE", os.DevNull)
	// A provider that is not a process of its own would write all of its log to the test's output.
	for _, variable := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_VAP"} {
		if os.Getenv(variable) == "" {
			os.Setenv(variable, "off")
		}
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // memory is cheaper than time here
	}
}

// ProviderFactories serves the provider over protocol 6, for TestCase.ProtoV6ProviderFactories. Each start is a
// provider of its own, as in Terraform.
var ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
	"vap": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test")(), nil },
}

// PreCheck fails a test that would make plugin-testing download Terraform.
func PreCheck(t *testing.T) {
	t.Helper()
	if os.Getenv("TF_ACC_TERRAFORM_PATH") != "" {
		return
	}
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Fatal("acceptance tests need terraform on the PATH, or TF_ACC_TERRAFORM_PATH with the path of terraform or tofu")
	}
}

// TimeScale is how much faster than a real platform the tests' local platforms are: what takes a minute there takes
// them some 17 ms.
const TimeScale = 3600

// Platform is the local platform of one test. Faults are injected with its methods Inject and ClearFaults; the
// provider's processes obey, because everything is in the folder and NewTerraform links what obeys.
type Platform struct {
	*localplatform.Platform
	Directory string
	// Client changes things behind Terraform's back, as the owner of the account.
	Client *platform.Client
}

// NewPlatform makes a local platform in a temporary folder, with the built-in catalogue and its request log on.
func NewPlatform(t testing.TB) *Platform {
	t.Helper()
	return NewPlatformWith(t, localplatform.Options{TimeScale: TimeScale})
}

// NewPlatformWith is NewPlatform with options of the test's own; the directory is set if it is empty.
func NewPlatformWith(t testing.TB, options localplatform.Options) *Platform {
	t.Helper()
	if options.Directory == "" {
		options.Directory = filepath.Join(t.TempDir(), "platform")
	}
	if err := localplatform.EnableRequestLog(options.Directory); err != nil {
		t.Fatal(err)
	}
	local, err := localplatform.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = local.Close() })
	client, err := platform.New(platform.Config{
		Endpoint: "http://localhost", Token: localplatform.OwnerToken, Transport: local.Transport(), RequestsPerSecond: 1000,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &Platform{Platform: local, Directory: options.Directory, Client: client}
}

// Inject adds faults to those in the platform's folder.
func (p *Platform) Inject(list ...faults.Fault) error {
	return faultinjection.Inject(p.Platform, list...)
}

// ClearFaults takes all faults out of the folder.
func (p *Platform) ClearFaults() error { return faultinjection.Clear(p.Platform) }

// Provider is the provider block that uses the platform, for tests without Terraform.
func (p *Platform) Provider() map[string]any {
	return map[string]any{
		"local_platform":      map[string]any{"directory": p.Directory, "time_scale": TimeScale},
		"requests_per_second": 1000,
	}
}

// Config is a configuration with a provider block that uses the platform, with more arguments for it, followed by the
// body.
func (p *Platform) Config(body string, arguments ...string) string {
	return fmt.Sprintf(`
provider "vap" {
  local_platform      = { directory = %q, time_scale = %d }
  requests_per_second = 1000
  %s
}
`, p.Directory, TimeScale, strings.Join(arguments, "\n  ")) + body
}

// Export makes the environment variables name the platform, for configurations without a provider block. Tests that
// use it cannot run in parallel.
func (p *Platform) Export(t *testing.T) {
	t.Helper()
	t.Setenv("VAP_LOCAL_PLATFORM", p.Directory)
	t.Setenv("VAP_LOCAL_PLATFORM_TIME_SCALE", fmt.Sprint(TimeScale))
}

// Requests lists the calls of a method, for example "migrate", in the order in which they arrived at the platform,
// whichever process made them; with an empty method, all of them.
func (p *Platform) Requests(t *testing.T, method string) []localplatform.Request {
	t.Helper()
	all, err := localplatform.ReadRequests(p.Directory)
	if err != nil {
		t.Fatal(err)
	}
	var matching []localplatform.Request
	for _, r := range all {
		if method == "" || r.Method == method || strings.HasSuffix(r.Method, "/"+strings.ToLower(method)) {
			matching = append(matching, r)
		}
	}
	return matching
}
