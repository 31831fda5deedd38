package platform

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

// FuzzAnswer gives arbitrary answers to every method. No method may panic or hang. Errors must be *Error, and their
// messages must be fit to show.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[]`, `null`, `<html>502 Bad Gateway</html>`, `{"result":0}`, `{"response":{"result":0}}`,
		`{"result":0,"response":{"result":2338,"error":"limit"}}`, `{"result":"99","error":7,"source":[],"reason":"x"}`,
		shopAnswer, `{"response":` + shopAnswer + `}`, `{"result":0,"infos":[` + shopAnswer + `]}`,
		`{"result":0,"array":[{"uniqueName":"dc","hardNodeGroups":[{"uniqueName":"r","isEnabled":1,"vTypes":"CT"}]}]}`,
		`{"result":0,"array":[{"id":5,"text":"{\"env\":\"shop\"}","result":0,"action":{"id":83},"startDate":"2026-01-02 ` +
			`03:04:05"}],"object":1767323045000}`,
		`{"result":0,"array":[{"hardNodeGroup":"n","tariffPlans":[{"type":"FIXED","keyword":"cloudlets",` +
			`"tiers":[{"value":1e308,"price":"1e400"}]}]}]}`,
		`{"result":0,"response":{"models":[{"isDefault":"yes","tariffPlans":[{"type":4,"keyword":"storage",` +
			`"tiers":[{"value":null}]}]}]}}`,
		`{"result":0,"env":{"envName":"x"},"mountpoints":{"/a":[1,null,"x"],"cp":{"path":{}}},"nodes":[{"id":1e3,` +
			`"extIPs":{"ipAddress":"::1"},"customitem":"{"}]}`,
		`{"result":0,"array":[{"uniqueName":`, "{\"result\":1,\"error\":\"\u202e\x00\"}",
	} {
		f.Add(http.StatusOK, []byte(seed))
	}
	for _, seed := range []string{
		`{"result":0,"array":[{"nodeType":"nginx","nodeTypeAliases":"n","tags":[{"name":"1"},2],"nodeGroups":["bl"],` +
			`"minCloudlets":"x"}]}`,
		`{"result":0,"array":[{"name":"shop/prod","isIsolated":"true"},{"name":{}}],"object":{"A":"b","N":1,"O":{}}}`,
		`{"result":0,"object":[]}`, `{"result":3,"error":"vars [` + testSecret +
			`] nodes [{\"password\":\"a \\\"secret\\\" value\"}]"}`,
		`{"result":0,"env":{"envName":"shop","hardwareNodeGroup":"n","engine":{"keyword":1}},"nodeGroups":[{"name":"cp",` +
			`"restartNodeDelay":1,"x":{}},null],` +
			`"nodes":[{"id":1,"nodeGroup":"cp","nodeType":"nginx","customitem":{"dockerManifest":{"cmd":["a","b c"]},` +
			`"dockerLinks":[{"sourceNodeId":2}]},"addons":["x",{}],"endpoints":[{}]}]}`,
	} {
		f.Add(http.StatusOK, []byte(seed))
	}
	f.Add(http.StatusBadGateway, []byte("<html>"))
	f.Add(http.StatusFound, []byte(""))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		client := testClient(t, Config{Retry: RetryPolicy{Attempts: 1},
			Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				return answer(status, string(body)), nil
			})})
		everyMethod(t, client)
	})
}

