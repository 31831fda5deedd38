package localplatform

import (
	"fmt"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// outbox reads every mail in the folder, by file name.
func outbox(t *testing.T, p *Platform) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(p.directory, OutboxName))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	mails := map[string]string{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 || filepath.Ext(e.Name()) != ".eml" {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
		data, err := os.ReadFile(filepath.Join(p.directory, OutboxName, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		mails[e.Name()] = string(data)
	}
	return mails
}

// onlyMail parses the only mail.
func onlyMail(t *testing.T, p *Platform) (*mail.Message, string) {
	t.Helper()
	mails := outbox(t, p)
	if len(mails) != 1 {
		t.Fatalf("%d mails: %v", len(mails), mails)
	}
	for _, text := range mails {
		message, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(message.Body)
		if err != nil {
			t.Fatal(err)
		}
		return message, string(body)
	}
	return nil, ""
}

// addressesOf lists everything that a move between data centres changes, node by node.
func addressesOf(info object) []string {
	var list []string
	for _, n := range nodes(info, "") {
		list = append(list, fmt.Sprint(n["id"], n["intIP"], n["extIPs"], n["extipsv6"], n["url"]))
	}
	return list
}

func TestLiveMigration(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	before := c.info("shop-1")
	answers := c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"north-performance", "isOnline", "true")
	during := c.info("shop-1")
	for _, n := range nodes(during, "") {
		if n["status"] != 1.0 {
			t.Errorf("a node stopped during a live migration: %v", n)
		}
	}
	if env(during)["hardwareNodeGroup"] != "north-economy" {
		t.Error("the region changed before the end")
	}
	// Two nodes with 8 cloudlets and 10 GB, and one with 8 cloudlets and 20 GB: 2×(5+8+4) + (5+8+8) seconds.
	clock.advance(55*time.Second - time.Millisecond)
	expectOpen(t, answers)
	clock.advance(time.Millisecond)
	if answer := <-answers; effective(answer) != 0 || len(answer) != 1 {
		t.Errorf("migrate: %v", answer)
	}
	after := c.info("shop-1")
	e := env(after)
	if status(after) != 1 || e["hardwareNodeGroup"] != "north-performance" ||
		e["hostGroup"].(object)["displayName"] != "North Performance" || e["domain"] != env(before)["domain"] {
		t.Errorf("after: %v", e)
	}
	if !slices.Equal(addressesOf(before), addressesOf(after)) {
		t.Error("a live migration changed addresses")
	}
	message, body := onlyMail(t, p)
	if message.Header.Get("To") != "owner@vap.test" || !strings.Contains(message.Header.Get("Subject"), "shop-1") {
		t.Errorf("mail header: %v", message.Header)
	}
	for _, want := range []string{"from north-economy to north-performance (live)", "Duration: 55s",
		"node 50001 (cp): 17s", "node 50003 (sqldb): 21s", "region: north-economy -> north-performance"} {
		if !strings.Contains(body, want) {
			t.Errorf("the mail does not contain %q:\n%s", want, body)
		}
	}
	if strings.Contains(body, "domain:") || strings.Contains(body, "address:") {
		t.Errorf("the mail reports changes that did not happen:\n%s", body)
	}
}

func TestOfflineMigrationInsideDataCentre(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 60})
	p.seed(t, "shop-1")
	before := c.info("shop-1")
	answers := c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"north-standard", "isOnline", "false")
	for _, n := range nodes(c.info("shop-1"), "") {
		if n["status"] != 2.0 {
			t.Errorf("a node runs during an offline migration: %v", n)
		}
	}
	clock.advance(time.Second) // 43 s at a scale of 60
	if answer := <-answers; effective(answer) != 0 {
		t.Errorf("migrate: %v", answer)
	}
	after := c.info("shop-1")
	if status(after) != 1 || nodes(after, "cp")[0]["status"] != 1.0 ||
		env(after)["hardwareNodeGroup"] != "north-standard" {
		t.Errorf("after: %v", after)
	}
	if !slices.Equal(addressesOf(before), addressesOf(after)) || env(before)["domain"] != env(after)["domain"] {
		t.Error("addresses changed inside a data centre")
	}
}

