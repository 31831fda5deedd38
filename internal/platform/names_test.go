package platform

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/leaktest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/sanitize"
)

// named is an answer to every call, with the name in every place where a text can be.
func named(name string) string {
	n := jsonText(name)
	return strings.NewReplacer("NAME", n).Replace(`{"result":0,"right":NAME,"uid":1,"email":NAME,"name":NAME,"status":NAME,
"env":{"appid":NAME,"envName":NAME,"shortdomain":NAME,"domain":{"name":NAME},"displayName":NAME,
"hardwareNodeGroup":NAME,"extdomains":[NAME,{"domain":NAME}],"createdOn":NAME,"status":1,"engine":{"keyword":NAME}},
"envGroups":[NAME],"nodeGroups":[{"name":NAME,"displayName":NAME,"scalingMode":NAME,"vType":NAME}],
"nodes":[{"id":1,"nodeGroup":NAME,"name":NAME,"displayName":NAME,"nodeType":NAME,"version":NAME,"intIP":NAME,
"extIPs":[NAME],"extipsv6":NAME,"url":NAME,"adminUrl":NAME,"osType":NAME,"vType":NAME,
"customitem":{"dockerName":NAME,"dockerTag":NAME,"dockerVolumes":[NAME],"dockerVolumesFrom":[NAME],
"dockerLinks":[{"type":"IN","sourceNodeId":1,"alias":NAME}]},
"endpoints":[{"id":1,"name":NAME,"domain":NAME,"protocol":NAME}],"addons":[NAME,{"uniqueName":NAME,
"displayName":NAME}]}],
"mountpoints":{NAME:[{"path":NAME,"protocol":NAME,"sourceNodeGroup":NAME,"sourcePath":NAME,"sourceHost":NAME}]},
"object":{NAME:"1"},"response":{"models":[{"currency":{"code":NAME},"tariffPlans":[{"type":"FIXED",
"keyword":"cloudlets","tiers":[{"value":1,"price":1}]}]}]},
"array":[{"uniqueName":NAME,"displayName":NAME,"description":NAME,"shortDescription":NAME,"domain":NAME,"l3Group":NAME,
"name":NAME,"nodeType":NAME,"nodeTypeAliases":[NAME],"tags":[NAME],"nodeGroups":[NAME],
"defaultTag":NAME,"type":NAME,"vType":NAME,"osType":NAME,"error":NAME,"requestUniqueKey":NAME,"text":{"env":NAME,
"hngroupname":NAME},"hardNodeGroup":NAME,"currency":{"code":NAME},
"tariffPlans":[{"type":"FIXED","keyword":"cloudlets","tiers":[{"value":1,"price":1}]}],
"hardNodeGroups":[{"uniqueName":NAME,"displayName":NAME,"description":NAME,"l3Group":NAME,"vTypes":[NAME],
"isEnabled":true}]}],
"infos":[{"env":{"envName":NAME,"hardwareNodeGroup":NAME}}]}`)
}

// reads are the calls that return texts of the platform.
var reads = map[string]func(context.Context, *Client) (any, error){
	"CurrentUser":    func(ctx context.Context, c *Client) (any, error) { return c.CurrentUser(ctx) },
	"Regions":        func(ctx context.Context, c *Client) (any, error) { return c.Regions(ctx) },
	"Environment":    func(ctx context.Context, c *Client) (any, error) { return c.Environment(ctx, "shop") },
	"Environments":   func(ctx context.Context, c *Client) (any, error) { return c.Environments(ctx) },
	"CurrentActions": func(ctx context.Context, c *Client) (any, error) { return c.CurrentActions(ctx) },
	"Prices":         func(ctx context.Context, c *Client) (any, error) { return c.Prices(ctx, PriceList{}) },
	"Stacks":         func(ctx context.Context, c *Client) (any, error) { return c.Stacks(ctx) },
	"Groups":         func(ctx context.Context, c *Client) (any, error) { return c.Groups(ctx) },
	"Variables":      func(ctx context.Context, c *Client) (any, error) { return c.Variables(ctx, "shop", "cp") },
}

// eachText calls do with every text in a value and returns their number.
func eachText(v reflect.Value, do func(string)) (n int) {
	switch v.Kind() {
	case reflect.String:
		do(v.String())
		return 1
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return eachText(v.Elem(), do)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n += eachText(v.Field(i), do)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += eachText(v.Index(i), do)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			n += eachText(key, do) + eachText(v.MapIndex(key), do)
		}
	}
	return n
}

// checkNames fails if a name from the platform reaches the caller uncleaned.
func checkNames(t *testing.T, name string) {
	t.Helper()
	client := inProcess(t, http.StatusOK, named(name))
	for what, read := range reads {
		got, err := read(t.Context(), client)
		expectPresentable(t, err)
		eachText(reflect.ValueOf(got), func(text string) {
			if strings.ContainsFunc(text, func(r rune) bool {
				return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028'
			}) || !utf8.ValidString(text) {
				t.Fatalf("%s: %q reached the caller", what, text)
			}
		})
	}
}