// FuzzHTTP gives the client arbitrary bytes instead of an HTTP answer: status line, headers, encodings. In addition
// to the checks for every answer, the client must return at once and stay within its memory bounds.
func FuzzHTTP(f *testing.F) {
	packed := func(body string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, body)
		_ = w.Close()
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", b.Len(), b.String())
	}
	for _, seed := range []string{
		"", "\r\n", "nonsense", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n{\"result\":0}", "HTTP/1.0 200\r\n\r\n" +
			shopAnswer,
		"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"result\":0,", "HTTP/1.1 200 OK\r\nContent-Length: " +
			"-1\r\n\r\n", "HTTP/9.9 999 " + testToken + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n{\"result\":0}\r\n0\r\n\r\n", "HTTP/1.1 200 " +
			"OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
		"HTTP/1.1 302 Found\r\nLocation: https://" + testToken + ".example.test/\r\n\r\n", "HTTP/1.1 302 " +
			"Found\r\nLocation: ://\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{\"result\":702}", "HTTP/1.1 101 Switching " +
			"Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
		"HTTP/1.1 429 \r\nRetry-After: 99999999999999999999\r\n\r\n", "HTTP/1.1 200 OK\r\n" + testToken +
			"\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n{",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot packed", "HTTP/1.1 500 " + strings.Repeat("x", 3000) +
			"\r\n\r\n<html>" + testToken,
		packed(`{"result":0}`), packed(`{"result":0,"array":[` + strings.Repeat(" ", 2<<20) + `]}`), packed(
			`{"result":0,"infos":[` + strings.Repeat("{},", 200000) + `{}]}`),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		transport := &http.Transport{DisableKeepAlives: true,
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				go func() { _, _ = io.Copy(io.Discard, server) }()
				go func() {
					_, _ = server.Write(wire)
					_ = server.Close()
				}()
				return client, nil
			}}
		client := testClient(t, Config{Retry: RetryPolicy{Attempts: 1}, AnswerLimit: 1 << 20, Transport: transport})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := client.Environments(ctx)
		expectPresentable(t, err)
		expectPresentable(t, client.Migrate(ctx, MigrateRequest{Environment: "shop", Region: "north"}))
		runtime.ReadMemStats(&after)
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 64 {
			t.Fatalf("%d MiB for two answers of at most 1 MiB", used)
		}
		if ctx.Err() != nil {
			t.Fatal("the client waited after the end of the response")
		}
	})
}

