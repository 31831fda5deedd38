package faultmatrix

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// temperament is a way in which a working platform may behave, or a response lost after the effect.
type temperament struct {
	name   string
	faults []faults.Fault
	// steps are the steps that it affects; nil means all.
	steps []string
	// fails means that the operation fails at the platform although no response says so.
	fails bool
}

// forever is longer than any wait.
const forever = faults.Duration(1000 * time.Hour)

// temperaments returns those that each step is tried with.
func temperaments() []temperament {
	type fault = faults.Fault
	seconds := func(n float64) faults.Duration {
		return faults.Duration(n * float64(time.Second))
	}
	var all []temperament
	add := func(name string, steps []string, faults ...fault) {
		all = append(all, temperament{name: name, steps: steps, faults: faults})
	}
	moves, starts := []string{"live", "far"}, []string{"create", "live", "far", "delete"}
	for _, delay := range []float64{0.3, 5, 60} {
		for _, method := range []string{"*", "getenvinfo", "getenvs", "getcurrentactions", "getuidactions"} {
			add(fmt.Sprintf("%s lags by %v s", method, delay), nil,
				fault{Kind: faults.Lag, Method: method, Delay: seconds(delay), Times: -1})
		}
		for _, step := range starts {
			method := mainCall[step]
			one := []string{step}
			add(fmt.Sprintf("%s shows in the status after %v s", method, delay), one,
				fault{Kind: faults.Late, Method: method, Delay: seconds(delay)})
			add(fmt.Sprintf("%s shows in the actions after %v s", method, delay), one,
				fault{Kind: faults.LateAction, Method: method, Delay: seconds(delay)})
			add(fmt.Sprintf("%s shows in the list after %v s", method, delay), one,
				fault{Kind: faults.LateList, Method: method, Delay: seconds(delay)})
			add(fmt.Sprintf("%s shows in the log after %v s", method, delay), one,
				fault{Kind: faults.LateLog, Method: method, Delay: seconds(delay)})
			add(fmt.Sprintf("%s begins after %v s", method, delay), one,
				fault{Kind: faults.Async, Method: method, Delay: seconds(delay)})
		}
		add(fmt.Sprintf("moved, not shown for %v s", delay), moves,
			fault{Kind: faults.LateRegion, Method: "migrate", Delay: seconds(delay)})
		add(fmt.Sprintf("new addresses after %v s", delay), moves,
			fault{Kind: faults.LateAddresses, Method: "migrate", Delay: seconds(delay)})
		add(fmt.Sprintf("not found until %v s after the end", delay), starts[:3],
			fault{Kind: faults.NotFound, Method: "createenvironment", Delay: seconds(delay)},
			fault{Kind: faults.NotFound, Method: "migrate", Delay: seconds(delay)})
		add(fmt.Sprintf("neither found nor listed until %v s after the end", delay), starts[:3],
			fault{Kind: faults.NotFound, Method: "createenvironment", Delay: seconds(delay)},
			fault{Kind: faults.Unlisted, Method: "createenvironment", Delay: seconds(delay)})
	}
	for _, step := range starts {
		method, one := mainCall[step], []string{step}
		add(method+" answers at once", one, fault{Kind: faults.Async, Method: method})
		add(method+" has an unknown status", one, fault{Kind: faults.UnknownStatus, Method: method, Code: 99})
		add(method+" leaves an unknown status for a while", one,
			fault{Kind: faults.UnknownStatus, Method: method, Code: 99, When: faults.WhenAfter, Delay: seconds(20)})
		add(method+" without its key in the log", one, fault{Kind: faults.LoseKey, Method: method})
		for _, status := range []int{302, 403, 429, 499, 504} {
			for _, when := range []string{faults.WhenStarted, faults.WhenAfter} {
				add(fmt.Sprintf("%s answers %d %s the effect", method, status, when), one,
					fault{Kind: faults.Gateway, Method: method, Status: status, When: when})
			}
		}
		add(method+" loses its answer and its key", one,
			fault{Kind: faults.Gateway, Method: method, Status: 504, When: faults.WhenStarted},
			fault{Kind: faults.LoseKey, Method: method})
		add(method+" loses its answer, the log cannot be read", one,
			fault{Kind: faults.Gateway, Method: method, Status: 504, When: faults.WhenStarted},
			fault{Kind: faults.Refuse, Method: "getuidactions", Code: 8, Times: -1},
			fault{Kind: faults.Refuse, Method: "getcurrentactions", Code: 8, Times: -1})
	}
	add("moved, never shown", moves, fault{Kind: faults.LateRegion, Method: "migrate", Delay: forever})
	add("new addresses never", []string{"far"}, fault{Kind: faults.LateAddresses, Method: "migrate", Delay: forever})
	add("another appid", moves, fault{Kind: faults.NewAppID, Method: "migrate"})
	add("other node ids", moves, fault{Kind: faults.NewNodeIDs, Method: "migrate"})
	add("not found every other time", nil, fault{Kind: faults.Flap, Method: "getenvinfo", Times: -1})
	add("not listed every other time", nil, fault{Kind: faults.Flap, Method: "getenvs", Times: -1})
	add("neither found nor listed every other time", nil, fault{Kind: faults.Flap, Method: "getenvs", Times: -1},
		fault{Kind: faults.Flap, Method: "getenvinfo", Times: -1})
	add("the log cannot be read", nil, fault{Kind: faults.Refuse, Method: "getuidactions", Code: 8, Times: -1},
		fault{Kind: faults.Refuse, Method: "getcurrentactions", Code: 8, Times: -1})
	for _, kind := range []faults.Kind{faults.Clock, faults.TimeZone} {
		for _, hours := range []float64{-5, 5} {
			add(fmt.Sprintf("%s %v h off", kind, hours), nil, fault{Kind: kind, Delay: seconds(hours * 3600), Times: -1})
		}
	}
	for _, step := range []string{"create", "live", "far"} {
		all = append(all, temperament{name: "told, and nothing comes of " + mainCall[step], steps: []string{step},
			fails:  true,
			faults: []fault{{Kind: faults.Phantom, Method: mainCall[step], Code: 4099, Words: words}}})
	}
	return all
}

