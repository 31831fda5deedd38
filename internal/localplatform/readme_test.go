package localplatform

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "tools", "localplatform", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

func TestReadmeListsTheMethods(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile("\\| `([a-z]+/[a-z]+)` \\| ((?:`[a-z0-9]+`(?:, )?)+) \\|").
		FindAllStringSubmatch(readme(t), -1) {
		for _, name := range strings.Split(row[2], ", ") {
			listed[row[1]+"/"+strings.Trim(name, "`")] = true
		}
	}
	for name := range methods {
		if !listed[name] {
			t.Errorf("%s is not listed", name)
		}
	}
	for name := range listed {
		if methods[name] == nil {
			t.Errorf("%s is listed but not implemented", name)
		}
	}
	for service, list := range outOfScope {
		for _, name := range list {
			if listed[service+"/"+name] {
				t.Errorf("%s/%s is out of scope and listed", service, name)
			}
		}
	}
}

// Every method that is in the description but not implemented answers with a code that says so.
func TestOutOfScope(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	for _, service := range slices.Sorted(maps.Keys(outOfScope)) {
		list := outOfScope[service]
		if list == nil {
			list = []string{"anything"}
		}
		for _, name := range list {
			method := dotted(service + "/" + name)
			if answer := c.code(1, method); !strings.Contains(words(answer),
				"["+method+"] is out of the scope of the local platform") {
				t.Errorf("%s: %q", method, words(answer))
			}
		}
		c.as("nobody").code(702, dotted(service+"/"+list[0]))
		c.as(ReadOnlyToken).code(8202, dotted(service+"/"+list[0]))
	}
}

