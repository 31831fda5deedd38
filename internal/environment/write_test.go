package environment_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	vap "github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// proxy stands between the provider and the platform. It loses responses and hides environments.
type proxy struct {
	http.RoundTripper

	mu sync.Mutex
	// The next calls of method, as many as times, get answer instead of their response: "cut", or an HTTP status with a
	// page. If delivered, the platform still carries out the call.
	method    string
	times     int
	answer    string
	delivered bool
	// Until hidden, no environment can be read by name; until unlisted, the list lacks it.
	hidden, unlisted time.Time
}

func (p *proxy) lose(method, answer string, delivered bool, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.method, p.answer, p.delivered, p.times = method, answer, delivered, times
}

// hide hides environments for these times, by name and in the list.
func (p *proxy) hide(hidden, unlisted time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hidden, p.unlisted = time.Now().Add(hidden), time.Now().Add(unlisted)
}

var errConnectionReset = errors.New("read: connection reset by peer")

func (p *proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	called := func(method string) bool { return strings.HasSuffix(r.URL.Path, "/"+method) }
	lost, answer, delivered := p.times > 0 && called(p.method), p.answer, p.delivered
	if lost {
		p.times--
	}
	hidden := called("getenvinfo") && time.Now().Before(p.hidden)
	unlisted := called("getenvs") && time.Now().Before(p.unlisted)
	p.mu.Unlock()
	respond := func(status int, contentType, body string) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		return &http.Response{
			StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {contentType}, "Location": {"https://login.example.com/"}},
			Body:   io.NopCloser(bytes.NewBufferString(body)),
		}, nil
	}
	switch {
	case hidden:
		return respond(http.StatusOK, "application/json",
			`{"result":11,"error":"application [shop-prod] not exist","source":"JEL"}`)
	case unlisted:
		return respond(http.StatusOK, "application/json", `{"result":0,"infos":[]}`)
	case !lost:
		return p.RoundTripper.RoundTrip(r)
	}
	if delivered {
		response, err := p.RoundTripper.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return nil, err
		}
	}
	if answer == "cut" {
		return nil, errConnectionReset
	}
	status, err := strconv.Atoi(answer)
	if err != nil {
		return nil, err
	}
	return respond(status, "text/html", "<html><body>no</body></html>")
}

// startBehindProxy starts and configures a provider that reaches the platform through a proxy and waits as long as it
// does in production.
func startBehindProxy(t *testing.T, p *acctest.Platform) (*acctest.Server, *proxy) {
	t.Helper()
	between := &proxy{RoundTripper: p.Transport()}
	server, err := providerserver.NewProtocol6WithError(custom{vap.New("test")(), platform.Config{Transport: between},
		nil})()
	if err != nil {
		t.Fatal(err)
	}
	s := acctest.NewServerOf(t, vap.PackPrivateState(server))
	if d := s.Configure(map[string]any{}); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	return s, between
}

// applyOn plans and applies with a provider, and returns the diagnostics of the apply.
func applyOn(t *testing.T, s *acctest.Server, i *acctest.Instance, config map[string]any) []*tfprotov6.Diagnostic {
	t.Helper()
	planned, d := i.PlanOn(s, config)
	if acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
	return errorsOf(i.ApplyOn(t.Context(), s, planned))
}

var lostAnswers = []string{"cut", "200", "302", "403", "429", "499", "504"}