func TestMigrationToAnotherDataCentre(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	c.ok("environment.binder.bindextdomain", "envName", "shop-1", "extdomain", "shop.example.test")
	c.ok("environment.binder.setextipcount", "envName", "shop-1", "type", "ipv6", "nodeGroup", "cp", "count", "1")
	before := c.info("shop-1")
	answers := c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"south-standard", "isOnline", "false")
	if !slices.Equal(addressesOf(before), addressesOf(c.info("shop-1"))) {
		t.Error("addresses changed before the end")
	}
	clock.advance(time.Hour)
	if answer := <-answers; effective(answer) != 0 {
		t.Errorf("migrate: %v", answer)
	}
	after := c.info("shop-1")
	e := env(after)
	if status(after) != 1 || e["hardwareNodeGroup"] != "south-standard" || e["domain"] != "shop-1.south.vap.test" ||
		fmt.Sprint(e["extdomains"]) != "[shop.example.test]" {
		t.Errorf("after: %v", e)
	}
	_, body := onlyMail(t, p)
	for i, n := range nodes(after, "") {
		old := nodes(before, "")[i]
		if n["id"] != old["id"] || n["intIP"] == old["intIP"] || !strings.HasPrefix(n["intIP"].(string), "10.20.") ||
			!strings.HasSuffix(n["url"].(string), "shop-1.south.vap.test") {
			t.Errorf("node before %v, after %v", old, n)
		}
		if want := fmt.Sprintf("internal address: %s -> %s", old["intIP"], n["intIP"]); !strings.Contains(body, want) {
			t.Errorf("the mail does not contain %q:\n%s", want, body)
		}
		if n["nodeGroup"] != "cp" {
			continue
		}
		if ip := n["extIPs"].([]any); len(ip) != 1 || !strings.HasPrefix(ip[0].(string), "198.51.100.") {
			t.Errorf("public addresses: %v", ip)
		}
		if ip := n["extipsv6"].([]any); len(ip) != 1 || !strings.HasPrefix(ip[0].(string), "2001:db8:20::") {
			t.Errorf("public IPv6 addresses: %v", ip)
		}
		if want := fmt.Sprintf("public IPv6: %s -> %s", old["extipsv6"].([]any)[0],
			n["extipsv6"].([]any)[0]); !strings.Contains(body, want) {
			t.Errorf("the mail does not contain %q:\n%s", want, body)
		}
	}
	if !strings.Contains(body, "domain: shop-1.north.vap.test -> shop-1.south.vap.test") {
		t.Errorf("the mail does not report the domain:\n%s", body)
	}

	answers = c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"north-economy", "isOnline", "false")
	clock.advance(time.Hour)
	<-answers
	if back := c.info("shop-1"); env(back)["domain"] != "shop-1.north.vap.test" ||
		nodes(back, "cp")[0]["intIP"] == nodes(before, "cp")[0]["intIP"] {
		t.Error("moving back restored the old addresses")
	}
	if n := len(outbox(t, p)); n != 2 {
		t.Errorf("%d mails after two migrations", n)
	}
}

func TestMigrationKeepsTheStatus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ status, node int }{"stopped": {2, 2}, "sleeping": {4, 4}} {
		for _, online := range []string{"true", "false"} {
			t.Run(name+" online "+online, func(t *testing.T) {
				t.Parallel()
				p, c := open(t, Options{})
				p.seed(t, "shop-1")
				if err := p.SetStatus("shop-1", test.status); err != nil {
					t.Fatal(err)
				}
				c.ok("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "north-standard", "isOnline", online)
				info := c.info("shop-1")
				if status(info) != test.status || int(nodes(info, "cp")[0]["status"].(float64)) != test.node ||
					env(info)["hardwareNodeGroup"] != "north-standard" {
					t.Errorf("after: %v", env(info))
				}
			})
		}
	}
}

func TestMigrationRefused(t *testing.T) {
	t.Parallel()
	p, c := customized(t, Options{}, func(c *Catalogue) {
		c.LiveMigration = []LivePair{{Between: [2]string{"north-economy", "north-standard"}, Possible: false},
			{Between: [2]string{"south-performance", "north-economy"}, Possible: true}}
		c.Datacenters[1].Regions[0].Cloudlets = 20
	})
	p.seed(t, "shop-1")
	c.createWith("east-1", "east-standard", `[{"nodeType":"nginx"}]`)
	c.createWith("files-1", "north-economy", `[{"nodeType":"storage"}]`)
	c.createWith("windows-1", "north-performance", `[{"nodeType":"windows2022"}]`)
	for _, test := range []struct {
		environment, region, online string
		code                        int
		words                       string
		possible                    bool // the check does not distinguish live from offline
	}{
		{"shop-1", "nowhere", "false", 3, "nowhere", false},
		{"shop-1", "north", "false", 3, "[north]", false},
		{"shop-1", "north-economy", "false", 3, "already", false},
		{"shop-1", "north-standard", "maybe", 3, "isOnline", true},
		{"shop-1", "north-legacy", "false", 2373, "not available", false},
		{"shop-1", "south-retired", "false", 2373, "maintenance", false},
		{"shop-1", "east-standard", "false", 2373, "not allowed", false},
		{"east-1", "north-standard", "false", 2373, "not allowed", false},
		{"shop-1", "south-standard", "false", 2338, "no available hardware", false},
		{"shop-1", "north-standard", "true", 2373, "live", true},
		{"shop-1", "south-performance", "true", 0, "", true},
		{"files-1", "north-performance", "true", 2373, "Shared Storage", true},
		{"files-1", "south-performance", "true", 2373, "live", true},
		{"windows-1", "south-performance", "false", 2373, "Windows", false},
		{"unknown", "north-standard", "false", 11, "unknown", false},
	} {
		check := 0
		if !test.possible {
			check = test.code
		}
		c.code(check, "environment.control.checkmigrationpossibility", "envName", test.environment, "hardwareNodeGroup",
			test.region)
		answer := c.code(test.code, "environment.control.migrate", "envName", test.environment, "hardwareNodeGroup",
			test.region, "isOnline", test.online)
		if !strings.Contains(words(answer), test.words) {
			t.Errorf("%+v: %q", test, words(answer))
		}
	}
	if err := p.SetStatus("shop-1", 5); err != nil {
		t.Fatal(err)
	}
	c.code(2212, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "north-standard", "isOnline",
		"false")
	c.code(2212, "environment.control.checkmigrationpossibility", "envName", "shop-1", "hardwareNodeGroup",
		"north-standard")
}