// All texts from the platform are cleaned on arrival. A cleaned name still differs from every name that it looks
// like.
func TestNamesAreSanitized(t *testing.T) {
	t.Parallel()
	const hostile = "shop\u202e\u200b\x1b[31m\r\nError: forged\u0085\u2066\ufeff"
	checkNames(t, hostile)
	client := inProcess(t, http.StatusOK, named(hostile))
	for what, read := range reads {
		got, err := read(t.Context(), client)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if n := eachText(reflect.ValueOf(got), func(string) {}); n == 0 {
			t.Errorf("%s: there is no text", what)
		}
	}
	regions, err := client.Regions(t.Context())
	if err != nil || regions[0].Name == "shop" || !sanitize.IsAltered(regions[0].Name) ||
		strings.Contains(regions[0].Description, "\ufffd") {
		t.Errorf("%+v, %v", regions, err)
	}
}

// A name that was altered by cleaning is never sent back. The call sends nothing.
func TestSanitizedNamesAreNotSent(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{"sh\u200bop", "sh\u202eop", "sh\nop", "sh\u0085op"} {
		environment, err := inProcess(t, http.StatusOK, named(hostile)).Environment(t.Context(), "shop")
		if err != nil {
			t.Fatal(err)
		}
		name, p := environment.Name, &recorder{}
		client := testClient(t, Config{Transport: p})
		topologies := func() (all []*Topology) {
			for _, spec := range []NodeGroupSpec{
				{Name: name}, {Name: "cp", DisplayName: name}, {Name: "cp", Tag: name}, {Name: "cp", Image: name}, {Name: "cp",
					Volumes: []string{name}},
				{Name: "cp", Mounts: []Mount{{Path: "/a", SourceNodeGroup: name}}}, {Name: "cp", Links: []string{name}},
			} {
				topology := &Topology{}
				topology.Put(spec)
				all = append(all, topology)
			}
			return all
		}()
		calls := []error{
			errorOf(client.Environment(t.Context(), name)), client.DeleteEnvironment(t.Context(), name),
			client.SetDisplayName(t.Context(), "shop", name),
			client.SetGroups(t.Context(), "shop", []string{"a", name}), client.BindDomain(t.Context(), "shop", name),
			client.CheckMigration(t.Context(), "shop", name),
			client.Migrate(t.Context(), MigrateRequest{Environment: "shop", Region: name}),
			errorOf(client.Variables(t.Context(), "shop", name)),
			client.RemoveVariables(t.Context(), "shop", "cp", []string{name}),
			client.SetNodeGroupDisplayName(t.Context(), "shop", "cp", name),
			errorOf(client.CreateEnvironment(t.Context(), EnvironmentSpec{Name: "shop", Region: name})),
			errorOf(client.CreateEnvironment(t.Context(), EnvironmentSpec{Name: "shop", Groups: []string{name}})),
		}
		for _, topology := range topologies {
			calls = append(calls, client.ChangeTopology(t.Context(), topology))
		}
		for i, err := range calls {
			wantError(t, err, ClassInvalid, "nothing was sent", "cannot be seen")
			if text := fmt.Sprint(err); strings.Contains(text, hostile) || len(p.paths) > 0 || client.Changed() {
				t.Errorf("call %d: %q, and %v was sent", i, text, p.paths)
			}
		}
	}
	// Variables and commands come from the user.
	p := &recorder{}
	if err := testClient(t, Config{Transport: p}).SetVariables(t.Context(), "shop", "cp",
		map[string]string{"A": "line\nline\u200b"}); err != nil || len(p.paths) != 1 {
		t.Errorf("%v, %v", p.paths, err)
	}
}

// FuzzNames puts arbitrary names into every member of every answer.
func FuzzNames(f *testing.F) {
	for _, name := range []string{"shop", "sh\u200bop", "a\nError: b", "\u202e", "\x00", "\xff", "\u2028", "🛍", ""} {
		f.Add(name)
	}
	f.Fuzz(checkNames)
}

// FuzzSecrets sends arbitrary secrets to servers that quote parts of them.
func FuzzSecrets(f *testing.F) {
	for seed := range uint64(20) {
		f.Add("a secret & more", seed)
		f.Add(`"<\u0041%41&#65;>"`, seed)
	}
	f.Fuzz(func(t *testing.T, secret string, seed uint64) {
		if !utf8.ValidString(secret) || utf8.RuneCountInString(secret) < leaktest.Run || sanitize.Line(secret) != secret ||
			sanitize.IsAltered(secret) {
			t.Skip("users cannot set it, or it is not secret")
		}
		random := rand.New(rand.NewPCG(seed, 0))
		quoted := leaktest.Quote(random, secret, pick(random, leaktest.Encodings))
		place := pick(random, places)
		client := testClient(t, Config{Retry: RetryPolicy{Attempts: 1},
			Transport: roundTrip(func(*http.Request) (*http.Response, error) { return place(quoted) })})
		err := client.SetVariables(t.Context(), "shop", "cp", map[string]string{"A": secret})
		expectPresentable(t, err)
		var finder leaktest.Finder
		finder.Add(secret)
		// Parts that the server did not quote, such as the method's name, may happen to be in an arbitrary secret.
		if leak, _ := finder.Find([]byte(fmt.Sprint(err))); leak != "" && strings.Contains(strings.ToLower(quoted), leak) {
			t.Fatalf("%q of %q, quoted as %q, is in %v", leak, secret, quoted, err)
		}
	})
}

// pick selects one of several values by name. Equal random numbers give equal results.
func pick[T any](random *rand.Rand, all map[string]T) T {
	names := slices.Sorted(maps.Keys(all))
	return all[names[random.IntN(len(names))]]
}