// Whatever happens to the response to a write, the change is made, and requested again only if it did not arrive. If
// the change back makes the same kind of write, that one gets the next response, so that each direction is tested
// delivered and not delivered.
func TestLostAnswersOfWrites(t *testing.T) {
	t.Parallel()
	before := func(more ...func(map[string]any)) map[string]any {
		config := shop(withNodeGroups(map[string]any{
			"cp": map[string]any{"node_type": "nginxphp", "env": map[string]any{"GREETING": "hello"}},
		}))
		all(more...)(config)
		return config
	}
	// The framework plans an environment with a secret in full even if nothing changes, so only some rows have one.
	secret := func(secrets map[string]any, version int) map[string]any {
		return before(withNodeGroup("worker", map[string]any{
			"node_type": "docker", "image": "library/busybox", "secret_env_wo": secrets, "secret_env_wo_version": version,
		}))
	}
	oldSecret, newSecret := map[string]any{"TOKEN": "old-secret"}, map[string]any{"TOKEN": "new-secret"}
	cache := withNodeGroup("cache", map[string]any{"node_type": "memcached"})
	for name, row := range map[string]struct {
		there, back   string // the writes of the change, and of the change back
		before, after map[string]any
	}{
		"power": {"stopenv", "startenv", before(top("power", "running")), before(top("power", "stopped"))},
		"nodes": {"changetopology", "", before(in("cp", "count", 1)), before(in("cp", "count", 2))},
		"SSL":   {"changetopology", "", before(top("built_in_ssl", false)), before(top("built_in_ssl", true))},
		"layer": {"changetopology", "changetopology", before(), before(cache)},
		"addresses": {"setextipcount", "", before(in("cp", "public_ipv4_count", 0)),
			before(in("cp", "public_ipv4_count", 1))},
		"name": {"setenvdisplayname", "", before(top("display_name", "Shop")), before(top("display_name", "Store"))},
		"node group name": {"setnodegroupdisplayname", "", before(in("cp", "display_name", "App")),
			before(in("cp", "display_name", "Site"))},
		"groups":      {"setenvgroup", "", before(top("groups", []any{"b", "a"})), before(top("groups", []any{"c", "b"}))},
		"variable":    {"addcontainerenvvars", "", before(), before(in("cp", "env", map[string]any{"GREETING": "good day"}))},
		"no variable": {"removecontainerenvvars", "addcontainerenvvars", before(), before(in("cp", "env", map[string]any{}))},
		"secret":      {"addcontainerenvvars", "", secret(oldSecret, 1), secret(newSecret, 2)},
		"no secret":   {"removecontainerenvvars", "addcontainerenvvars", secret(oldSecret, 1), secret(map[string]any{}, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := newCreated(t, row.before)
				s, between := startBehindProxy(t, p)
				lose := func(method string, config map[string]any, answer string, delivered bool) {
					t.Helper()
					since := len(p.Requests(t, method))
					between.lose(method, answer, delivered, 1)
					if d := applyOn(t, s, i, config); len(d) > 0 {
						t.Fatalf("%s, delivered %t: %s", answer, delivered, acctest.Text(d))
					}
					if calls := len(p.Requests(t, method)) - since; calls != 1 || between.times != 0 {
						t.Errorf("%s, delivered %t: %d calls, %d lost answers left", answer, delivered, calls,
							between.times)
					}
					if d := i.RefreshOn(s); len(d) > 0 {
						t.Fatal(acctest.Text(d))
					}
					if again, _ := i.PlanOn(s, config); i.Changes(again) {
						t.Errorf("%s, delivered %t: %s", answer, delivered, i.Difference(again))
					}
					if want, has := get(t, config, "node_groups").(map[string]any)["worker"]; has {
						token := get(t, want.(map[string]any), "secret_env_wo").(map[string]any)["TOKEN"]
						v, err := p.Client.Variables(t.Context(), "shop-prod", "worker")
						if got, set := v["TOKEN"]; err != nil || set != (token != nil) || set && got != token {
							t.Errorf("the secret is %q, %v", got, err)
						}
					}
				}
				to, from := row.after, row.before
				for n, answer := range lostAnswers {
					for _, delivered := range []bool{n%2 == 0, n%2 == 1} {
						lose(row.there, to, answer, delivered)
						if row.back != "" {
							lose(row.back, from, answer, delivered)
						} else {
							to, from = from, to
						}
					}
				}
			})
		})
	}
}

// A write that never arrives is requested three times, and the error says that the change was not made.
func TestWriteNeverDelivered(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := newCreated(t, shop(map[string]any{"display_name": "Shop"}))
		s, between := startBehindProxy(t, p)
		between.lose("setenvdisplayname", "429", false, 100)
		expectOne(t, applyOn(t, s, i, shop(map[string]any{"display_name": "Store"})), isError, "display_name")
		if left := between.times; left != 97 {
			t.Errorf("%d calls", 100-left)
		}
		expectValues(t, i.State, map[string]any{"display_name": "Shop"})
	})
}

