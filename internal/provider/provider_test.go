package provider_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
)

type object = map[string]any

const (
	isError   = tfprotov6.DiagnosticSeverityError
	isWarning = tfprotov6.DiagnosticSeverityWarning
)

func local(directory string) object { return object{"local_platform": object{"directory": directory}} }

func TestConfigureWarnsAboutLocalPlatform(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "platform")
	server := acctest.NewServer(t)
	diags := server.Configure(local(folder))
	acctest.ExpectOne(t, diags, isWarning, "local_platform.directory")
	// A command starts the provider several times.
	if diags := acctest.NewServer(t).Configure(local(folder)); len(diags) > 0 {
		t.Errorf("warned again: %s", acctest.Text(diags))
	}
	if err := os.WriteFile(filepath.Join(folder, "warned"), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if diags := acctest.NewServer(t).Configure(local(folder)); len(diags) != 1 {
		t.Errorf("another command was not warned: %s", acctest.Text(diags))
	}
	state, diags := server.Read("vap_regions", object{})
	if acctest.HasErrors(diags) || len(state["regions"].([]any)) != 8 {
		t.Errorf("regions %v, %s", state, acctest.Text(diags))
	}
}

func TestConfigureUsesLocalPlatformFromEnvironment(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "platform")
	t.Setenv("VAP_LOCAL_PLATFORM", folder)
	acctest.ExpectOne(t, acctest.NewServer(t).Configure(object{}), isWarning, "")
	if _, err := os.Stat(folder); err != nil {
		t.Error(err)
	}
}

func TestConfigureNeedsExactlyOnePlatform(t *testing.T) {
	t.Parallel()
	server := acctest.NewServer(t)
	if diags := server.Validate(object{}); len(diags) > 0 {
		t.Errorf("validation must pass without a platform: %s", acctest.Text(diags))
	}
	acctest.ExpectOne(t, server.Configure(object{}), isError, "")
	both := local(t.TempDir())
	both["endpoint"], both["token"] = "https://app.paas.example.com", "sometoken"
	if diags := server.Validate(both); len(diags) > 0 {
		t.Errorf("validation leaves this to Configure: %s", acctest.Text(diags))
	}
	acctest.ExpectOne(t, server.Configure(both), isError, "local_platform")
}

// The provider block refers to something that the plan creates.
func TestUnknownConfiguration(t *testing.T) {
	t.Parallel()
	configs := map[string]object{
		"a part of local_platform": {"local_platform": object{"directory": acctest.Unknown{}}},
		"a part of live_migration": {
			"local_platform": object{"directory": "never-made"},
			"live_migration": []any{object{"between": []any{"a", acctest.Unknown{}}, "possible": true}},
		},
		"unknown endpoint, known token": {"endpoint": acctest.Unknown{}, "token": "sometoken"},
	}
	for _, attribute := range acctest.NewServer(t).Schema.Provider.Block.Attributes {
		config := local("never-made")
		config[attribute.Name] = acctest.Unknown{}
		configs[attribute.Name] = config
	}
	_, refused := acctest.NewServer(t).Read("vap_regions", object{}) // the provider is not configured
	acctest.ExpectOne(t, refused, isError, "")
	for name, config := range configs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := acctest.NewServer(t)
			if diags := server.Validate(config); len(diags) > 0 {
				t.Errorf("validate: %s", acctest.Text(diags))
			}
			if diags := server.Configure(config); len(diags) > 0 {
				t.Errorf("configure: %s", acctest.Text(diags))
			}
			if _, diags := server.Read("vap_regions", object{}); acctest.Text(diags) != acctest.Text(refused) {
				t.Errorf("the provider data has a service: %s", acctest.Text(diags))
			}
			if _, err := os.Stat("never-made"); err == nil {
				t.Error("a local platform was opened")
			}
		})
	}
}

const privateKeyNotCertificate = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"

