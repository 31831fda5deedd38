package localplatform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

func inject(t *testing.T, p *Platform, list ...faults.Fault) {
	t.Helper()
	if err := InjectFaults(p, list...); err != nil {
		t.Fatal(err)
	}
}

// raw posts setenvdisplayname and returns the raw HTTP answer.
func (c *client) raw(ctx context.Context, displayName string) (*http.Response, string, error) {
	form := url.Values{"session": {c.token}, "envName": {"shop-1"}, "displayName": {displayName}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost,
		c.base+"/1.0/environment/control/rest/setenvdisplayname", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}

func TestResponseFaults(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"", faults.WhenStarted, faults.WhenAfter} {
		for _, f := range []faults.Fault{
			{Kind: faults.Cut}, {Kind: faults.Truncate}, {Kind: faults.HTML}, {Kind: faults.Gateway,
				Status: 502}, {Kind: faults.Gateway, Status: 504},
			{Kind: faults.Gateway, Status: 429}, {Kind: faults.Gateway, Status: 503,
				Delay: faults.Duration(1500 * time.Millisecond)}, {Kind: faults.Silence},
		} {
			f.When, f.Method = when, "SetEnvDisplayName"
			t.Run(fmt.Sprint(f.Kind, f.Status, when), func(t *testing.T) {
				t.Parallel()
				p, c := open(t, Options{})
				p.seed(t, "shop-1")
				inject(t, p, f)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if f.Kind == faults.Silence {
					if err := EnableRequestLog(p.directory); err != nil {
						t.Fatal(err)
					}
					go func() { // gives up once the platform is silent
						defer cancel()
						eventually(t, func() bool {
							log, err := ReadRequests(p.directory)
							return err == nil && len(log) == 1 && log[0].Fault == string(faults.Silence)
						})
					}()
				}
				response, body, err := c.raw(ctx, "changed")
				switch f.Kind {
				case faults.Cut:
					if !errors.Is(err, io.EOF) {
						t.Errorf("answer %v, error %v", response, err)
					}
				case faults.Truncate:
					if !errors.Is(err, io.ErrUnexpectedEOF) || response.StatusCode != 200 || body == "" {
						t.Errorf("body %q, error %v", body, err)
					}
				case faults.Silence:
					if !errors.Is(err, context.Canceled) {
						t.Errorf("answer %v, error %v", response, err)
					}
				default:
					want := max(f.Status, 200)
					after := ""
					if f.Delay > 0 {
						after = "2"
					}
					if response.Header.Get("Retry-After") != after {
						t.Errorf("header: %v", response.Header)
					}
					if err != nil || response.StatusCode != want || !strings.HasPrefix(body, "<html>") {
						t.Errorf("body %q, error %v", body, err)
					}
				}
				_, changed := env(c.info("shop-1"))["displayName"]
				if changed != (when != "") {
					t.Errorf("the effect happened: %v", changed)
				}
				if _, body, err := c.raw(t.Context(), "again"); err != nil || body != `{"result":0}` {
					t.Errorf("the call after the fault: %q %v", body, err)
				}
			})
		}
	}
}

func TestGatewayStatuses(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 403, 499} {
		for _, when := range []string{faults.WhenBefore, faults.WhenAfter} {
			p, c := open(t, Options{})
			p.seed(t, "shop-1")
			c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			inject(t, p, faults.Fault{Kind: faults.Gateway, Status: status, Method: "setenvdisplayname", When: when})
			response, body, err := c.raw(t.Context(), "changed")
			if err != nil || response.StatusCode != status || !strings.HasPrefix(body, "<html>") {
				t.Errorf("%d %s: %q %v", status, when, body, err)
			}
			if location := response.Header.Get("Location"); (location != "") != (status == 302) ||
				strings.HasPrefix(location, c.base) {
				t.Errorf("%d %s: location %q", status, when, location)
			}
			if _, changed := env(c.info("shop-1"))["displayName"]; changed != (when == faults.WhenAfter) {
				t.Errorf("%d %s: the effect happened: %v", status, when, changed)
			}
		}
	}
}

// A fault with Since affects neither earlier calls nor the call that it waits for.
func TestFaultSince(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1", "shop-2")
	inject(t, p, faults.Fault{Kind: faults.Refuse, Method: "getenvinfo", Environment: "shop-1", Since: "stopenv",
		Code: 4711, Words: "no"})
	look := func(when string, want int) {
		t.Helper()
		answer, err := c.post("environment.control.getenvinfo", "envName", "shop-1")
		if err != nil || effective(answer) != want {
			t.Errorf("%s: %v %v", when, answer, err)
		}
	}
	for range 3 {
		look("before", 0)
	}
	c.ok("environment.control.stopenv", "envName", "shop-2")
	look("after another environment was stopped", 0)
	c.ok("environment.control.stopenv", "envName", "shop-1")
	look("afterwards", 4711)
	look("after that", 0)

	// Calls are counted from then on. Method and Since may be the same.
	inject(t, p, faults.Fault{Kind: faults.Refuse, Method: "getenvinfo", Environment: "shop-1", Since: "getenvinfo",
		Code: 4711, Words: "no", Nth: 2, Times: -1})
	for i, want := range []int{0, 0, 4711, 4711} {
		look(fmt.Sprintf("call %d", i+1), want)
	}
}