// If the environment cannot be read, the error says that the outcome is unknown.
func TestWriteThatCannotBeReadBack(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := newCreated(t, shop(map[string]any{"display_name": "Shop"}))
		s, between := startBehindProxy(t, p)
		planned, _ := i.PlanOn(s, shop(map[string]any{"display_name": "Store"}))
		between.lose("setenvdisplayname", "403", true, 1)
		inject(t, p, faults.Fault{Kind: faults.Refuse, Method: "getenvinfo", Code: 8202, Words: "no permission", Times: -1})
		d := errorsOf(i.ApplyOn(t.Context(), s, planned))
		expectOne(t, d, isError, "display_name")
		if calls := p.Requests(t, "setenvdisplayname"); len(calls) != 1 {
			t.Errorf("%d calls", len(calls))
		}
	})
}

func TestLostAnswersOfDeletion(t *testing.T) {
	t.Parallel()
	for _, answer := range lostAnswers {
		for _, delivered := range []bool{true, false} {
			t.Run(answer+" "+strconv.FormatBool(delivered), func(t *testing.T) {
				t.Parallel()
				acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
					p, i := newCreated(t, shop())
					s, between := startBehindProxy(t, p)
					since := len(p.Requests(t, ""))
					between.lose("deleteenv", answer, delivered, 1)
					if d := applyOn(t, s, i, nil); len(d) > 0 || i.State != nil {
						t.Fatal(acctest.Text(d))
					}
					if count := countCalls(t, p, since); count["deleteenv"] != 1 || delivered && sum(count) > 4 {
						t.Errorf("calls %v", count)
					}
					if _, err := p.Client.Environment(t.Context(), "shop-prod"); !platform.IsMissing(err) {
						t.Errorf("it is still there: %v", err)
					}
				})
			})
		}
	}
}

// "Not found" for a moment does not end a deletion that has not taken effect.
func TestDestroyIgnoresFlapping(t *testing.T) {
	t.Parallel()
	for _, hidden := range []time.Duration{time.Second, 20 * time.Second} {
		acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
			p, i := newCreated(t, shop())
			s, between := startBehindProxy(t, p)
			planned, _ := i.PlanOn(s, nil)
			between.lose("deleteenv", "cut", false, 1)
			between.hide(hidden, 0)
			if d := i.ApplyOn(t.Context(), s, planned); len(d) > 0 || i.State != nil {
				t.Fatal(acctest.Text(d))
			}
			if _, err := p.Client.Environment(t.Context(), "shop-prod"); !platform.IsMissing(err) {
				t.Errorf("it is still there: %v", err)
			}
			if calls := p.Requests(t, "deleteenv"); len(calls) != 1 {
				t.Errorf("%d deletions", len(calls))
			}
		})
	}
}

// If neither the list nor the actions can be read, the provider believes repeated reads by name.
func TestDeletionWithoutListOrActions(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		refused []string
		longer  bool
	}{
		"no list": {[]string{"getenvs"}, false}, "no actions": {[]string{"getcurrentactions"}, false},
		"neither": {[]string{"getenvs", "getcurrentactions"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p, i := newCreated(t, shop())
				for _, method := range row.refused {
					inject(t, p, faults.Fault{Kind: faults.Refuse, Method: method, Code: 8202, Times: -1})
				}
				s, _ := startBehindProxy(t, p)
				began := time.Now()
				if d := applyOn(t, s, i, nil); len(d) > 0 || i.State != nil {
					t.Fatal(acctest.Text(d))
				}
				if took := time.Since(began); (took >= time.Minute) != row.longer {
					t.Errorf("it took %s", took)
				}
				if calls := p.Requests(t, "deleteenv"); len(calls) != 1 {
					t.Errorf("%d deletions", len(calls))
				}
			})
		})
	}
}