// TestPromises checks that the README has each promise word for word, and that the platform keeps it. Promises about
// faults are tested with each kind of fault, promises about the program in tools/localplatform.
func TestPromises(t *testing.T) {
	t.Parallel()
	text := readme(t)
	for promise, kept := range map[string]func(*testing.T, *Platform, *client){
		"`signin` also accepts it as the password of `owner@vap.test`": func(t *testing.T, _ *Platform, _ *client) {
			_, c := open(t, Options{Token: "mine"})
			c.ok("users.authentication.signin", "login", "owner@vap.test", "password", "mine")
			c.code(701, "users.authentication.signin", "login", "owner@vap.test", "password", OwnerToken)
		},
		"Several servers and providers may share it": func(t *testing.T, p *Platform, c *client) {
			_, other := open(t, Options{Directory: p.directory})
			c.create("shop-1", "north-economy")
			other.info("shop-1")
		},
		"with 60, a minute takes a second": func(t *testing.T, p *Platform, _ *client) {
			if p.scale = 60; p.scaled(time.Minute) != time.Second {
				t.Error(p.scaled(time.Minute))
			}
		},
		"If the file `requests.jsonl` exists in the folder, every call is written " +
			"to it": func(t *testing.T, p *Platform, c *client) {
			c.ok(control + "getenvs")
			if err := os.WriteFile(filepath.Join(p.directory, "requests.jsonl"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			c.ok(control + "getregions")
			calls, err := ReadRequests(p.directory)
			if err != nil || len(calls) != 1 || calls[0].Method != "environment/control/getregions" {
				t.Errorf("%v %v", calls, err)
			}
		},
		"All methods accept GET and POST": func(t *testing.T, p *Platform,
			c *client) {
			p.seed(t, "shop-1")
			for _, name := range []string{"ENVNAME", "envname"} {
				if answer := get200(t, c, "/1.0/Environment/Control/Rest/StopEnv?Session="+OwnerToken+"&"+name+
					"=shop-1"); effective(answer) != 0 && effective(answer) != 2212 {
					t.Error(answer)
				}
			}
			if got := status(c.ok("Environment.CONTROL.getEnvInfo", "EnvName", "shop-1")); got != 2 {
				t.Error(got)
			}
		},
		"They respond with code 1 and a message that says so": func(_ *testing.T, _ *Platform, c *client) {
			c.code(1, "marketplace.app.install")
		},
		"A method that is not in the description gets HTTP status 404": func(t *testing.T, _ *Platform, c *client) {
			if _, err := c.post(control + "nothing"); err == nil || !strings.Contains(err.Error(), "404") ||
				!strings.Contains(err.Error(), `"result":5`) {
				t.Error(err)
			}
		},
		"the server refuses other changes (2212) until they run again": func(t *testing.T, _ *Platform, _ *client) {
			clock := newClock()
			p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
			p.seed(t, "shop-1")
			answers := c.begin("shop-1", 12, control+"redeploycontainersbygroup", "envName", "shop-1", "nodeGroup", "sqldb",
				"tag", "8.0.43")
			c.code(2212, control+"stopenv", "envName", "shop-1")
			clock.advance(time.Minute)
			<-answers
			c.ok(control+"setenvdisplayname", "envName", "shop-1")
		},
		"`changetopology` removes every layer that the request leaves out, and resets every field that it leaves out to " +
			"the default, except disks and variables": func(t *testing.T, _ *Platform, c *client) {
			c.createWith("shop-1", "", `[{"nodeType":"nginx","flexibleCloudlets":9,"diskLimit":20,"env":{"A":"1"}},`+
				`{"nodeType":"memcached"}]`)
			c.topology(0, "shop-1", `[{"nodeType":"nginx"}]`)
			n := nodes(c.info("shop-1"), "")
			v := c.ok(control+"getcontainerenvvarsbygroup", "envName", "shop-1", "nodeGroup", "bl")
			if len(n) != 1 || n[0]["flexibleCloudlets"] != 8.0 || n[0]["diskLimit"] != 20000.0 || at(v, "object.A") != "1" {
				t.Errorf("%v %v", n, v)
			}
		},
		"it refuses another region": func(t *testing.T, p *Platform, c *client) {
			p.seed(t, "shop-1")
			c.code(3, control+"changetopology", "envName", "shop-1", "env", `{"region":"south-standard"}`, "nodes", twoLayers)
		},
		"An image whose name contains `private/` can be pulled only with a user and a password (any except " +
			"`wrong-password`)": func(_ *testing.T, _ *Platform, c *client) {
			with := func(registry string) []string {
				return []string{"env", `{}`, "nodes", `[{"nodeType":"docker","image":"private/app","registry":` + registry + `}]`}
			}
			for _, registry := range []string{`null`, `{"user":"u"}`, `{"password":"p"}`,
				`{"user":"u","password":"wrong-password"}`} {
				c.code(4072, control+"createenvironment", with(registry)...)
			}
			c.ok(control+"createenvironment", with(`{"user":"u","password":"p"}`)...)
		},
		"every image declares a `PATH`": func(t *testing.T, _ *Platform, c *client) {
			c.createWith("shop-1", "", `[{"nodeType":"docker","image":"a/b"}]`)
			if v := c.ok(control+"getcontainerenvvarsbygroup", "envName", "shop-1", "nodeGroup", "docker"); at(v,
				"object.PATH") == nil {
				t.Error(v)
			}
		},
		"The server refuses unknown fields and contradictions, and reports all contradictions " +
			"at once": func(t *testing.T, _ *Platform, _ *client) {
			if _, err := parseCatalogue([]byte(`{"colour":1}`)); err == nil || !strings.Contains(err.Error(), "colour") {
				t.Error(err)
			}
			if _, err := parseCatalogue([]byte(`{}`)); err == nil || strings.Count(err.Error(), "\n") < 3 {
				t.Error(err)
			}
		},
		"answer 404 to `getpricing`, to the two public price documents": func(t *testing.T, _ *Platform, _ *client) {
			catalogue := filepath.Join(t.TempDir(), "catalogue.json")
			hidden := strings.Replace(string(defaultCatalogue), `"currency"`,
				`"hidePricing": true, "hideDefaultPrices": true, "currency"`, 1)
			if err := os.WriteFile(catalogue, []byte(hidden), 0o600); err != nil {
				t.Fatal(err)
			}
			_, c := open(t, Options{Catalogue: catalogue})
			if _, err := c.post("billing.pricing.getpricing"); err == nil || !strings.HasPrefix(err.Error(), "404") {
				t.Error(err)
			}
		},
		"Only its user can read a folder that it creates": func(t *testing.T, _ *Platform, _ *client) {
			folder := filepath.Join(t.TempDir(), "made")
			open(t, Options{Directory: folder, Strict: true})
			if info, err := os.Stat(folder); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%v %v", info, err)
			}
		},
	} {
		t.Run(promise, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(text, promise) {
				t.Errorf("the README no longer says %q", promise)
			}
			p, c := open(t, Options{})
			kept(t, p, c)
		})
	}
	for _, elsewhere := range []string{ // the promise, and the test that shows it
		// TestRefusedArguments, TestListen
		"It refuses other addresses", "`localhost` must resolve to loopback addresses only",
		// TestDamagedStores
		"If `platform.db` is empty, truncated or damaged, the server reports one error that names the file",
		// TestReadsOfReadOnlyStore
		"If the disk is full, reads still work and show operations that have ended",
		"Web pages cannot reach it", "never the API", // TestWebPagesAreRefused
		// TestForeignFoldersAreRefused
		"The server refuses a folder that belongs to somebody else or that others can write to",
		"the environment shows status 3 or 12, the nodes stop all at once or one after the other",
		"`redeploycontainers…` set " +
			"the tag",
		// TestBillingHistoryByDayAndRegion
		"has a row with the `cost` for each environment, region (`hardwareNodeGroup`) and `period`",
		"a quarter of its limit of cloudlets, at least one, and a tenth of its disk", // TestCharges
		"numbers, booleans and texts are interchangeable",                            // TestClientRequests
	} {
		if !strings.Contains(text, elsewhere) {
			t.Errorf("the README no longer says %q", elsewhere)
		}
	}
}
