package localplatform

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// Applications do not run here. Instead, every path at an environment's domain, or at a custom domain bound to it,
// answers 200 while its nodes run, and 503 while they do not, for example during an offline migration. A platform
// domain without an environment answers 404.

func (p *Platform) serveSite(w http.ResponseWriter, r *http.Request) {
	status, text := http.StatusNotFound, "no environment has this domain\n"
	err := p.view(func(t *tx) error {
		env, err := t.site(r.Host)
		if err != nil || env == nil {
			return err
		}
		status, text = http.StatusServiceUnavailable, env.Name+" does not run\n"
		if slices.ContainsFunc(env.front(), func(n *node) bool { return t.nodeStatus(env, n) == wire.StatusRunning }) {
			status, text = http.StatusOK, fmt.Sprintf("%s runs in %s\n", env.Name, env.Region)
		}
		return nil
	})
	if err != nil {
		status, text = http.StatusInternalServerError, err.Error()
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// front returns the nodes that receive requests first: the balancer's, else those of the compute group, else those of
// the first node group.
func (e *environment) front() []*node {
	for _, layer := range []string{"bl", "cp"} {
		if nodes := e.nodesOf(layer); len(nodes) > 0 {
			return nodes
		}
	}
	return e.nodesOf(e.Layers[0].Name)
}

// isSite says whether the host belongs to an environment.
func (p *Platform) isSite(host string) bool {
	found := false
	err := p.view(func(t *tx) error {
		env, err := t.site(host)
		found = env != nil
		return err
	})
	return err == nil && found
}

// site returns the environment at a host, which may include a port, or nil if there is none.
func (t *tx) site(host string) (*environment, error) {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	if name := t.bolt.Bucket(bucketDomains).Get([]byte(host)); name != nil {
		return t.load(string(name))
	}
	name, _, _ := strings.Cut(host, ".")
	env, err := t.load(name)
	if err != nil || env == nil || env.Domain != host {
		return nil, err
	}
	return env, nil
}

// Sites returns a transport for clients that request sites of environments. It answers requests for domains of this
// platform and its environments itself, over HTTP and HTTPS. All others go through the given transport.
func (p *Platform) Sites(others http.RoundTripper) http.RoundTripper {
	return &sites{platform: p, own: p.Transport(), others: others}
}

type sites struct {
	platform    *Platform
	own, others http.RoundTripper
}

func (s *sites) RoundTrip(r *http.Request) (*http.Response, error) {
	host, ours := r.URL.Hostname(), false
	err := s.platform.view(func(t *tx) error {
		env, err := t.site(host)
		ours = env != nil || t.catalogue.ownsDomain(strings.ToLower(host))
		return err
	})
	if err != nil {
		return nil, err
	}
	if !ours {
		return s.others.RoundTrip(r)
	}
	visit := r.Clone(r.Context())
	visit.URL.Scheme = "http"
	return s.own.RoundTrip(visit)
}