func TestMigrationWithoutFreeAddresses(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	for kind, constant := range map[string]string{"internal": "ENV_NO_FREE_INTERNAL_IP", "ipv4": "ENV_NO_FREE_EXT_IPV4"} {
		if err := p.ExhaustAddresses("south", kind); err != nil {
			t.Fatal(err)
		}
		answer := c.code(2338, "environment.control.checkmigrationpossibility", "envName", "shop-1", "hardwareNodeGroup",
			"south-standard")
		if !strings.Contains(words(answer), constant) {
			t.Errorf("%s: %q", kind, words(answer))
		}
		c.code(2338, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "south-standard", "isOnline",
			"false")
	}
	if err := p.ExhaustAddresses("south"); err != nil {
		t.Fatal(err)
	}
	for range 300 { // a check takes no addresses
		c.ok("environment.control.checkmigrationpossibility", "envName", "shop-1", "hardwareNodeGroup", "south-standard")
	}
	c.ok("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "south-standard", "isOnline", "false")
}

func TestMigrationBlocksOtherChanges(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	answers := c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"south-standard", "isOnline", "false")
	for method, more := range map[string][]string{
		"control.migrate":                   {"hardwareNodeGroup", "north-standard", "isOnline", "false"},
		"control.checkmigrationpossibility": {"hardwareNodeGroup", "north-standard"},
		"control.deleteenv":                 nil,
		"control.stopenv":                   nil,
		"control.setenvdisplayname":         {"displayName", "x"},
		"control.setenvgroup":               {"envGroup", "x"},
		"control.changetopology":            {"env", "{}", "nodes", twoLayers},
		"control.addcontainerenvvars":       {"nodeGroup", "cp", "vars", "{}"},
		"control.getcontainerenvvars":       {"nodeGroup", "cp"},
		"binder.setextipcount":              {"type", "ipv4", "nodeGroup", "cp", "count", "2"},
		"binder.bindextdomain":              {"extdomain", "a.example.test"},
		"binder.removeextdomain":            {"extdomain", "a.example.test"},
	} {
		answer := c.code(2212, "environment."+method, append([]string{"envName", "shop-1"}, more...)...)
		if !strings.Contains(words(answer), "ENV_STATUS_TYPE_MIGRATING") {
			t.Errorf("%s: %q", method, words(answer))
		}
	}
	expectOpen(t, answers)
	clock.advance(time.Hour)
	if answer := <-answers; effective(answer) != 0 {
		t.Errorf("migrate: %v", answer)
	}
}

// The mail exists before anyone can see the environment in its target region, even if nobody reads it for a long
// time.
func TestMailPrecedesResult(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	if err := InjectFaults(p, faults.Fault{Kind: faults.Cut, Method: "migrate", When: faults.WhenStarted}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.post("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "south-standard",
		"isOnline", "false"); err == nil {
		t.Fatal("the call got a response")
	}
	if n := len(outbox(t, p)); n != 0 {
		t.Errorf("%d mails before the end", n)
	}
	clock.advance(24 * time.Hour)
	other, err := Open(Options{Directory: p.directory, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	err = other.view(func(x *tx) error {
		message, _ := onlyMail(t, other)
		date, err := message.Header.Date()
		if err != nil {
			return err
		}
		if took := date.Sub(newClock().Now()); took <= 0 || took > time.Hour {
			t.Errorf("the mail is dated %s after the start, not at the end of the migration", took)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// A process that was killed between the mail and the record would write the same mail again.
	first := outbox(t, p)
	err = p.update(func(x *tx) error {
		env, err := x.load("shop-1")
		if err != nil {
			return err
		}
		for range 2 {
			env.Op = &operation{ID: 99, Start: x.now, End: x.now.Add(time.Second), After: env.copy()}
			if err := x.sendMigrationMail(env); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(outbox(t, p)) != len(first)+1 {
		t.Errorf("%d mails, error %v", len(outbox(t, p)), err)
	}
}
