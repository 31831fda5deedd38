// Package acctest has what acceptance tests and protocol tests share: a local platform for each test, the provider as
// Terraform starts it, and a way to call it without Terraform. Only tests import it.
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

// The developer's own settings must not affect the tests. They are removed once, before any test runs, because
// parallel tests cannot change the environment of the process.
func init() {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "VAP_") {
			os.Unsetenv(name)
		}
	}
	os.Setenv("TF_CLI_CONFIG_FILE", os.DevNull)
	// A provider in the test's own process would write its whole log to the test's output.
	for _, variable := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_VAP"} {
		if os.Getenv(variable) == "" {
			os.Setenv(variable, "off")
		}
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // memory is cheaper than time here
	}
}

// ProviderFactories serves the provider over protocol 6, for TestCase.ProtoV6ProviderFactories. Each start creates a
// new provider, as in Terraform.
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

// TimeScale is how much faster than a real platform the tests' local platforms are: a minute there takes about 17 ms.
const TimeScale = 3600

// Platform is the local platform of one test. Inject adds faults and ClearFaults removes them. They also work in the
// provider's processes, because the faults are in the platform's folder and NewTerraform links the code that applies
// them.
type Platform struct {
	*localplatform.Platform
	Directory string
	// Client makes changes outside Terraform, as the owner of the account.
	Client *platform.Client
}

// NewPlatform creates a local platform in a temporary folder, with the built-in catalogue and a log of requests.
func NewPlatform(t testing.TB) *Platform {
	t.Helper()
	return NewPlatformWith(t, localplatform.Options{TimeScale: TimeScale})
}

// NewPlatformWith is NewPlatform with other options; it sets the directory if it is empty.
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

// ClearFaults removes all faults from the folder.
func (p *Platform) ClearFaults() error { return faultinjection.Clear(p.Platform) }

// Provider is the provider block that uses the platform, for tests without Terraform.
func (p *Platform) Provider() map[string]any {
	return map[string]any{
		"local_platform":      map[string]any{"directory": p.Directory, "time_scale": TimeScale},
		"requests_per_second": 1000,
	}
}

// Config returns a configuration with a provider block that uses the platform and has these arguments, followed by
// the body.
func (p *Platform) Config(body string, arguments ...string) string {
	return fmt.Sprintf(`
provider "vap" {
  local_platform      = { directory = %q, time_scale = %d }
  requests_per_second = 1000
  %s
}
`, p.Directory, TimeScale, strings.Join(arguments, "\n  ")) + body
}

// Export sets the environment variables that select the platform, for configurations without a provider block. Tests
// that use it cannot run in parallel.
func (p *Platform) Export(t *testing.T) {
	t.Helper()
	t.Setenv("VAP_LOCAL_PLATFORM", p.Directory)
	t.Setenv("VAP_LOCAL_PLATFORM_TIME_SCALE", fmt.Sprint(TimeScale))
}

// Requests returns the calls of a method, for example "migrate", from all processes, in the order in which they
// arrived at the platform. An empty method means all calls.
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