func TestFaultOccurrences(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1", "shop-2")
	inject(t, p, faults.Fault{Kind: faults.Refuse, Method: "environment.control.StopEnv", Environment: "shop-1",
		Code: 4711, Words: "no", Nth: 2, Times: 2})
	for i, want := range []int{0, 4711, 4711, 2212} {
		answer, err := c.post("environment.control.stopenv", "envName", "shop-1")
		if err != nil || effective(answer) != want {
			t.Errorf("call %d: %v %v", i+1, answer, err)
		}
		c.post("environment.control.stopenv", "envName", "shop-2") //nolint:errcheck // does not count
	}
	inject(t, p, faults.Fault{Kind: faults.Refuse, Code: 17, Words: "java.io.IOException", Times: -1})
	for range 3 {
		if got := words(c.code(17, "environment.control.getenvs")); got != "java.io.IOException" {
			t.Errorf("words %q", got)
		}
	}
	err := p.view(func(x *tx) error {
		if n := x.bolt.Bucket([]byte("faults")).Stats().KeyN; n != 1 {
			t.Errorf("%d faults are left, one of them permanent", n)
		}
		return nil
	})
	if err = errors.Join(err, ClearFaults(p)); err != nil {
		t.Fatal(err)
	}
	c.ok("environment.control.getenvs")
	inject(t, p, faults.Fault{Kind: faults.Refuse, Method: "createenvironment", Environment: "shop-3", Code: 2338,
		Words: "account limit reached"})
	c.create("shop-4", "")
	if answer := c.code(2338, "environment.control.createenvironment", "env", `{"shortdomain":"shop-3"}`, "nodes",
		twoLayers); answer["result"] != 0.0 {
		t.Errorf("the outer result is %v", answer["result"])
	}
}

func TestFaultsInTheBackground(t *testing.T) {
	t.Parallel()
	migrate := func(c *client, region string) (object, error) {
		return c.post("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", region, "isOnline", "false")
	}
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		p, c := open(t, Options{})
		p.seed(t, "shop-1")
		before := addressesOf(c.info("shop-1"))
		inject(t, p, faults.Fault{Kind: faults.Fail, Method: "migrate", Code: 99, Words: "disk full"})
		if answer, err := migrate(c, "south-standard"); err != nil || effective(answer) != 99 ||
			words(answer) != "disk full" {
			t.Errorf("migrate: %v %v", answer, err)
		}
		after := c.info("shop-1")
		if status(after) != 1 || env(after)["hardwareNodeGroup"] != "north-economy" ||
			marshal(addressesOf(after)) != marshal(before) {
			t.Errorf("after: %v", after)
		}
		past := actions(c.ok("environment.tracking.getuidactions"))
		if past[0]["result"] != 99.0 || past[0]["error"] != "disk full" {
			t.Errorf("log: %v", past[0])
		}
		if n := len(outbox(t, p)); n != 0 {
			t.Errorf("%d mails", n)
		}
		// The addresses of the failed move are free again.
		_ = p.view(func(x *tx) error {
			if n := x.bolt.Bucket(bucketAddresses).Stats().KeyN; n != 5 {
				t.Errorf("%d addresses are taken", n)
			}
			return nil
		})
	})
	t.Run("breaks", func(t *testing.T) {
		t.Parallel()
		p, c := open(t, Options{})
		p.seed(t, "shop-1")
		inject(t, p, faults.Fault{Kind: faults.Fail, Method: "migrate", Broken: true})
		if answer, err := migrate(c, "north-standard"); err != nil || effective(answer) != 1 {
			t.Errorf("migrate: %v %v", answer, err)
		}
		if after := c.info("shop-1"); status(after) != 11 || env(after)["hardwareNodeGroup"] != "north-economy" {
			t.Errorf("after: %v", env(after))
		}
		c.code(2212, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "north-standard", "isOnline",
			"false")
		c.ok("environment.control.deleteenv", "envName", "shop-1")
	})
	t.Run("creation fails", func(t *testing.T) {
		t.Parallel()
		p, c := open(t, Options{})
		inject(t, p, faults.Fault{Kind: faults.Fail, Method: "createenvironment", Code: 4099})
		c.code(4099, "environment.control.createenvironment", "env", `{"shortdomain":"shop-1"}`, "nodes", twoLayers)
		c.code(11, "environment.control.getenvinfo", "envName", "shop-1")
		inject(t, p, faults.Fault{Kind: faults.Fail, Method: "createenvironment", Code: 4099, Broken: true})
		c.code(4099, "environment.control.createenvironment", "env", `{"shortdomain":"shop-1"}`, "nodes", twoLayers)
		if got := status(c.info("shop-1")); got != 11 {
			t.Errorf("status %d", got)
		}
	})
	t.Run("goes on after the cut", func(t *testing.T) {
		t.Parallel()
		clock := newClock()
		p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
		p.seed(t, "shop-1")
		inject(t, p, faults.Fault{Kind: faults.Gateway, Status: 504, Method: "migrate", When: faults.WhenStarted})
		if _, err := migrate(c, "north-standard"); err == nil || !strings.HasPrefix(err.Error(), "504") {
			t.Errorf("migrate: %v", err)
		}
		if got := status(c.info("shop-1")); got != 10 {
			t.Errorf("status %d", got)
		}
		clock.advance(time.Hour)
		if got := env(c.info("shop-1")); got["status"] != 1.0 || got["hardwareNodeGroup"] != "north-standard" {
			t.Errorf("after: %v", got)
		}
	})
	t.Run("offline though live was asked", func(t *testing.T) {
		t.Parallel()
		clock := newClock()
		p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
		p.seed(t, "shop-1")
		inject(t, p, faults.Fault{Kind: faults.Offline, Method: "migrate"})
		answers := c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
			"north-standard", "isOnline", "true")
		if n := nodes(c.info("shop-1"), "cp")[0]; n["status"] != 2.0 {
			t.Errorf("node: %v", n)
		}
		clock.advance(time.Hour)
		<-answers
		if _, body := onlyMail(t, p); !strings.Contains(body, "(offline)") {
			t.Errorf("mail:\n%s", body)
		}
	})
	t.Run("longer, and late to show", func(t *testing.T) {
		t.Parallel()
		clock := newClock()
		p, c := open(t, Options{Now: clock.Now})
		p.seed(t, "shop-1")
		inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(time.Hour)},
			faults.Fault{Kind: faults.Late, Method: "migrate", Delay: faults.Duration(time.Minute)},
			faults.Fault{Kind: faults.Cut, Method: "migrate", When: faults.WhenStarted})
		if _, err := migrate(c, "north-standard"); err == nil {
			t.Error("the call got a response")
		}
		if info := c.info("shop-1"); status(info) != 1 || nodes(info, "cp")[0]["status"] != 1.0 {
			t.Errorf("the migration shows too early: %v", info)
		}
		c.code(2212, "environment.control.stopenv", "envName", "shop-1")
		clock.advance(time.Minute)
		if got := status(c.info("shop-1")); got != 10 {
			t.Errorf("status %d after a minute", got)
		}
		clock.advance(time.Hour)
		if got := status(c.info("shop-1")); got != 1 {
			t.Errorf("status %d after the end", got)
		}
	})
}