// mainCall is the call that starts the operation of a step.
var mainCall = map[string]string{"create": "createenvironment", "live": "migrate", "far": "migrate",
	"delete": "deleteenv"}

// disturbances are what else happens during the run of a step.
var disturbances = []string{"undisturbed", "Ctrl-C", "kill -9", "second apply at once", "two applies"}

// scene is a step on a platform with a temperament, with a disturbance.
type scene struct {
	step        step
	before      snapshot
	temperament temperament
	disturbance string
}

// slow returns the platform and the resource of a snapshot, on a platform that is as slow as a real one.
func (s snapshot) slow(t *testing.T) (*acctest.Platform, *acctest.Instance) {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "platform")
	if err := os.Mkdir(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	if s.store != nil {
		if err := os.WriteFile(filepath.Join(directory, storeFile), s.store, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := acctest.NewPlatformWith(t, localplatform.Options{Directory: directory, TimeScale: 1})
	provider := p.Provider()
	provider["local_platform"].(map[string]any)["time_scale"] = 1
	i := acctest.NewInstance(t, "vap_environment", provider)
	i.State, i.Private, i.Identity = s.state, s.private, s.identity
	return p, i
}

// slowLife runs the steps once without a temperament.
func slowLife(t *testing.T) []scene {
	config := life()[0].config
	far, live := maps.Clone(config), maps.Clone(config)
	live["region"], far["region"] = performance, south
	steps := []step{{"create", config}, {"live", live}, {"far", far}, {"delete", nil}}
	var all []scene
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		var before snapshot
		for _, s := range steps {
			p, i := before.slow(t)
			began := time.Now()
			if _, d := run(i, s.config); acctest.HasErrors(d) {
				t.Fatalf("%s without any temperament: %s", s.name, acctest.Text(d))
			}
			t.Logf("%s takes %s", s.name, time.Since(began))
			all = append(all, scene{step: s, before: before})
			before = take(t, p, i)
		}
	})
	return all
}

// TestTemperaments tries every step of a life on platforms of every temperament, with a fake clock: undisturbed,
// interrupted, killed, with a second apply at the same time, and applied twice.
func TestTemperaments(t *testing.T) {
	var scenes []scene
	for _, s := range slowLife(t) {
		for _, temper := range temperaments() {
			if temper.steps != nil && !slices.Contains(temper.steps, s.step.name) {
				continue
			}
			for _, disturbance := range disturbances {
				s.temperament, s.disturbance = temper, disturbance
				scenes = append(scenes, s)
			}
		}
	}
	stride := 17 // coprime to the number of disturbances
	if *everyCase {
		stride = 1
	}
	tried := 0
	t.Run("scenes", func(t *testing.T) {
		for n := 0; n < len(scenes); n += stride {
			s := scenes[n]
			tried++
			t.Run(strings.Join([]string{s.step.name, s.temperament.name, s.disturbance}, "/"), func(t *testing.T) {
				t.Parallel()
				acctest.InNoTime(t, s.before.at, s.play)
			})
		}
	})
	figure(t, "temperaments of the platform: %d of %d scenes: each asked for at most one migration and one creation, "+
		"told what was so, and came to its end", tried, len(scenes))
}

