package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// account is a local platform on a TCP port of the loopback interface. Each response is delayed by the latency,
// like that of a platform that is a round trip away.
type account struct {
	*localplatform.Platform
	address string
	latency atomic.Int64
	calls   atomic.Int64
	methods methods
	server  http.Server
}

// The names of the environments, their region, a region to which they can move live, and their node groups: a
// balancer with a public address and two application servers.
const (
	nameFormat = "shop-%04d"
	region     = "north-standard"
	target     = "north-performance"
	nodeGroups = `bl = { node_type = "nginx", public_ipv6_count = 1 }, cp = { node_type = "nginxphp", count = 2 }`
)

// newAccount serves an account with n environments.
func newAccount(ctx context.Context, folder string, n int) (*account, error) {
	// Operations that take a minute on a real platform end at once.
	local, err := localplatform.Open(localplatform.Options{Directory: filepath.Join(folder, "platform"), TimeScale: 1e6})
	if err != nil {
		return nil, err
	}
	a := &account{Platform: local}
	if err := a.fill(ctx, n); err != nil {
		return nil, err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a.address = "http://" + listener.Addr().String()
	a.server.Handler, a.server.ReadHeaderTimeout = a, time.Minute
	go func() { _ = a.server.Serve(listener) }()
	return a, nil
}

func (a *account) close() {
	_ = a.server.Close()
	_ = a.Close()
}

// ServeHTTP implements http.Handler.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.calls.Add(1)
	a.methods.count(r)
	time.Sleep(time.Duration(a.latency.Load()))
	a.Platform.ServeHTTP(w, r)
}

// fill creates the environments in the configuration with the platform's API, but not over the network.
func (a *account) fill(ctx context.Context, n int) error {
	client, err := platform.New(platform.Config{
		Endpoint: "http://localhost", Token: localplatform.OwnerToken, Transport: a.Transport(), RequestsPerSecond: 1e6,
	})
	if err != nil {
		return err
	}
	creating, ctx := errgroup.WithContext(ctx)
	creating.SetLimit(8)
	for i := range n {
		creating.Go(func() error {
			_, err := client.CreateEnvironment(ctx, platform.EnvironmentSpec{
				Name: fmt.Sprintf(nameFormat, i), Region: region, NodeGroups: []platform.NodeGroupSpec{
					{Name: "bl", NodeType: "nginx", PublicIPv6Count: 1},
					{Name: "cp", NodeType: "nginxphp", Count: 2},
				},
			})
			return err
		})
	}
	return creating.Wait()
}
