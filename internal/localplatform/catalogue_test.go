package localplatform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDefaultCatalogue(t *testing.T) {
	t.Parallel()
	c, err := LoadCatalogue("")
	if err != nil {
		t.Fatal(err)
	}
	if r := c.defaultRegion(); r == nil || r.Name != "north-economy" {
		t.Errorf("default region %v", r)
	}
	for _, cheapToDear := range [][]string{{"north-economy", "north-standard", "north-performance"},
		{"south-standard", "south-performance"}} {
		price := 0.0
		for _, name := range cheapToDear {
			if p := c.region(name).Prices.ReservedCloudlet[0].Price; p <= price {
				t.Errorf("%s does not cost more than the previous region", name)
			} else {
				price = p
			}
		}
	}
	for token, uid := range map[string]int64{OwnerToken: 1001, ReadOnlyToken: 1001, CollaboratorToken: 1002} {
		if account, _ := c.tokenOwner(token); account == nil || account.UID != uid {
			t.Errorf("token of account %d: %v", uid, account)
		}
	}
	for _, dc := range c.Datacenters { // only reserved example domains and addresses
		if len(dc.Regions) == 0 {
			continue
		}
		if !strings.HasPrefix(dc.Internal, "10.") || !strings.HasPrefix(dc.PublicIPv6, "2001:db8:") ||
			(dc.PublicIPv4 != "192.0.2.0/24" && dc.PublicIPv4 != "198.51.100.0/24" && dc.PublicIPv4 != "203.0.113.0/24") {
			t.Errorf("blocks of %s: %s %s %s", dc.Name, dc.Internal, dc.PublicIPv4, dc.PublicIPv6)
		}
	}
}

func TestInvalidCatalogues(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ old, new, complaint string }{
		"not JSON":           {`{`, `[`, "not usable"},
		"trailing text":      {"\n}\n", "\n}\n{}", "after the end"},
		"unknown field":      {`"currency"`, `"curency"`, "curency"},
		"no currency":        {`"currency": "EUR"`, `"currency": ""`, "currency"},
		"centre twice":       {`"name": "south"`, `"name": "north"`, `"north" is listed twice`},
		"region twice":       {`"name": "south-standard"`, `"name": "north-standard"`, `"north-standard" is listed twice`},
		"bad region name":    {`"name": "south-standard"`, `"name": "south standard"`, "south standard"},
		"bad domain":         {`"domain": "south.vap.test"`, `"domain": "south"`, "domain name"},
		"bad block":          {`"198.51.100.0/24"`, `"198.51.100.0"`, "publicIPv4"},
		"wrong family":       {`"198.51.100.0/24"`, `"2001:db8:99::/64"`, "publicIPv4"},
		"overlapping blocks": {`"10.20.0.0/16"`, `"10.10.128.0/24"`, "overlaps"},
		"no internal block":  {`"internal": "10.20.0.0/16"`, `"internal": ""`, "internal"},
		"falling tiers": {`{"from": 16, "price": 0.0025}`, `{"from": 1, "price": 0.0025}`,
			"tiers of reservedCloudlet"},
		"negative price":    {`"price": 0.0028`, `"price": -1`, "tiers of reservedCloudlet"},
		"negative capacity": {`"cloudlets": 65536`, `"cloudlets": -1`, "negative"},
		"virtualization":    {`"virtualization": ["CT", "VM"]`, `"virtualization": ["VZ"]`, "VZ"},
		"unknown live region": {`"currency"`,
			`"liveMigration": [{"between": ["north-economy", "moon"], "possible": true}], "currency"`, "moon"},
		"account twice":        {`"uid": 1002, "email"`, `"uid": 1001, "email"`, "1001 is listed twice"},
		"account without mail": {`"collaborator@vap.test"`, `""`, "email"},
		"token twice":          {ReadOnlyToken, OwnerToken, "token"},
		"unknown collaborator": {`"uid": 1002, "role"`, `"uid": 7, "role"`, "collaborator 7"},
		"unknown role":         {`"role": "developer"`, `"role": "king"`, "king"},
		"stack twice":          {`"nodeType": "haproxy"`, `"nodeType": "nginx"`, `"nginx" is listed twice`},
		"stack without layer":  {`"layers": ["docker"]`, `"layers": []`, "layers"},
		"no regions":           {string(defaultCatalogue), `{"currency":"EUR","accounts":[],"stacks":[]}`, "no region"},
		"no accounts":          {string(defaultCatalogue), `{"currency":"EUR","accounts":[],"stacks":[]}`, "no account"},
		"no stacks":            {string(defaultCatalogue), `{"currency":"EUR","accounts":[],"stacks":[]}`, "no stack"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(string(defaultCatalogue), test.old, test.new, 1)
			if changed == string(defaultCatalogue) {
				t.Fatal("the test changes nothing")
			}
			file := filepath.Join(t.TempDir(), "catalogue.json")
			if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(Options{Directory: t.TempDir(), Catalogue: file})
			if err == nil || !strings.Contains(err.Error(), test.complaint) || !strings.Contains(err.Error(), file) {
				t.Errorf("error %v does not mention %q", err, test.complaint)
			}
		})
	}
	if _, err := Open(Options{Directory: t.TempDir(), Catalogue: "/no/such/file"}); err == nil {
		t.Error("a missing catalogue was accepted")
	}
}

func TestBuiltInCatalogueIsValid(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "catalogue.json")
	if err := os.WriteFile(file, defaultCatalogue, 0o600); err != nil {
		t.Fatal(err)
	}
	_, c := open(t, Options{Catalogue: file})
	c.ok("environment.control.getregions")
}