// A creation is requested only once, whatever happens to the response.
func TestLostAnswersOfCreation(t *testing.T) {
	t.Parallel()
	for _, answer := range lostAnswers {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p := acctest.NewPlatform(t)
				s, between := startBehindProxy(t, p)
				i := acctest.NewInstance(t, "vap_environment", p.Provider())
				between.lose("createenvironment", answer, false, 100)
				began := time.Now()
				expectOne(t, applyOn(t, s, i, shop()), isError, "")
				if took := time.Since(began); i.State != nil || between.times != 99 || took < time.Minute || took > 2*time.Minute {
					t.Errorf("state %v, %d calls, took %s", i.State, 100-between.times, took)
				}
				between.lose("createenvironment", answer, true, 1)
				if d := applyOn(t, s, i, shop()); len(d) > 0 {
					t.Fatal(acctest.Text(d))
				}
				if calls := p.Requests(t, "createenvironment"); len(calls) != 1 {
					t.Errorf("%d creations", len(calls))
				}
			})
		})
	}
}

// The provider waits for an environment that the platform has created but shows late.
func TestCreationVisibleLate(t *testing.T) {
	t.Parallel()
	for name, hidden := range map[string][2]time.Duration{
		"by name and in the list": {30 * time.Second, 30 * time.Second}, "by name": {time.Hour, 0}, "in the list": {0,
			time.Hour},
	} {
		for _, answer := range []string{"", "504"} {
			t.Run(name+" "+answer, func(t *testing.T) {
				t.Parallel()
				acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
					p := acctest.NewPlatform(t)
					s, between := startBehindProxy(t, p)
					i := acctest.NewInstance(t, "vap_environment", p.Provider())
					planned, _ := i.PlanOn(s, shop())
					between.hide(hidden[0], hidden[1])
					if answer != "" {
						between.lose("createenvironment", answer, true, 1)
					}
					if d := i.ApplyOn(t.Context(), s, planned); len(d) > 0 {
						t.Fatal(acctest.Text(d))
					}
					expectValues(t, i.State, map[string]any{"region": economy, "domain": "shop-prod.north.vap.test"})
				})
			})
		}
	}
}

// If the platform reports an environment as created but it does not appear, that is an error, and the provider
// creates no other one while the first may still appear.
func TestCreationNeverVisible(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p := acctest.NewPlatform(t)
		i := acctest.NewInstance(t, "vap_environment", p.Provider())
		s, between := startBehindProxy(t, p)
		between.hide(time.Hour, time.Hour)
		expectOne(t, applyOn(t, s, i, shop()), isError, "")
		if i.State != nil {
			t.Errorf("state %v", i.State)
		}

		s, between = startBehindProxy(t, p)
		between.hide(time.Hour, time.Hour)
		expectOne(t, applyOn(t, s, i, shop()), isError, "")

		s, between = startBehindProxy(t, p)
		between.hide(10*time.Second, 10*time.Second)
		expectOne(t, applyOn(t, s, i, shop()), isError, "name")
		if calls := p.Requests(t, "createenvironment"); len(calls) != 1 {
			t.Errorf("%d creations", len(calls))
		}

		// The provider waits neither for an environment that was deleted since, nor for a creation long ago.
		if err := p.Client.DeleteEnvironment(t.Context(), "shop-prod"); err != nil {
			t.Fatal(err)
		}
		s, _ = startBehindProxy(t, p)
		began := time.Now()
		if d := applyOn(t, s, i, shop()); len(d) > 0 || time.Since(began) > 5*time.Second {
			t.Errorf("%s %s", time.Since(began), acctest.Text(d))
		}
		i.State = nil
		<-time.After(6 * time.Minute)
		s, between = startBehindProxy(t, p)
		between.hide(time.Second, time.Second)
		expectOne(t, applyOn(t, s, i, shop()), isError, "name")
	})
}