// methods calls every method of a client that sends a request, by name.
var methods = map[string]func(context.Context, *Client) error{
	"CurrentUser":  func(ctx context.Context, c *Client) error { return errorOf(c.CurrentUser(ctx)) },
	"Regions":      func(ctx context.Context, c *Client) error { return errorOf(c.Regions(ctx)) },
	"Environment":  func(ctx context.Context, c *Client) error { return errorOf(c.Environment(ctx, "shop")) },
	"Environments": func(ctx context.Context, c *Client) error { return errorOf(c.Environments(ctx)) },
	"RequestCreation": func(ctx context.Context, c *Client) error {
		return errorOf(c.RequestCreation(ctx, EnvironmentSpec{Name: "shop"}))
	},
	"CreateEnvironment": func(ctx context.Context, c *Client) error {
		return errorOf(c.CreateEnvironment(ctx, EnvironmentSpec{Name: "shop"}))
	},
	"RestartNodes": func(ctx context.Context, c *Client) error {
		return c.RestartNodes(ctx, RestartRequest{Environment: "shop", NodeGroup: "cp"})
	},
	"RedeployContainers": func(ctx context.Context, c *Client) error {
		return c.RedeployContainers(ctx, RedeployRequest{Environment: "shop", NodeGroup: "cp", Tag: "2"})
	},
	"DeleteEnvironment": func(ctx context.Context, c *Client) error { return c.DeleteEnvironment(ctx, "shop") },
	"StartEnvironment":  func(ctx context.Context, c *Client) error { return c.StartEnvironment(ctx, "shop") },
	"StopEnvironment":   func(ctx context.Context, c *Client) error { return c.StopEnvironment(ctx, "shop") },
	"SetDisplayName":    func(ctx context.Context, c *Client) error { return c.SetDisplayName(ctx, "shop", "Shop") },
	"SetGroups":         func(ctx context.Context, c *Client) error { return c.SetGroups(ctx, "shop", []string{"prod"}) },
	"SetNodeGroupDisplayName": func(ctx context.Context, c *Client) error {
		return c.SetNodeGroupDisplayName(ctx, "shop", "cp", "Application")
	},
	"SetPublicAddressCount": func(ctx context.Context, c *Client) error {
		return c.SetPublicAddressCount(ctx, "shop", "cp", IPv4, 1)
	},
	"BindDomain": func(ctx context.Context, c *Client) error { return c.BindDomain(ctx, "shop", "www.example.test") },
	"UnbindDomain": func(ctx context.Context, c *Client) error {
		return c.UnbindDomain(ctx, "shop", "www.example.test")
	},
	"CurrentActions": func(ctx context.Context, c *Client) error { return errorOf(c.CurrentActions(ctx)) },
	"PastActions":    func(ctx context.Context, c *Client) error { return errorOf(c.PastActions(ctx, time.Time{}, 0)) },
	"Prices":         func(ctx context.Context, c *Client) error { return errorOf(c.Prices(ctx, PriceList{})) },
	"Stacks":         func(ctx context.Context, c *Client) error { return errorOf(c.Stacks(ctx)) },
	"Groups":         func(ctx context.Context, c *Client) error { return errorOf(c.Groups(ctx)) },
	"CheckMigration": func(ctx context.Context, c *Client) error { return c.CheckMigration(ctx, "shop", "north") },
	"Migrate": func(ctx context.Context, c *Client) error {
		return c.Migrate(ctx, MigrateRequest{Environment: "shop", Region: "north"})
	},
	"Variables": func(ctx context.Context, c *Client) error { return errorOf(c.Variables(ctx, "shop", "cp")) },
	"SetVariables": func(ctx context.Context, c *Client) error {
		return c.SetVariables(ctx, "shop", "cp", map[string]string{"A": testSecret})
	},
	"RemoveVariables": func(ctx context.Context, c *Client) error {
		return c.RemoveVariables(ctx, "shop", "cp", []string{"A"})
	},
	"Topology": func(ctx context.Context, c *Client) error { return errorOf(c.Topology(ctx, "shop")) },
	"ChangeTopology": func(ctx context.Context, c *Client) error {
		topology, err := c.Topology(ctx, "shop")
		if err != nil {
			return err
		}
		topology.Put(NodeGroupSpec{Name: "cp", NodeType: "nginx", Count: 2, RegistryPassword: testSecret})
		return c.ChangeTopology(ctx, topology)
	},
}

func errorOf[T any](_ T, err error) error { return err }

// Every method is fuzzed, except those that send no request.
func TestEveryMethodIsFuzzed(t *testing.T) {
	t.Parallel()
	for method := range reflect.TypeFor[*Client]().Methods() {
		if _, fuzzed := methods[method.Name]; !fuzzed &&
			!slices.Contains([]string{"Backlogged", "Changed", "ClockOffset"}, method.Name) {
			t.Errorf("%s is not fuzzed", method.Name)
		}
	}
}

// everyMethod calls all methods.
func everyMethod(t *testing.T, client *Client) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		expectPresentable(t, methods[name](t.Context(), client))
	}
}

// testSecret is a secret that some calls send.
const testSecret = "a \"secret\" value"

// expectPresentable fails unless the error is of this package and fit to show.
func expectPresentable(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%T: %v", err, err)
	}
	text := err.Error()
	if len(text) > 4000 {
		t.Fatalf("a text of %d bytes: %s", len(text), text)
	}
	for _, secret := range []string{testToken, testSecret} {
		if strings.Contains(text, secret) {
			t.Fatalf("%q shows a secret", text)
		}
	}
	// Errors of two related calls are on separate lines.
	for _, c := range strings.ReplaceAll(text, "\n", "") {
		if unicode.IsControl(c) {
			t.Fatalf("control character in %q", text)
		}
	}
}
