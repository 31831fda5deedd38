package localplatform

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func get200(t *testing.T, c *client, path string) object {
	t.Helper()
	response, err := c.http.Get(c.base + path)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := decoded(response)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestRequestsIgnoreCaseAndVerb(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	for _, path := range []string{
		"/1.0/environment/control/rest/getenvinfo?session=" + OwnerToken + "&envName=shop-1",
		"/1.0/Environment/Control/REST/GetEnvInfo?SESSION=" + OwnerToken + "&envname=shop-1",
		"/1.0/env/control/rest/GetEnvInfo?session=" + OwnerToken + "&ENVNAME=shop-1",
		"/1.0/environment/control/rest/getenvinfo?session=" + OwnerToken + "&appid=appshop-1",
		"/1.0/environment/control/rest/getenvinfo?session=" + OwnerToken + "&envName=appshop-1",
		"/1.0/environment/control/rest/getenvinfo?session=" + OwnerToken +
			"&appid=1dd8d191d38fff45e62564fcf67fdcd6&envName=shop-1",
	} {
		answer := get200(t, c, path)
		if effective(answer) != 0 || env(answer)["envName"] != "shop-1" {
			t.Errorf("GET %s: %v", path, answer)
		}
	}
	form := url.Values{"SESSION": {OwnerToken}, "envNAME": {"shop-1"}}
	response, err := c.http.PostForm(c.base+"/1.0/ENVIRONMENT/CONTROL/rest/GETENVINFO", form)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := decoded(response); err != nil || env(answer)["envName"] != "shop-1" {
		t.Errorf("POST: %v %v", answer, err)
	}
}

// The platform separates names by semicolons. In a form they are ordinary characters.
func TestSemicolonsSeparateNames(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	const names = "environment.maxcount;environment.maxnodescount"
	answer := get200(t, c, "/1.0/billing/account/rest/getquotas?session="+OwnerToken+"&quotasnames="+names)
	if quotas, _ := answer["array"].([]any); len(quotas) != 2 {
		t.Errorf("GET: %v", answer)
	}
	response, err := c.http.Post(c.base+"/1.0/billing/account/rest/getquotas", "application/x-www-form-urlencoded",
		strings.NewReader("session="+OwnerToken+"&quotasnames="+names))
	if err != nil {
		t.Fatal(err)
	}
	answer, err = decoded(response)
	if quotas, _ := answer["array"].([]any); err != nil || len(quotas) != 2 {
		t.Errorf("POST: %v %v", answer, err)
	}
}

func TestUnknownPathsAre404(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	for _, path := range []string{
		"/", "/1.0/", "/1.0/environment/control/rest/", "/1.0/environment/control/rest/nosuchmethod",
		"/2.0/environment/control/rest/getenvs",
		"/1.0/environment/control/getenvs", "/1.0/users/authentication/rest/signin?login=owner@vap.test&password=" +
			OwnerToken,
	} {
		response, err := c.http.Get(c.base + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %s", path, response.Status)
		}
	}
}

func TestMethodPermissions(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	c.as("").code(702, "environment.control.getenvs")
	c.as("unknown").code(702, "environment.control.getenvs")
	c.as(ReadOnlyToken).ok("environment.control.getenvinfo", "envName", "shop-1")
	c.as(ReadOnlyToken).ok("environment.control.checkmigrationpossibility", "envName", "shop-1", "hardwareNodeGroup",
		"north-standard")
	for name, m := range methods {
		if m.open {
			continue
		}
		dotted := strings.ReplaceAll(name, "/", ".")
		answer, err := c.as(ReadOnlyToken).post(dotted)
		if err != nil {
			t.Fatal(err)
		}
		if got := effective(answer) != 8202; got != m.reads {
			t.Errorf("the planning token may call %s: %v, it reads: %v", dotted, got, m.reads)
		}
	}
	if words(c.as(ReadOnlyToken).code(8202, "environment.control.migrate", "envName", "shop-1")) == "" {
		t.Error("8202 without a message")
	}
	if err := p.ExpireToken(OwnerToken); err != nil {
		t.Fatal(err)
	}
	c.code(702, "environment.control.getenvs")
	c.as(ReadOnlyToken).ok("environment.control.getenvs")
}

func TestTokens(t *testing.T) {
	t.Parallel()
	catalogue := strings.Replace(string(defaultCatalogue), `"methods": ["read"]`,
		`"methods": ["env.control.GetEnvs"], "expiresAt": "2026-03-01T10:00:00Z"`, 1)
	file := filepath.Join(t.TempDir(), "catalogue.json")
	if err := os.WriteFile(file, []byte(catalogue), 0o600); err != nil {
		t.Fatal(err)
	}
	clock := newClock()
	_, c := open(t, Options{Catalogue: file, Now: clock.Now})
	limited := c.as(ReadOnlyToken)
	limited.ok("environment.control.getenvs")
	limited.code(8202, "environment.control.getregions")
	clock.advance(30 * time.Minute)
	limited.code(702, "environment.control.getenvs")

	_, own := open(t, Options{Token: "mine"})
	own.ok("environment.control.getenvs")
	for _, token := range []string{OwnerToken, ReadOnlyToken, CollaboratorToken} {
		own.as(token).code(702, "environment.control.getenvs")
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	c.code(701, "users.authentication.signin", "login", "owner@vap.test", "password", "wrong")
	c.code(701, "users.authentication.signin", "login", "nobody@vap.test", "password", OwnerToken)
	c.code(3, "users.authentication.signin", "login", "owner@vap.test")
	answer := c.ok("users.authentication.signin", "login", "Owner@vap.test", "password", OwnerToken)
	if answer["uid"] != 1001.0 || answer["authType"] != "BASIC" {
		t.Errorf("signin: %v", answer)
	}
	signedIn := c.as(answer["session"].(string))
	if user := signedIn.ok("users.account.getuserinfo"); user["email"] != "owner@vap.test" {
		t.Errorf("getuserinfo: %v", user)
	}
	signedIn.ok("users.authentication.signout")
	signedIn.code(702, "users.account.getuserinfo")
}

func TestErrorsNameMissingParameters(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	for name, m := range methods {
		if len(m.required) == 0 {
			continue
		}
		answer := c.code(3, strings.ReplaceAll(name, "/", "."))
		if m.required[0] == "envName" && name == "environment/control/getenvinfo" && answer["response"] != nil {
			t.Errorf("%s: not at the outer level", name)
		}
		if !strings.Contains(words(answer), "["+m.required[0]+"]") {
			t.Errorf("%s: %q does not name [%s]", name, words(answer), m.required[0])
		}
	}
}

func TestUnknownEnvironment(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	for name, m := range methods {
		if len(m.required) == 0 || m.required[0] != "envName" {
			continue
		}
		parameters := []string{"envName", "shop-1", "envGroup", "a"}
		for _, other := range m.required[1:] {
			value := "1"
			switch other {
			case "env":
				value = "{}"
			case "nodes":
				value = twoLayers
			case "vars":
				value = "{}"
				if strings.HasPrefix(name, "environment/control/remove") {
					value = "[]"
				}
			case "data":
				value = "{}"
			case "type":
				value = "ipv4"
			}
			parameters = append(parameters, other, value)
		}
		c.code(11, strings.ReplaceAll(name, "/", "."), parameters...)
	}
}

func TestCreationResponsesAreNested(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	answer := c.create("shop-1", "north-economy")
	response := answer["response"].(object)
	if answer["result"] != 0.0 || response["result"] != 0.0 || response["name"] != "shop-1" ||
		env(response)["status"] != 1.0 {
		t.Errorf("createenvironment: %v", answer)
	}
	if password, _ := nodes(response, "cp")[0]["password"].(string); !strings.HasPrefix(password, PasswordPrefix) {
		t.Errorf("password of a new node: %q", password)
	}
	if _, there := nodes(c.info("shop-1"), "cp")[0]["password"]; there {
		t.Error("getenvinfo returns a password")
	}
	taken := c.code(2314, "environment.control.createenvironment", "env", `{"shortdomain":"shop-1"}`, "nodes", twoLayers)
	if taken["result"] != 0.0 {
		t.Errorf("the outer result of a refused creation is %v", taken["result"])
	}
}

func TestNullFieldsAreLeftOut(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	info := c.info("shop-1")
	if _, there := env(info)["displayName"]; there {
		t.Error("an environment without display name has the field")
	}
	if _, there := nodes(info, "sqldb")[0]["extIPs"]; there {
		t.Error("a node without public address has the field")
	}
}

func TestPrices(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	pricing := c.ok("billing.pricing.getpricing")["array"].([]any)
	if len(pricing) != 7 || pricing[0].(object)["hardNodeGroup"] != "north-economy" {
		t.Errorf("getpricing: %v", pricing)
	}
	models := get200(t, c, "/auth/GetDefaultPricingModels")["response"].(object)["models"].([]any)
	plans := models[0].(object)["tariffPlans"].([]any)
	if first := plans[0].(object); first["type"] != "FIXED" || first["tiers"].([]any)[0].(object)["price"] != 0.0028 {
		t.Errorf("default model: %v", plans)
	}
	settings := get200(t, c, "/settings/GetHosterSettings")["response"].(object)
	if settings["settingsCurrencyCode"] != "EUR" {
		t.Errorf("settings: %v", settings)
	}

	hidden := strings.Replace(string(defaultCatalogue), `"currency"`,
		`"hidePricing": true, "hideDefaultPrices": true, "currency"`, 1)
	file := filepath.Join(t.TempDir(), "catalogue.json")
	if err := os.WriteFile(file, []byte(hidden), 0o600); err != nil {
		t.Fatal(err)
	}
	_, c = open(t, Options{Catalogue: file})
	if _, err := c.post("billing.pricing.getpricing"); err == nil || !strings.HasPrefix(err.Error(), "404") {
		t.Errorf("hidden getpricing: %v", err)
	}
	for _, path := range []string{"/auth/getdefaultpricingmodels", "/settings/gethostersettings"} {
		response, err := c.http.Get(c.base + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("hidden %s: %s", path, response.Status)
		}
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	centres := c.ok("environment.control.getregions")["array"].([]any)
	if len(centres) != 4 {
		t.Fatalf("%d data centres", len(centres))
	}
	north, east, west := centres[0].(object), centres[2].(object), centres[3].(object)
	if north["domain"] != "north.vap.test" || north["isMigrationAllowed"] != true || east["isMigrationAllowed"] != false {
		t.Errorf("north %v, east %v", north, east)
	}
	if _, there := west["hardNodeGroups"]; there {
		t.Error("a data centre without regions has the field hardNodeGroups")
	}
	groups := north["hardNodeGroups"].([]any)
	if len(groups) != 4 || groups[0].(object)["uniqueName"] != "north-economy" ||
		groups[3].(object)["isEnabled"] != false {
		t.Errorf("north's regions: %v", groups)
	}
	enabled := c.ok("environment.control.getregionsinner", "groupName", "local", "isEnabled", "true")["array"].([]any)
	if n := len(enabled[0].(object)["hardNodeGroups"].([]any)); n != 3 {
		t.Errorf("%d enabled regions in the north", n)
	}
	for _, err := range []error{
		p.SetRegionEnabled("north-legacy", true), p.SetRegionMaintenance("north-economy",
			true), p.SetMigrationAllowed("south", false), p.SetDatacenterMaintenance("south", true),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	centres = c.ok("environment.control.getregions")["array"].([]any)
	groups = centres[0].(object)["hardNodeGroups"].([]any)
	if groups[3].(object)["isEnabled"] != true || groups[0].(object)["status"] != "MAINTENANCE" {
		t.Errorf("changed regions: %v", groups)
	}
	if south := centres[1].(object); south["isMigrationAllowed"] != false || south["status"] != "MAINTENANCE" {
		t.Errorf("changed data centre: %v", south)
	}
}
