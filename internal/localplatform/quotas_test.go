package localplatform

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// customized opens a platform with a modified catalogue.
func customized(t *testing.T, o Options, change func(*Catalogue)) (*Platform, *client) {
	t.Helper()
	catalogue, err := LoadCatalogue("")
	if err != nil {
		t.Fatal(err)
	}
	change(catalogue)
	data, err := json.Marshal(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	o.Catalogue = filepath.Join(t.TempDir(), "catalogue.json")
	if err := os.WriteFile(o.Catalogue, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, o)
}

func TestQuotas(t *testing.T) {
	t.Parallel()
	_, c := customized(t, Options{}, func(c *Catalogue) {
		c.Quotas = map[string]int64{quotaEnvironments: 50, quotaNodes: 4, quotaSameNodes: 3, quotaCloudlets: 32,
			quotaPublicIPs: 4, quotaNodeIPs: 3}
		c.Accounts[0].Quotas = map[string]int64{quotaEnvironments: 2}
		c.Datacenters[0].Regions[1].Cloudlets = 20
		c.Datacenters[0].Internal = "10.10.0.0/28"
	})
	create := func(code int, name, region, nodes string) {
		t.Helper()
		c.code(code, "environment.control.createenvironment", "env", marshal(object{"shortdomain": name, "region": region}),
			"nodes", nodes)
	}
	create(2365, "shop-1", "", `[{"nodeType":"nginx","count":3},{"nodeType":"nodejs","count":2}]`)
	create(2366, "shop-1", "", `[{"nodeType":"nginx","count":4}]`)
	create(2361, "shop-1", "", `[{"nodeType":"nginx","flexibleCloudlets":33}]`)
	create(2338, "shop-1", "", `[{"nodeType":"nginx","count":2,"extipv4":3}]`)
	create(2338, "shop-1", "", `[{"nodeType":"nginx","extipv4":4}]`)
	create(2338, "shop-1", "north-standard", `[{"nodeType":"nginx","flexibleCloudlets":21}]`)
	create(0, "shop-1", "north-standard", `[{"nodeType":"nginx","flexibleCloudlets":12}]`)
	create(2338, "shop-2", "north-standard", `[{"nodeType":"nginx","flexibleCloudlets":12}]`)
	c.code(2361, "environment.control.changetopology", "envName", "shop-1", "env", "{}", "nodes",
		`[{"nodeType":"nginx","flexibleCloudlets":33}]`)
	c.code(2338, "environment.control.changetopology", "envName", "shop-1", "env", "{}", "nodes",
		`[{"nodeType":"nginx","flexibleCloudlets":21}]`)
	create(0, "shop-2", "", `[{"nodeType":"nginx"}]`)
	create(2360, "shop-3", "", `[{"nodeType":"nginx"}]`)
	c.code(2360, "environment.control.cloneenv", "srcEnvName", "shop-2", "dstEnvName", "shop-3")
}

func TestGetQuotas(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	if all := c.ok("billing.account.getquotas")["array"].([]any); len(all) != len(quotaNames) {
		t.Errorf("all quotas: %v", all)
	}
	some := c.ok("billing.account.getquotas",
		"quotasnames", "environment.maxcount;environment.maxnodescount")["array"].([]any)
	if len(some) != 2 || some[0].(object)["value"] != 2000.0 ||
		some[0].(object)["quota"].(object)["name"] != "environment.maxcount" {
		t.Errorf("two quotas: %v", some)
	}
	if account := c.ok("billing.account.getaccount"); account["group"] != "local" ||
		account["defaultHardNodeGroup"] != "north-economy" {
		t.Errorf("account: %v", account)
	}
}

func TestAddressesRunOut(t *testing.T) {
	t.Parallel()
	p, c := customized(t, Options{}, func(c *Catalogue) {
		c.Datacenters[0].PublicIPv4 = "192.0.2.0/29" // five addresses: the first two and the last one are never assigned
	})
	c.createWith("shop-1", "", `[{"nodeType":"nginx","count":2,"extipv4":2}]`)
	c.code(2338, "environment.control.createenvironment", "env", `{"shortdomain":"shop-2"}`, "nodes",
		`[{"nodeType":"nginx","extipv4":2}]`)
	c.createWith("shop-2", "", `[{"nodeType":"nginx","extipv4":1}]`)
	c.code(2338, "environment.binder.setextipcount", "envName", "shop-2", "type", "ipv4", "nodeGroup", "bl", "count", "2")
	c.ok("environment.control.deleteenv", "envName", "shop-1")
	c.ok("environment.binder.setextipcount", "envName", "shop-2", "type", "ipv4", "nodeGroup", "bl", "count", "2")

	if err := p.ExhaustAddresses("north", "internal", "ipv6"); err != nil {
		t.Fatal(err)
	}
	c.code(2338, "environment.control.createenvironment", "env", `{"shortdomain":"shop-3"}`, "nodes",
		`[{"nodeType":"nginx"}]`)
	c.code(2338, "environment.binder.setextipcount", "envName", "shop-2", "type", "ipv6", "nodeGroup", "bl", "count", "1")
	if err := p.ExhaustAddresses("north"); err != nil {
		t.Fatal(err)
	}
	c.createWith("shop-3", "", `[{"nodeType":"nginx"}]`)
	if p.ExhaustAddresses("north", "ipv5") == nil || p.ExhaustAddresses("nowhere") == nil {
		t.Error("invalid input was accepted")
	}
}
