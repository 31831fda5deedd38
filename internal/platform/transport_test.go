package platform

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestRequestForm(t *testing.T) {
	t.Parallel()
	platform := &recorder{}
	client := testClient(t, Config{Endpoint: "https://app.platform.test/1.0/", Transport: platform, AppID: "dashboard",
		OwnerUID: 42, UserAgent: "vap/1"})
	err := client.Migrate(t.Context(), MigrateRequest{Environment: "shop", Region: "north", Live: true, RequestKey: "k1"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "POST /1.0/environment/control/rest/migrate"; platform.paths[0] != want {
		t.Errorf("%s, want %s", platform.paths[0], want)
	}
	want := "appid=dashboard&envName=shop&hardwareNodeGroup=north&isOnline=true&ownerUid=42&ruk=k1&session=" + testToken
	if got := platform.forms[0].Encode(); got != want {
		t.Errorf("form %s\nwant %s", got, want)
	}
}

// cut sends the beginning of a valid answer and closes the connection.
func cut(w http.ResponseWriter, r *http.Request) {
	_, _ = io.ReadAll(r.Body)
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"result":0,`)
	panic(http.ErrAbortHandler)
}

func closeAtOnce(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.ReadAll(r.Body)
	panic(http.ErrAbortHandler)
}

func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Reads are repeated if that may help. Writes are repeated only if no connection was made.
func TestRetries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler       http.HandlerFunc
		reads, writes int // attempts
		read, write   Class
	}{
		"cut in the answer": {cut, 3, 1, ClassTransient, ClassOutcomeUnknown},
		"closed at once":    {closeAtOnce, 3, 1, ClassTransient, ClassOutcomeUnknown},
		"502 with a page":   {reply(502, "<html>Bad Gateway</html>"), 3, 1, ClassTransient, ClassOutcomeUnknown},
		"504":               {reply(504, ""), 3, 1, ClassTransient, ClassOutcomeUnknown},
		"code 17":           {reply(200, `{"result":17,"error":"I/O"}`), 3, 1, ClassTransient, ClassOutcomeUnknown},
		"code 99":           {reply(200, `{"result":99,"error":"java"}`), 3, 1, ClassTransient, ClassOutcomeUnknown},
		"inner 99": {reply(200, `{"result":0,"response":{"result":99}}`), 3, 1, ClassTransient,
			ClassOutcomeUnknown},
		"429":                {reply(429, ""), 3, 1, ClassTransient, ClassOutcomeUnknown},
		"429 with a refusal": {reply(429, `{"result":2212}`), 3, 1, ClassTransient, ClassOutcomeUnknown},
		"499":                {reply(499, ""), 1, 1, ClassMalformed, ClassOutcomeUnknown},
		"redirect":           {reply(302, ""), 1, 1, ClassUntrusted, ClassOutcomeUnknown},
		"page with 403":      {reply(403, "<html>"), 1, 1, ClassMalformed, ClassOutcomeUnknown},
		"refusal with 403":   {reply(403, `{"result":8}`), 1, 1, ClassPermission, ClassPermission},
		"wrapped 503":        {reply(200, `{"result":503,"source":"server"}`), 1, 1, ClassUnclassified, ClassOutcomeUnknown},
		"truncated JSON":     {reply(200, `{"result":0,"array":[`), 3, 1, ClassMalformed, ClassOutcomeUnknown},
		"page with 200":      {reply(200, "<html>"), 1, 1, ClassMalformed, ClassOutcomeUnknown},
		"page with 404":      {reply(404, "<html>"), 1, 1, ClassMalformed, ClassOutcomeUnknown},
		"unknown token":      {reply(200, `{"result":702}`), 1, 1, ClassAuthentication, ClassAuthentication},
		"wrong state":        {reply(200, `{"result":2212}`), 1, 1, ClassWrongState, ClassWrongState},
		"unknown code":       {reply(200, `{"result":4711}`), 1, 1, ClassUnclassified, ClassUnclassified},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, calls := server(t, c.handler)
			client := testClient(t, Config{Endpoint: s.URL})
			_, err := client.Environment(t.Context(), "shop")
			wantError(t, err, c.read, "environment/control/getenvinfo")
			if calls() != c.reads {
				t.Errorf("%d attempts of a read, want %d", calls(), c.reads)
			}
			before := calls()
			err = client.Migrate(t.Context(), MigrateRequest{Environment: "shop", Region: "north"})
			wantError(t, err, c.write, "environment/control/migrate")
			if n := calls() - before; n != c.writes {
				t.Errorf("%d attempts of a write, want %d", n, c.writes)
			}
		})
	}
}

func TestReadRecovers(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s, calls := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch n.Add(1) {
		case 1:
			closeAtOnce(w, r)
		case 2:
			reply(502, "")(w, r)
		default:
			reply(200, `{"result":0,"uid":7}`)(w, r)
		}
	})
	user, err := testClient(t, Config{Endpoint: s.URL}).CurrentUser(t.Context())
	if err != nil || user.UID != 7 || calls() != 3 {
		t.Errorf("got %+v, %v after %d calls", user, err, calls())
	}
}

// A server that closes an idle connection must not make the outcome of a write unknown.
func TestWritesUseFreshConnections(t *testing.T) {
	t.Parallel()
	s, _ := server(t, reply(200, `{"result":0,"uid":7}`))
	client := testClient(t, Config{Endpoint: s.URL})
	for range 20 {
		if _, err := client.CurrentUser(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.CloseClientConnections()
		if err := client.StopEnvironment(t.Context(), "shop"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDeadHost(t *testing.T) {
	t.Parallel()
	s, _ := server(t, reply(200, ""))
	// Nobody listens on the near end of a connection, and nobody else gets its port.
	dead, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = dead.Close() }()
	attempts := 0
	client := testClient(t, Config{
		Endpoint: "http://" + dead.LocalAddr().String(),
		Log:      func(context.Context, string, map[string]any) { attempts++ },
	})
	_, err = client.CurrentUser(t.Context())
	wantError(t, err, ClassTransient, "connection refused", "Check the endpoint")
	err = client.Migrate(t.Context(), MigrateRequest{Environment: "shop", Region: "north"})
	wantError(t, err, ClassTransient, "connection refused")
	if attempts != 6 {
		t.Errorf("%d attempts, want 3 of each: nothing was sent", attempts)
	}
}

func TestOversizedResponses(t *testing.T) {
	t.Parallel()
	s, calls := server(t, reply(200, `{"result":0,"x":"`+strings.Repeat("y", 1000)+`"}`))
	client := testClient(t, Config{Endpoint: s.URL, AnswerLimit: 1000})
	_, err := client.Environments(t.Context())
	wantError(t, err, ClassMalformed, "larger")
	wantError(t, client.StartEnvironment(t.Context(), "shop"), ClassOutcomeUnknown, "larger")
	if calls() != 2 {
		t.Errorf("%d calls, want 2", calls())
	}
}

func TestRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	target, reached := server(t, reply(200, `{"result":0}`))
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			s, _ := server(t, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, target.URL+"/x?session="+testToken, status)
			})
			client := testClient(t, Config{Endpoint: s.URL})
			_, err := client.CurrentUser(t.Context())
			e := expectError(t, err, ClassUntrusted, target.URL, "not followed")
			if e.HTTPStatus != status {
				t.Errorf("HTTP status %d", e.HTTPStatus)
			}
			e = expectError(t, client.StopEnvironment(t.Context(), "shop"), ClassOutcomeUnknown, target.URL, "not followed",
				"may have taken effect", "Check the endpoint")
			if e.HTTPStatus != status {
				t.Errorf("HTTP status %d of a write", e.HTTPStatus)
			}
		})
	}
	t.Cleanup(func() {
		if reached() != 0 {
			t.Error("a redirect was followed")
		}
	})
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	serve := func() (*httptest.Server, string) {
		s := httptest.NewUnstartedServer(reply(200, `{"result":0,"uid":7}`))
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are expected
		s.StartTLS()
		t.Cleanup(s.Close)
		return s, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	}
	s, ca := serve()
	user, err := testClient(t, Config{Endpoint: s.URL, CACertificate: ca}).CurrentUser(t.Context())
	if err != nil || user.UID != 7 {
		t.Errorf("private authority: %+v, %v", user, err)
	}

	attempts := 0
	count := func(context.Context, string, map[string]any) { attempts++ }
	_, err = testClient(t, Config{Endpoint: s.URL, Log: count}).CurrentUser(t.Context())
	wantError(t, err, ClassUntrusted, "certificate", "ca_certificate")
	err = testClient(t, Config{Endpoint: s.URL, Log: count}).StopEnvironment(t.Context(), "shop")
	wantError(t, err, ClassUntrusted, "certificate")
	if attempts != 2 {
		t.Errorf("%d attempts with an untrusted certificate, want one each", attempts)
	}

	named := strings.Replace(s.URL, "127.0.0.1", "localhost", 1) // not in the certificate
	_, err = testClient(t, Config{Endpoint: named, CACertificate: ca}).CurrentUser(t.Context())
	wantError(t, err, ClassUntrusted, "localhost")

	plain, _ := server(t, reply(200, `{"result":0}`))
	_, err = testClient(t, Config{Endpoint: strings.Replace(plain.URL, "http:", "https:", 1)}).CurrentUser(t.Context())
	wantError(t, err, ClassUntrusted)
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(reply(200, `{"result":0}`))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	s.StartTLS()
	t.Cleanup(s.Close)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	_, err := testClient(t, Config{Endpoint: s.URL, CACertificate: ca}).CurrentUser(t.Context())
	wantError(t, err, ClassUntrusted, "tls")
}

// A write waits until its context ends. Its outcome is then unknown.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 1)
	release := make(chan struct{})
	s, calls := server(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		arrived <- struct{}{}
		<-release
	})
	defer close(release) // before the server is closed
	client := testClient(t, Config{Endpoint: s.URL, Patience: time.Minute})
	for name, call := range map[string]struct {
		do    func(context.Context) error
		class Class
	}{
		"read": {func(ctx context.Context) error { _, err := client.Regions(ctx); return err }, ClassTransient},
		"write": {func(ctx context.Context) error {
			return client.Migrate(ctx, MigrateRequest{Environment: "shop", Region: "north"})
		}, ClassOutcomeUnknown},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-arrived; cancel() }()
		err := call.do(ctx)
		wantError(t, err, call.class, "cancelled")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v does not mention the cancellation", name, err)
		}
	}
	if calls() != 2 {
		t.Errorf("%d calls, want 2", calls())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, client.StopEnvironment(ctx, "shop"), ClassTransient) // never sent
}

// A process reads the proxy settings only once, so this test starts another process.
func TestProxyFromEnvironment(t *testing.T) {
	if os.Getenv("VAP_TEST_BEHIND_PROXY") != "" {
		client := testClient(t, Config{Endpoint: "https://app.platform.invalid"})
		_, err := client.CurrentUser(t.Context())
		wantError(t, err, ClassTransient, "Forbidden")
		inside := testClient(t, Config{Endpoint: "http://app.platform.invalid", Transport: &recorder{}})
		if _, err := inside.CurrentUser(t.Context()); err != nil {
			t.Errorf("a custom transport went through the proxy: %v", err)
		}
		return
	}
	var asked []string
	proxy, _ := server(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(http.StatusForbidden)
	})
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyFromEnvironment$")
	child.Env = append(os.Environ(), "VAP_TEST_BEHIND_PROXY=1", "HTTPS_PROXY="+proxy.URL, "HTTP_PROXY="+proxy.URL,
		"NO_PROXY=")
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	proxy.Close()
	if len(asked) != 3 || asked[0] != "CONNECT app.platform.invalid:443" {
		t.Errorf("the proxy got %q", asked)
	}
}

// The log has one line for each attempt, with names of parameters but not their values.
func TestLog(t *testing.T) {
	t.Parallel()
	var lines []map[string]any
	var n atomic.Int32
	s, _ := server(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			reply(502, "")(w, r)
			return
		}
		reply(200, `{"result":2373,"error":"no"}`)(w, r)
	})
	client := testClient(t, Config{Endpoint: s.URL, Log: func(_ context.Context, message string, fields map[string]any) {
		if message != "platform call" {
			t.Error(message)
		}
		delete(fields, "duration_ms")
		lines = append(lines, fields)
	}})
	wantError(t, client.CheckMigration(t.Context(), "shop", "north"), ClassNotAllowed)
	common := "environment:shop %smethod:environment/control/checkmigrationpossibility parameters:envName " +
		"hardwareNodeGroup session%s]"
	want := []string{
		"map[attempt:1 " + fmt.Sprintf(common, "failure:HTTP status 502 with an empty body: a gateway or the server "+
			"failed http_status:502 ", ""),
		"map[attempt:2 " + fmt.Sprintf(common, "failure:the platform answered with code 2373: no http_status:200 ",
			" result:2373"),
	}
	for i, line := range lines {
		if got := fmt.Sprint(line); got != want[i] {
			t.Errorf(" got %s\nwant %s", got, want[i])
		}
	}
	if len(lines) != 2 {
		t.Errorf("%d lines, want 2", len(lines))
	}
}