func TestSessionAndEnvelopeFaults(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	inject(t, p, faults.Fault{Kind: faults.Legacy, Times: -1})
	check := []string{"envName", "shop-1", "hardwareNodeGroup", "north-standard"}
	if answer, err := c.post("environment.control.checkmigrationpossibility", check...); err != nil ||
		marshal(answer) != `{"response":{"result":0}}` {
		t.Errorf("check: %v %v", answer, err)
	}
	if answer, err := c.post("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"north-legacy"); err != nil ||
		answer["result"] != nil || effective(answer) != 2373 || words(answer) == "" {
		t.Errorf("refused: %v %v", answer, err)
	}
	if answer := c.ok("environment.control.getregions"); answer["result"] != 0.0 {
		t.Errorf("getregions: %v", answer)
	}
	if err := ClearFaults(p); err != nil {
		t.Fatal(err)
	}
	inject(t, p, faults.Fault{Kind: faults.Expire, Method: "migrate"})
	c.code(702, "environment.control.migrate", check...)
	c.code(702, "environment.control.getenvs")
	if status(c.as(ReadOnlyToken).info("shop-1")) != 1 {
		t.Error("the refused migration began")
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	inject(t, p, faults.Fault{Kind: faults.Delay, Method: "setenvdisplayname", Delay: faults.Duration(time.Hour),
		When: faults.WhenAfter})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		eventually(t, func() bool {
			answer, err := c.post("environment.control.getenvinfo", "envName", "shop-1")
			return err == nil && env(answer)["displayName"] == "changed"
		})
	}()
	if _, _, err := c.raw(ctx, "changed"); !errors.Is(err, context.Canceled) {
		t.Errorf("the client got a response before its timeout: %v", err)
	}
	inject(t, p, faults.Fault{Kind: faults.Delay, Method: "getenvs", Delay: faults.Duration(time.Millisecond)})
	start := time.Now()
	c.ok("environment.control.getenvs")
	if took := time.Since(start); took < time.Millisecond {
		t.Errorf("a delay of only %s", took)
	}
}

func TestFaultsReachOtherProcesses(t *testing.T) {
	t.Parallel()
	p, _ := open(t, Options{})
	_, other := open(t, Options{Directory: p.directory})
	inject(t, p, faults.Fault{Kind: faults.Refuse, Method: "getenvs", Code: 99, Words: "oops"})
	other.code(99, "environment.control.getenvs")
	other.ok("environment.control.getenvs")
}