// play runs the step, and then applies again as a user would.
func (s scene) play(t *testing.T) {
	p, i := s.before.slow(t)
	if err := p.Inject(s.temperament.faults...); err != nil {
		t.Fatal(err)
	}
	diagnostics := s.disturbed(t, p, i)
	if s.disturbance == "two applies" {
		s.expectOnce(t, p, s.allowed())
	} else {
		s.expectOnce(t, p, 1)
	}
	s.expectTold(t, p, i, diagnostics)

	// After this time, every temperament that ends has ended.
	<-time.After(10 * time.Minute)
	_, again := run(i, s.step.config)
	s.expectOnce(t, p, s.allowed())
	s.expectTold(t, p, i, again)
	if err := p.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	s.importLeftOver(t, p, i)
	if _, d := run(i, s.step.config); acctest.HasErrors(d) {
		t.Fatalf("in the end: %s\nbefore: %s\nfirst: %s", acctest.Text(d), acctest.Text(again), acctest.Text(diagnostics))
	}
	s.expectOnce(t, p, s.allowed())
	expectConverged(t, p, i, s.step.config)
}

// allowed is how often a step may be requested in all: a failed one may be requested again.
func (s scene) allowed() int {
	if s.temperament.fails {
		return 3
	}
	return 1
}

// disturbed runs the step with its disturbance and returns all diagnostics.
func (s scene) disturbed(t *testing.T, p *acctest.Platform, i *acctest.Instance) []*tfprotov6.Diagnostic {
	t.Helper()
	asked := func() bool {
		return slices.ContainsFunc(callsOf(t, p), func(r localplatform.Request) bool {
			return path.Base(r.Method) == mainCall[s.step.name]
		})
	}
	var diagnostics []*tfprotov6.Diagnostic
	switch s.disturbance {
	case "Ctrl-C", "kill -9":
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			for ctx.Err() == nil && !asked() {
				<-time.After(100 * time.Millisecond)
			}
			<-time.After(3 * time.Second)
			cancel()
		}()
		kept := *i
		i.Context = ctx
		_, diagnostics = run(i, s.step.config)
		i.Context = nil
		if s.disturbance == "kill -9" { // nothing is stored, and nobody sees the diagnostics
			*i = kept
			return nil
		}
	case "second apply at once":
		other := *i
		done := make(chan []*tfprotov6.Diagnostic)
		go func() {
			for !asked() {
				<-time.After(100 * time.Millisecond)
			}
			<-time.After(time.Second)
			_, d := run(&other, s.step.config)
			done <- d
		}()
		_, diagnostics = run(i, s.step.config)
		s.expectTold(t, p, &other, <-done)
	case "two applies":
		_, diagnostics = run(i, s.step.config)
		_, d := run(i, s.step.config)
		s.expectTold(t, p, i, d)
	default:
		_, diagnostics = run(i, s.step.config)
	}
	return diagnostics
}

// expectOnce expects that migrations and creations were accepted at most that often. A call that the platform refuses
// because the operation is already running has no effect, nor has a creation with a name in use.
func (s scene) expectOnce(t *testing.T, p *acctest.Platform, limit int) {
	t.Helper()
	for _, method := range []string{"migrate", "createenvironment"} {
		calls := slices.DeleteFunc(p.Requests(t, method), func(r localplatform.Request) bool {
			return s.disturbance == "second apply at once" && r.Result != nil &&
				(*r.Result == wire.ResultWrongStatus || *r.Result == wire.ResultNameTaken)
		})
		if len(calls) > limit {
			t.Errorf("%d calls of %s", len(calls), method)
		}
	}
}

// expectTold expects that neither the diagnostics nor the state have anything that is false.
func (s scene) expectTold(t *testing.T, p *acctest.Platform, i *acctest.Instance, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	text := acctest.Text(diagnostics)
	expectClear(t, diagnostics)
	lies := []string{": the environment was deleted", "no longer in the state", "outside Terraform",
		"this is another environment"}
	if !s.temperament.fails {
		lies = append(lies, "the migration failed", "back in "+economy, "back in "+performance, "is broken", "ended up in")
	}
	for _, lie := range lies {
		if strings.Contains(text, lie) {
			t.Errorf("it is not so that %q: %s", lie, text)
		}
	}
	region, busy, exists, err := p.Place(name)
	if err != nil {
		t.Fatal(err)
	}
	settled := len(errorsOf(diagnostics)) == 0 && s.disturbance != "kill -9"
	switch {
	case s.step.config == nil:
		if i.State == nil && exists && !busy {
			t.Errorf("the state lost the environment: %s", text)
		}
	case i.State == nil:
		if s.before.state != nil || settled {
			t.Errorf("the state lost the environment: %s", text)
		}
	case !exists:
		t.Errorf("the state has an environment that there is not: %s", text)
	case settled && i.State["region"] != region:
		t.Errorf("no error, the state says %v, and it is in %s: %s", i.State["region"], region, text)
	case settled && region != s.step.config["region"]:
		t.Errorf("no error, and it is in %s: %s", region, text)
	}
}

// importLeftOver imports an environment that is on the platform and not in the state, as the errors advise.
func (s scene) importLeftOver(t *testing.T, p *acctest.Platform, i *acctest.Instance) {
	t.Helper()
	if s.step.config == nil || i.State != nil {
		return
	}
	if waitAtRest(t, p) == nil {
		return
	}
	if d := i.Import(name); acctest.HasErrors(d) {
		t.Fatal(acctest.Text(d))
	}
}