// Creations that begin together share one read of the log, and a log that cannot be read does not prevent them.
func TestCreationsShareActionLog(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]int{"readable": 0, "not readable": 8202} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p := acctest.NewPlatform(t)
				if code != 0 {
					for _, method := range []string{"getcurrentactions", "getuidactions"} {
						inject(t, p, faults.Fault{Kind: faults.Refuse, Method: method, Code: code, Times: -1})
					}
				}
				s, _ := startBehindProxy(t, p)
				since := len(p.Requests(t, ""))
				var wait sync.WaitGroup
				for n := range 5 {
					wait.Go(func() {
						i := acctest.NewInstance(t, "vap_environment", p.Provider())
						if d := applyOn(t, s, i, small(n)); len(d) > 0 {
							t.Error(acctest.Text(d))
						}
					})
				}
				wait.Wait()
				count := countCalls(t, p, since)
				if count["createenvironment"] != 5 || code == 0 &&
					(count["getcurrentactions"] != 1 || count["getuidactions"] != 1) {
					t.Errorf("calls %v", count)
				}
			})
		})
	}
}

// If a resource gets another name without a moved block, Terraform creates it at the new address while it deletes it
// at the old one.
func TestRenamedWithoutMovedBlock(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		// created and deleted are when the creation and the deletion begin.
		created, deleted time.Duration
		refused          bool
	}{
		"deleted first":           {time.Second, 0, true},
		"created first":           {0, 100 * time.Millisecond, true},
		"deleted much later":      {0, 10 * time.Second, true},
		"deleted long before":     {10 * time.Minute, 0, false},
		"deleted a moment before": {61 * time.Second, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
				p := acctest.NewPlatform(t)
				old, renewed := create(t, p, shop()), acctest.NewInstance(t, "vap_environment", p.Provider())
				s, _ := startBehindProxy(t, p)
				destruction, _ := old.PlanOn(s, nil)
				creation, _ := renewed.PlanOn(s, shop())
				inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "deleteenv", Delay: faults.Duration(time.Minute)})
				var wait sync.WaitGroup
				var d []*tfprotov6.Diagnostic
				wait.Go(func() {
					<-time.After(row.deleted)
					if d := old.ApplyOn(t.Context(), s, destruction); len(d) > 0 || old.State != nil {
						t.Error(acctest.Text(d))
					}
				})
				wait.Go(func() {
					<-time.After(row.created)
					d = renewed.ApplyOn(t.Context(), s, creation)
				})
				wait.Wait()
				if row.refused {
					expectOne(t, d, isError, "name")
				} else if len(d) > 0 {
					t.Error(acctest.Text(d))
				}
				if (renewed.State == nil) != (row.refused) {
					t.Errorf("state %v", renewed.State)
				}
			})
		})
	}
}

// The error distinguishes somebody else's deletion from a renamed resource.
func TestNameOfEnvironmentBeingDeleted(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p := acctest.NewPlatform(t)
		create(t, p, shop())
		inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "deleteenv", Delay: faults.Duration(time.Minute)})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Client.DeleteEnvironment(ctx, "shop-prod"); !platform.IsOutcomeUnknown(err) {
			t.Fatal(err)
		}
		s, _ := startBehindProxy(t, p)
		i := acctest.NewInstance(t, "vap_environment", p.Provider())
		expectOne(t, applyOn(t, s, i, shop()), isError, "name")
	})
}

// Stale reads of a replaced environment do not prevent the creation of the new one.
func TestReplacementWaitsForStaleReads(t *testing.T) {
	t.Parallel()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p, i := newCreated(t, shop())
		s, _ := startBehindProxy(t, p)
		if d := applyOn(t, s, i, nil); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		// Somebody recreates it and deletes it again, which has the same effect as stale reads.
		if err := occupy(t, p, "shop-prod"); err != nil {
			t.Fatal(err)
		}
		planned, _ := i.PlanOn(s, shop())
		var wait sync.WaitGroup
		wait.Go(func() {
			<-time.After(20 * time.Second)
			if err := p.Client.DeleteEnvironment(t.Context(), "shop-prod"); err != nil {
				t.Error(err)
			}
		})
		if d := i.ApplyOn(t.Context(), s, planned); len(d) > 0 || i.State == nil {
			t.Error(acctest.Text(d))
		}
		wait.Wait()
	})
}
