package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestRefusedArguments(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	file := filepath.Join(directory, "faults.json")
	if err := os.WriteFile(file, []byte(`[{"kind":"explode"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ arguments, complaint string }{
		{"", "-directory is required"},
		{"-directory " + directory, "-token is required"},
		{"-token secret", "-directory is required"},
		{"-directory " + directory + " -token secret more", "unexpected argument"},
		{"-directory " + directory + " -token secret -time-scale 0", "-time-scale"},
		{"-directory " + directory + " -token secret -addr 0.0.0.0:0", "not a loopback address"},
		{"-directory " + directory + " -token secret -addr :0", "not a loopback address"},
		{"-directory " + directory + " -token secret -addr 192.0.2.1:0", "not a loopback address"},
		{"-directory " + directory + " -token secret -addr vap.test:80", "not a loopback address"},
		{"-directory " + directory + " -token secret -addr 127.0.0.1", "not an address with a port"},
		{"-directory " + directory + " -token secret -addr 127.0.0.1:0 -catalogue /no/such/file", "catalogue"},
		{"-directory " + directory + " -token secret -addr 127.0.0.1:0 -faults " + file, "explode"},
		{"-nonsense", "nonsense"},
	} {
		var output bytes.Buffer
		err := run(t.Context(), strings.Fields(test.arguments), &output, &output)
		if err == nil || !strings.Contains(err.Error(), test.complaint) {
			t.Errorf("%q: error %v does not mention %q", test.arguments, err, test.complaint)
		}
		if err != nil && strings.Contains(err.Error()+output.String(), "secret") {
			t.Errorf("%q: the token is printed", test.arguments)
		}
	}
}

// lines collects what the program prints and sends it to served once it is complete.
type lines struct {
	mu     sync.Mutex
	text   strings.Builder
	served chan string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if strings.Contains(l.text.String(), "state in ") {
		l.served <- l.text.String()
	}
	return len(p), nil
}

func TestServesUntilStopped(t *testing.T) {
	t.Parallel()
	directory := filepath.Join(t.TempDir(), "state")
	faults := filepath.Join(t.TempDir(), "faults.json")
	if err := os.WriteFile(faults, []byte(`[{"kind":"refuse","method":"getenvs","code":99,"words":"oops"}]`),
		0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	output := &lines{served: make(chan string, 1)}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-directory", directory, "-token", "secret", "-addr", "127.0.0.1:0", "-faults", faults,
			"-time-scale", "1"}, output, io.Discard)
	}()
	var printed string
	select {
	case printed = <-output.served:
	case err := <-ended:
		t.Fatal(err)
	}
	base, _, _ := strings.Cut(strings.TrimPrefix(printed, "serving on "), "\n")
	if !strings.HasPrefix(base, "http://127.0.0.1:") || !strings.Contains(printed, directory) ||
		strings.Contains(printed, "secret") {
		t.Errorf("printed %q", printed)
	}
	get := func(path string) string {
		t.Helper()
		response, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if body := get("environment/control/rest/getenvs?session=secret"); !strings.Contains(body, `"error":"oops"`) {
		t.Errorf("the first call: %s", body)
	}
	if body := get("Environment/Control/rest/GetEnvs?session=secret"); body != `{"result":0,"infos":[]}` {
		t.Errorf("the second call: %s", body)
	}
	if body := get("environment/control/rest/getenvs?session=other"); !strings.Contains(body, "702") {
		t.Errorf("another token: %s", body)
	}

	// A call that is held open for 25 seconds does not keep the server from stopping.
	held := make(chan error, 1)
	go func() {
		response, err := http.PostForm(base+"environment/control/rest/createenvironment", url.Values{
			"session": {"secret"}, "env": {`{"shortdomain":"shop-1"}`}, "nodes": {`[{"nodeType":"nginx"}]`},
		})
		if err == nil {
			_ = response.Body.Close()
		}
		held <- err
	}()
	for !strings.Contains(get("environment/control/rest/getenvs?session=secret"), `"status":6`) {
		continue
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := <-held; err == nil {
		t.Error("an unfinished call got a response")
	}
}