// Validation refuses unusable arguments, and Configure refuses unusable environment variables.
func TestUnusableArguments(t *testing.T) {
	for name, test := range map[string]struct{ argument, variable, value string }{
		"no scheme":      {"endpoint", "VAP_ENDPOINT", "app.paas.example.com"},
		"plain http":     {"endpoint", "VAP_ENDPOINT", "http://app.paas.example.com"},
		"another scheme": {"endpoint", "VAP_ENDPOINT", "ftp://app.paas.example.com"},
		"a user name":    {"endpoint", "VAP_ENDPOINT", "https://user:secretvalue@app.paas.example.com"},
		"no host":        {"endpoint", "VAP_ENDPOINT", "https://"},
		"spaces":         {"token", "VAP_TOKEN", "secretvalue with spaces"},
		"no certificate": {"ca_certificate", "VAP_CA_CERTIFICATE", privateKeyNotCertificate},
	} {
		t.Run(name, func(t *testing.T) {
			server := acctest.NewServer(t)
			config := object{"endpoint": "https://app.paas.example.com", "token": "sometoken"}
			check := func(diags []*tfprotov6.Diagnostic) {
				t.Helper()
				acctest.ExpectOne(t, diags, isError, test.argument)
				if strings.Contains(acctest.Text(diags), "secretvalue") {
					t.Errorf("a secret appears: %s", acctest.Text(diags))
				}
			}
			config[test.argument] = test.value
			check(server.Validate(config))

			config[test.argument] = nil
			t.Setenv(test.variable, test.value)
			check(server.Configure(config))
		})
	}
}

func TestLocalPlatformErrors(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("not a folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, local := range map[string]object{
		"directory is a file":  {"directory": file},
		"catalogue is missing": {"directory": t.TempDir(), "catalogue": file + ".json"},
		"catalogue is invalid": {"directory": t.TempDir(), "catalogue": file},
	} {
		t.Run(name, func(t *testing.T) {
			acctest.ExpectOne(t, acctest.NewServer(t).Configure(object{"local_platform": local}), isError, "local_platform")
		})
	}
}

func TestUnreadableCatalogueFromEnvironment(t *testing.T) {
	t.Setenv("VAP_LOCAL_PLATFORM_CATALOGUE", filepath.Join(t.TempDir(), "missing.json"))
	acctest.ExpectOne(t, acctest.NewServer(t).Configure(local(t.TempDir())), isError, "local_platform")
}

// recorder is a local platform behind HTTP that records its requests.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

func newRecorder(t *testing.T) *recorder {
	t.Helper()
	local, err := localplatform.Open(localplatform.Options{Directory: filepath.Join(t.TempDir(), "platform")})
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := req.ParseForm(); err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		r.requests = append(r.requests, req)
		r.mu.Unlock()
		local.ServeHTTP(w, req)
	}))
	t.Cleanup(func() { r.Close(); _ = local.Close() })
	return r
}

func (r *recorder) arrived() []*http.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// The arguments show in the requests to the platform.
func TestClientConfiguration(t *testing.T) {
	t.Parallel()
	platform := newRecorder(t)
	server := acctest.NewServer(t)
	var log bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &log)
	diags := server.ConfigureContext(ctx, object{
		"endpoint": platform.URL, "token": localplatform.OwnerToken, "app_id": "1dd8", "owner_uid": 1001,
		"requests_per_second": 100,
	})
	if len(diags) > 0 {
		t.Fatal(acctest.Text(diags))
	}
	resp, err := server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{
		TypeName: "vap_regions", Config: server.Encode(server.Schema.DataSourceSchemas["vap_regions"], object{}),
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, acctest.Text(resp.Diagnostics))
	}
	requests := platform.arrived()
	if len(requests) == 0 {
		t.Fatal("no request arrived")
	}
	first := requests[0]
	got := fmt.Sprintf("%v %s %s %s", first.Form.Get("session") == localplatform.OwnerToken, first.Form.Get("appid"),
		first.Form.Get("ownerUid"), first.UserAgent())
	if want := "true 1dd8 1001 terraform-provider-vap/test (Terraform/1.11.4)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !strings.Contains(log.String(), "getregions") {
		t.Errorf("the log does not name the call: %s", log.String())
	}
	if strings.Contains(log.String(), localplatform.OwnerToken) {
		t.Error("the token is in the log")
	}
}

func TestConfiguredEndpointOverridesEnvironment(t *testing.T) {
	written, other := newRecorder(t), newRecorder(t)
	t.Setenv("VAP_ENDPOINT", other.URL)
	t.Setenv("VAP_TOKEN", localplatform.OwnerToken)
	server := acctest.NewServer(t)
	if diags := server.Configure(object{"endpoint": written.URL}); len(diags) > 0 {
		t.Fatal(acctest.Text(diags))
	}
	if _, diags := server.Read("vap_regions", object{}); len(diags) > 0 {
		t.Fatal(acctest.Text(diags))
	}
	if len(written.arrived()) == 0 || len(other.arrived()) != 0 {
		t.Errorf("%d requests at the written endpoint, %d at the environment's", len(written.arrived()), len(other.arrived()))
	}
}
