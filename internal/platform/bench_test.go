package platform_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// buildList returns an answer of getenvs with n environments: copies of one of the local platform's under different
// names.
func buildList(b *testing.B, n int) []byte {
	b.Helper()
	local, err := localplatform.Open(localplatform.Options{Directory: b.TempDir(), TimeScale: 1e6})
	if err != nil {
		b.Fatal(err)
	}
	defer local.Close()
	client, err := platform.New(platform.Config{Endpoint: "http://localhost", Token: localplatform.OwnerToken,
		Transport: local.Transport()})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := client.CreateEnvironment(b.Context(), shop); err != nil {
		b.Fatal(err)
	}
	parameters := url.Values{"session": {localplatform.OwnerToken}}
	response, err := (&http.Client{Transport: local.Transport()}).
		PostForm("http://localhost/1.0/environment/control/rest/getenvs", parameters)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	var one struct {
		Infos []json.RawMessage `json:"infos"`
	}
	if err := json.NewDecoder(response.Body).Decode(&one); err != nil || len(one.Infos) != 1 {
		b.Fatal(len(one.Infos), err)
	}
	infos := make([]json.RawMessage, n)
	for i := range infos {
		infos[i] = bytes.ReplaceAll(one.Infos[0], []byte(shop.Name), fmt.Appendf(nil, "shop-%04d", i))
	}
	list, err := json.Marshal(map[string]any{"result": 0, "infos": infos})
	if err != nil {
		b.Fatal(err)
	}
	return list
}

type canned []byte

func (c canned) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c))}, nil
}

// BenchmarkEnvironments reads a list of 1000 environments, from the bytes of the answer to the provider's values.
func BenchmarkEnvironments(b *testing.B) {
	const n = 1000
	list := buildList(b, n)
	client, err := platform.New(platform.Config{
		Endpoint: "http://localhost", Token: localplatform.OwnerToken, Transport: canned(list), RequestsPerSecond: 1e9,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(list)))
	b.ReportAllocs()
	for b.Loop() {
		all, err := client.Environments(b.Context())
		if err != nil || len(all) != n || all[n-1].Name != "shop-0999" || len(all[n-1].Nodes) != 3 {
			b.Fatal(len(all), err)
		}
	}
}
