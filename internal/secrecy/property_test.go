package secrecy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/leaktest"
)

// places are where a server can quote text. Responses that the client retries or waits for, with its own clock, are
// left out.
var places = map[string]func(w http.ResponseWriter, quoted string){
	"words": func(w http.ResponseWriter, quoted string) {
		answer, _ := json.Marshal(map[string]any{"result": 3, "error": "wrong: " + quoted, "source": quoted}) // plain values
		_, _ = w.Write(answer)
	},
	"a page": func(w http.ResponseWriter, quoted string) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<html>cannot forward %s</html>", quoted)
	},
	"a header": func(w http.ResponseWriter, quoted string) {
		w.Header()["X-Echo"] = []string{quoted}
		w.Header()["Retry-After"] = []string{quoted}
		w.WriteHeader(http.StatusNotFound)
	},
	"a redirect": func(w http.ResponseWriter, quoted string) {
		w.Header()["Location"] = []string{"https://" + quoted + ".example.test/?session=" + quoted}
		w.WriteHeader(http.StatusTemporaryRedirect)
	},
}

// With random secrets, random cuts, every encoding and every place, no 8 characters of a secret are in a diagnostic,
// a plan, a state, or the log at TRACE. Pages in response to writes are left out, because the provider then checks
// the result; the client's tests have one for them.
func TestNoPartOfSecretAppears(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 10))
	var finder leaktest.Finder
	var told bytes.Buffer
	refused := 0
	tell := func(state any, plan acctest.Plan, private []byte, diagnostics []*tfprotov6.Diagnostic) {
		t.Helper()
		if !acctest.HasErrors(diagnostics) {
			t.Fatalf("nothing was refused: %s", acctest.Text(diagnostics))
		}
		refused++
		values, err := json.Marshal([]any{state, plan.State})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&told, "%s\n%s\n%s\n%s\n", acctest.Text(diagnostics), values, private, plan.Private)
	}
	for _, how := range slices.Sorted(maps.Keys(leaktest.Encodings)) {
		encode := leaktest.Encodings[how]
		token := leaktest.Secret(random, leaktest.TokenAlphabets)
		finder.Add(token)
		p := newPlatform(t, secrets{"the token": token})
		provider := map[string]any{"endpoint": p.URL, "token": token, "requests_per_second": 1000}
		for _, place := range slices.Sorted(maps.Keys(places)) {
			quoted := leaktest.Quote(random, token, encode)
			p.spoilBy(func(w http.ResponseWriter, _ *http.Request) { places[place](w, quoted) }, "getregions")
			s := acctest.NewServer(t)
			if d := s.Configure(provider); acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
			state, d := s.Read("vap_regions", map[string]any{})
			tell(state, acctest.Plan{}, nil, d)
		}
		for _, in := range []string{"secret_env_wo", "password_wo"} {
			secret := leaktest.Secret(random, leaktest.ValueAlphabets)
			finder.Add(secret)
			group := map[string]any{"node_type": "docker", "image": "private/worker"}
			if in == "password_wo" {
				group["registry"] = map[string]any{"username": "deploy", "password_wo": secret, "password_wo_version": 1}
			} else {
				group["secret_env_wo"], group["secret_env_wo_version"] = map[string]any{"CRED": secret}, 1
			}
			quoted := leaktest.Quote(random, secret, encode)
			p.spoilBy(func(w http.ResponseWriter, _ *http.Request) { places["words"](w, quoted) }, "createenvironment")
			i := acctest.NewInstance(t, "vap_environment", provider)
			i.Adjust = shortenWaits
			plan, d := i.Plan(map[string]any{"name": "shop-prod", "region": "north-economy",
				"node_groups": map[string]any{"worker": group}})
			if acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
			d = append(d, i.Apply(plan)...)
			tell(i.State, plan, i.Private, d)
		}
		p.spoil("")
		if leak, secret := finder.Find(told.Bytes()); leak != "" {
			t.Fatalf("%s: %q of %q is in\n%s", how, leak, secret, told.String())
		}
		told.Reset()
	}
	log.mu.Lock()
	logged := slices.Clone(log.Bytes())
	log.mu.Unlock()
	if leak, secret := finder.Find(logged); leak != "" {
		t.Errorf("%q of %q is in the log", leak, secret)
	}
	if want := len(leaktest.Encodings) * (len(places) + 2); refused != want || len(logged) < 10000 {
		t.Errorf("%d of %d steps were refused, %d bytes logged", refused, want, len(logged))
	}
}
