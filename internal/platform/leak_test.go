package platform

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/leaktest"
)

// places are where a server may quote a secret.
var places = map[string]func(quoted string) (*http.Response, error){
	"words": func(quoted string) (*http.Response, error) {
		return answer(200, `{"result":3,"error":`+jsonText("wrong value: "+quoted)+`}`), nil
	},
	"source": func(quoted string) (*http.Response, error) {
		return answer(200, `{"result":0,"response":{"result":4711,"error":"no","source":`+jsonText(quoted)+`}}`), nil
	},
	"a long text": func(quoted string) (*http.Response, error) {
		return answer(200, `{"result":3,"error":`+
			jsonText(strings.Repeat("x", wordsLimit-20)+quoted+strings.Repeat("y", 50_000))+`}`), nil
	},
	"a page": func(quoted string) (*http.Response, error) { return answer(502, "<html>cannot forward "+quoted), nil },
	"a page, cut": func(quoted string) (*http.Response, error) {
		return answer(403, strings.Repeat("x", excerptLimit-12)+quoted), nil
	},
	"blank before": func(quoted string) (*http.Response, error) {
		return answer(403, strings.Repeat(" ", headLimit-20)+quoted), nil
	},
	"not an answer":  func(quoted string) (*http.Response, error) { return answer(200, `{"data":"`+quoted+`"}`), nil },
	"half an answer": func(quoted string) (*http.Response, error) { return answer(200, `{"x":"`+quoted), nil },
	"a redirect": func(quoted string) (*http.Response, error) {
		response := answer(302, "")
		response.Header.Set("Location", "https://"+quoted+".example.test/?session="+quoted)
		return response, nil
	},
	"a header": func(quoted string) (*http.Response, error) {
		response := answer(503, "<html>")
		response.Header.Set("X-Echo", quoted)
		response.Header.Set("Retry-After", quoted)
		return response, nil
	},
	"no HTTP": func(quoted string) (*http.Response, error) {
		return nil, fmt.Errorf("malformed HTTP status code %q", quoted)
	},
	"the action log": func(quoted string) (*http.Response, error) {
		return answer(200, `{"result":0,"array":[{"id":1,"result":3,"error":`+jsonText(quoted)+
			`,"startDate":"2026-01-02 03:04:05"}]}`), nil
	},
}

// However a server quotes a part of any secret that was sent, no 8 characters of it appear in an error or a log.
func TestSecretsDoNotAppear(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	shown, labelled := 0, 0
	for _, where := range slices.Sorted(maps.Keys(places)) {
		for _, how := range slices.Sorted(maps.Keys(leaktest.Encodings)) {
			place, encode := places[where], leaktest.Encodings[how]
			for round := range 2 {
				token, value := leaktest.Secret(random, leaktest.TokenAlphabets), leaktest.Secret(random, leaktest.ValueAlphabets)
				quoted := leaktest.Quote(random, []string{token, value}[round%2], encode)
				var told strings.Builder
				client, err := New(Config{
					Endpoint: "http://platform.test", Token: token, RequestsPerSecond: 1e6, Retry: RetryPolicy{Attempts: 1},
					Transport: roundTrip(func(*http.Request) (*http.Response, error) { return place(quoted) }),
					Log:       func(_ context.Context, message string, fields map[string]any) { fmt.Fprintln(&told, message, fields) },
				})
				if err != nil {
					t.Fatal(err)
				}
				env := map[string]string{"A": value, "B": "x"}
				_, created := client.CreateEnvironment(t.Context(),
					EnvironmentSpec{Name: "shop", NodeGroups: []NodeGroupSpec{{Name: "cp", Env: env}}})
				topology := &Topology{}
				topology.Put(NodeGroupSpec{Name: "cp", RegistryPassword: value})
				for _, err := range []error{created, client.SetVariables(t.Context(), "shop", "cp", env),
					client.ChangeTopology(t.Context(), topology)} {
					var e *Error
					if where != "the action log" && !errors.As(err, &e) {
						t.Fatalf("%s: no error: %v", where, err)
					}
					fmt.Fprintf(&told, "%v %#v\n", err, err)
				}
				// The client knows a secret after sending it once.
				actions, err := client.PastActions(t.Context(), time.Time{}, 0)
				fmt.Fprintf(&told, "%v %v %#v\n", actions, err, err)
				var finder leaktest.Finder
				finder.Add(token)
				finder.Add(value)
				text := told.String()
				if leak, secret := finder.Find([]byte(text)); leak != "" {
					t.Fatalf("%s, %s: %q of %q, quoted as %q, is in\n%s", where, how, leak, secret, quoted, text)
				}
				shown++
				if strings.Contains(text, "[token]") || strings.Contains(text, "[left out]") || strings.Contains(text, withheld) {
					labelled++
				}
			}
		}
	}
	if labelled < shown/3 {
		t.Errorf("only %d of %d errors were redacted", labelled, shown)
	}
	t.Logf("%d of %d errors were redacted", labelled, shown)
}
