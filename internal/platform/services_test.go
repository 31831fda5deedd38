package platform

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCurrentUser(t *testing.T) {
	t.Parallel()
	got, err := inProcess(t, http.StatusOK,
		`{"result":0,"uid":4711,"email":"dev@example.test","name":"Dev","status":"ENABLED"}`).CurrentUser(t.Context())
	if want := (User{UID: 4711, Email: "dev@example.test", Name: "Dev", Status: "ENABLED"}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	body := `{"result":0,"array":[
	 {"uniqueName":"dc_north","displayName":"North","domain":"north.example.test","isMigrationAllowed":true,
	 "status":"ACTIVE","isDefault":true,"subnet":7,
	  "hardNodeGroups":[
	   {"uniqueName":"north_std","displayName":"North Standard","isEnabled":true,"isDefault":true,"status":"ACTIVE",
	   "vTypes":["CT"],"description":"SSD","l3Group":"l3"},
	   {"uniqueName":"north_fast","isEnabled":"true","status":"maintenance","shortDescription":"NVMe","vTypes":["CT","VM"],
	   "iconsData":{}},
	   {"displayName":"without a name"}]},
	 {"uniqueName":"dc_void","domain":"void.example.test"},
	 {"uniqueName":"dc_south","isMigrationAllowed":false,"status":"MAINTENANCE",
	 "hardwareNodeGroups":[{"uniqueName":"south_std"},{"uniqueName":"south_old","isEnabled":false}]},
	 {"uniqueName":"dc_null","hardNodeGroups":null}, null]}`
	north := Datacenter{Name: "dc_north", DisplayName: "North", Domain: "north.example.test", MigrationAllowed: true,
		Default: true}
	south := Datacenter{Name: "dc_south", InMaintenance: true}
	want := []Region{
		{Name: "north_std", DisplayName: "North Standard", Description: "SSD", Datacenter: north, Enabled: true,
			Default: true, L3Group: "l3", Virtualization: []string{"CT"}},
		{Name: "north_fast", Description: "NVMe", Datacenter: north, Enabled: true, InMaintenance: true,
			Virtualization: []string{"CT", "VM"}},
		{Name: "south_std", Datacenter: south},
		{Name: "south_old", Datacenter: south},
	}
	got, err := inProcess(t, http.StatusOK, body).Regions(t.Context())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	got, err = inProcess(t, http.StatusOK,
		`{"result":0,"array":[{"uniqueName":"dc","hardNodeGroups":[{"uniqueName":"r"}]}]}`).Regions(t.Context())
	if err != nil || !got[0].Datacenter.MigrationAllowed || got[0].Enabled {
		t.Errorf("absent fields: migration is allowed, the region is not enabled; got %+v, %v", got, err)
	}
	for _, wrong := range []string{`{"result":0,"array":{}}`, `{"result":0,"array":[{"hardNodeGroups":"x"}]}`} {
		_, err = inProcess(t, http.StatusOK, wrong).Regions(t.Context())
		wantError(t, err, ClassMalformed, "list")
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	platform := &recorder{answer: func(string) string {
		return `{"result":0,"array":[
		 {"id":5,"text":{"env":"shop","hngroupname":"north"},"requestUniqueKey":"k1","startDate":"2026-01-02 03:04:05",
		 "endDate":"2026-01-02 03:05:05","result":2373,"error":"no\u001b","action":{"id":83}},
		 {"id":"6","text":"{\"env\":\"shop\"}","startTime":1767323045000,"result":0,"action":{"id":"4","type":"PUBLIC"}},
		 {"id":7,"text":"started","result":"?"},
		 "rubbish"]}`
	}, date: time.Now}
	client := testClient(t, Config{Transport: platform})
	if _, err := client.CurrentUser(t.Context()); err != nil { // the client learns the platform's clock
		t.Fatal(err)
	}
	started := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	refused, fine := 2373, 0
	want := []Action{
		{ID: 5, Kind: ActionMigrate, Environment: "shop", Region: "north", RequestKey: "k1", Started: started,
			Finished: started.Add(time.Minute), Result: &refused, Words: "no"},
		{ID: 6, Kind: ActionStart, Environment: "shop", Started: started, Result: &fine},
		{ID: 7},
	}
	since := time.Date(2026, 1, 2, 5, 0, 0, 999, time.FixedZone("", 3600))
	got, err := client.PastActions(t.Context(), since, 25)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	if f := platform.forms[1]; f.Get("starttime") != "2026-01-02 04:00:00" || f.Get("count") != "25" {
		t.Errorf("request %v", f)
	}
	current, err := client.CurrentActions(t.Context())
	if err != nil || len(current) != 3 || current[0].Result != nil || !current[0].Finished.IsZero() ||
		current[0].RequestKey != "k1" {
		t.Errorf("%+v, %v", current, err)
	}
	if want := "POST /1.0/environment/tracking/rest/getcurrentactions"; platform.paths[2] != want {
		t.Error(platform.paths[2])
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for shape, want := range map[string]time.Time{
		`"2026-01-02 03:04:05"`:       want,
		`1767323045000`:               want,
		`"1767323045000"`:             want,
		`"2026-01-02T03:04:05Z"`:      want,
		`"2026-01-02T04:04:05+01:00"`: want,
		`"noon"`:                      {},
		`""`:                          {},
	} {
		var sent text
		if err := json.Unmarshal([]byte(shape), &sent); err != nil {
			t.Fatal(err)
		}
		if got := parseTime(sent); got != want {
			t.Errorf("%s: %v", shape, got)
		}
	}
}

func TestAccountPrices(t *testing.T) {
	t.Parallel()
	platform := &recorder{answer: func(string) string {
		return `{"result":0,"array":[
		 {"hardNodeGroup":"north","currency":{"code":"EUR"},"tariffPlans":[
		  {"type":"FIXED","keyword":"cloudlets","strategy":"VOLUME","chargePeriodType":"HOUR","tiers":[{"value":16,
		  "price":"0.5"},{"value":1,"free":1,"price":1}]},
		  {"type":"fixed","keyword":"Cloudlets","tiers":[{"value":1,"price":9}]},
		  {"type":"FLEXIBLE","keyword":"cloudlets","strategy":"GRADUATED","tiers":[{"value":1,"price":9}]},
		  {"type":"STORAGE","keyword":"storage","chargePeriodType":"MONTH","tiers":[{"value":1,"free":10,"price":73}]},
		  {"type":"OPTION","keyword":"ip","chargePeriodType":"ONETIME","tiers":[{"value":1,"price":9}]},
		  {"type":"OPTION","keyword":"ipv6","chargePeriodType":"YEAR","currency":{"code":"EUR"},"tiers":[{"value":0,
		  "price":8760}]},
		  {"type":"LICENCE","keyword":"x","tiers":[{"value":1,"price":9}]}]},
		 {"hardNodeGroup":"south","tariffPlans":[
		  {"type":"FIXED","keyword":"cloudlets","currency":{"code":"USD"},"tiers":[{"value":1,"price":2}]},
		  {"type":"FLEXIBLE","keyword":"cloudlets","currency":{"code":"JPY"},"tiers":[{"value":1,"price":2}]},
		  {"type":"STORAGE","keyword":"storage","tiers":[{"value":1,"price":-1}]},
		  {"type":"OPTION","keyword":"ip","currency":{"code":"USD"},"tiers":[{"value":1,"price":{}}]}]},
		 {"hardNodeGroup":"empty"}]}`
	}}
	got, err := testClient(t, Config{Transport: platform}).Prices(t.Context(), PriceList{})
	want := PriceList{Source: PricesOfAccount, ByRegion: map[string]Prices{
		"north": {Currency: "EUR", ReservedCloudlet: []Tier{{From: 1, Free: 1, Price: 1}, {From: 16, Free: 0, Price: 0.5}},
			DiskGB:     []Tier{{From: 1, Free: 10, Price: 0.1}},
			PublicIPv6: []Tier{{From: 0, Free: 0, Price: 1}}},
		"south": {Currency: "USD", ReservedCloudlet: []Tier{{From: 1, Free: 0, Price: 2}}},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	if _, known := got.For("empty"); known {
		t.Error("a region without prices has some")
	}
	if prices, known := got.For("south"); !known || prices.Currency != "USD" {
		t.Error("prices of a region not found")
	}
}

func TestDefaultPrices(t *testing.T) {
	t.Parallel()
	platform := &recorder{answer: func(path string) string {
		switch path {
		case "/auth/GetDefaultPricingModels":
			return `{"result":0,"response":{"models":[{"tariffPlans":[]},{"isDefault":true,"tariffPlans":[{"type":"FIXED",` +
				`"keyword":"cloudlets","tiers":[{"value":1,"free":0,"price":0.0031}]}]}]}}`
		case "/settings/GetHosterSettings":
			return `{"result":0,"response":{"settingsCurrencyCode":"EUR"}}`
		}
		return `{"result":8202,"error":"access denied"}`
	}}
	got, err := testClient(t, Config{Endpoint: "https://app.platform.test/1.0/", Transport: platform, AppID: "x",
		OwnerUID: 1}).Prices(t.Context(), PriceList{})
	prices, known := got.For("anywhere")
	if err != nil || got.Source != PricesOfPlatform || !known || prices.Currency != "EUR" ||
		prices.ReservedCloudlet[0].Price != 0.0031 {
		t.Errorf("%+v, %v", got, err)
	}
	if len(platform.paths) != 3 || platform.paths[1] != "GET /auth/GetDefaultPricingModels" ||
		platform.paths[2] != "GET /settings/GetHosterSettings" {
		t.Errorf("requests %q", platform.paths)
	}
	if len(platform.forms[1])+len(platform.forms[2]) != 0 ||
		strings.Contains(strings.Join(platform.paths, " "), testToken) {
		t.Error("the public addresses got parameters")
	}
}

// The client remembers which source had prices, so that a later read needs only one call.
func TestPricesRememberTheirSource(t *testing.T) {
	t.Parallel()
	const own, models, settings = "POST /1.0/billing/pricing/rest/getpricing", "GET /auth/GetDefaultPricingModels",
		"GET /settings/GetHosterSettings"
	public := func(currency string) *Prices {
		return &Prices{Currency: currency, ReservedCloudlet: []Tier{{From: 1, Free: 0, Price: 0.0031}}}
	}
	for name, row := range map[string]struct {
		last   PriceList
		own    string // its answer; empty: a refusal
		models string // its answer; empty: a list without a currency
		asked  []string
		source PriceSource
	}{
		"nothing is known": {last: PriceList{}, asked: []string{own, models, settings}, source: PricesOfPlatform},
		"the account's": {last: PriceList{Source: PricesOfAccount},
			own: `{"result":0,"array":[{"hardNodeGroup":"n","tariffPlans":[{"type":"FIXED","keyword":"cloudlets",` +
				`"tiers":[{"value":1,"price":2}]}]}]}`, asked: []string{own}, source: PricesOfAccount},
		"the account's, withdrawn": {last: PriceList{Source: PricesOfAccount}, asked: []string{own, models, settings},
			source: PricesOfPlatform},
		"the account's, not now": {last: PriceList{Source: PricesOfAccount}, own: `{"result":99}`, asked: []string{own},
			source: PricesOfAccount},
		"the platform's": {last: PriceList{Source: PricesOfPlatform, Default: public("EUR")},
			asked: []string{models}, source: PricesOfPlatform},
		"the platform's, changed": {last: PriceList{Source: PricesOfPlatform, Default: &Prices{Currency: "USD"}},
			asked: []string{models, settings}, source: PricesOfPlatform},
		"no currency so far": {last: PriceList{Source: PricesOfPlatform, Default: public("")},
			asked: []string{models, settings}, source: PricesOfPlatform},
		"the platform's, no longer available": {last: PriceList{Source: PricesOfPlatform}, models: `{"result":8202}`,
			asked: []string{models}, source: NoPrices},
		"the platform's, a page": {last: PriceList{Source: PricesOfPlatform}, models: `<html>`, asked: []string{models},
			source: PricesOfPlatform},
		"none": {last: PriceList{Source: NoPrices}, asked: []string{own}, source: NoPrices},
	} {
		platform := &recorder{answer: func(path string) string {
			switch {
			case path == "/settings/GetHosterSettings":
				return `{"result":0,"response":{"settingsCurrencyCode":"EUR"}}`
			case path == "/auth/GetDefaultPricingModels" && row.models != "":
				return row.models
			case path == "/auth/GetDefaultPricingModels":
				return `{"result":0,"response":{"models":[{"tariffPlans":[{"type":"FIXED","keyword":"cloudlets",` +
					`"tiers":[{"value":1,"price":0.0031}]}]}]}}`
			case row.own != "":
				return row.own
			}
			return `{"result":8202,"error":"access denied"}`
		}}
		got, err := testClient(t, Config{Transport: platform}).Prices(t.Context(), row.last)
		if got.Source != row.source || !slices.Equal(platform.paths, row.asked) {
			t.Errorf("%s: %q by %q, want %q by %q", name, got.Source, platform.paths, row.source, row.asked)
		}
		if known := got.Default != nil || got.ByRegion != nil; known != (err == nil) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if got.Default != nil && !reflect.DeepEqual(got.Default, public("EUR")) {
			t.Errorf("%s: %+v", name, *got.Default)
		}
	}
}

func TestUnknownPrices(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"refused": `{"result":8202}`, "nothing": `{"result":0}`, "no lists": `{"result":0,"array":{},` +
			`"response":{"models":7}}`,
		"no plans": `{"result":0,"array":[{"hardNodeGroup":"n"}],"response":{"models":[{}]}}`, "a page": `<html>`,
	} {
		platform := &recorder{answer: func(string) string { return body }}
		list, err := testClient(t, Config{Transport: platform}).Prices(t.Context(), PriceList{})
		if err == nil || len(list.ByRegion) != 0 || list.Default != nil {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
		if len(platform.paths) > 3 {
			t.Errorf("%s: %d calls for prices", name, len(platform.paths))
		}
	}
}
