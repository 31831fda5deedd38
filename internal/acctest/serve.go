package acctest

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// addresses are the provider's addresses in Terraform and OpenTofu.
var addresses = []string{
	"registry.terraform.io/terraform-provider-vap/vap", "registry.opentofu.org/terraform-provider-vap/vap",
}

// serve serves the provider until stop is called. The environment variable tells Terraform where.
func serve(t *testing.T) (variable string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	started, ended := make(chan *plugin.ReattachConfig), make(chan struct{})
	failed := make(chan error, 1)
	go func() {
		failed <- tf6server.Serve(addresses[0], provider.NewServer("test"), tf6server.WithDebug(ctx, started, ended),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()), tf6server.WithoutLogStderrOverride())
	}()
	stop = func() {
		cancel()
		<-ended
	}
	var config *plugin.ReattachConfig
	select {
	case config = <-started:
	case err := <-failed:
		cancel()
		t.Fatalf("serving the provider: %v", err)
	}
	reattach := map[string]any{}
	for _, address := range addresses {
		reattach[address] = map[string]any{
			"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": os.Getpid(), "Test": true,
			"Addr": map[string]any{"Network": config.Addr.Network(), "String": config.Addr.String()},
		}
	}
	encoded, err := json.Marshal(reattach)
	if err != nil {
		t.Fatal(err)
	}
	return "TF_REATTACH_PROVIDERS=" + string(encoded), stop
}
