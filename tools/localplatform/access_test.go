package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// serving runs the program until the test ends. It returns the base URL of the API and the printed output.
func serving(t *testing.T, arguments ...string) (base, printed string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	output := &lines{served: make(chan string, 1)}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append(arguments, "-addr", "127.0.0.1:0"), output, io.Discard) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case printed = <-output.served:
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	base, _, _ = strings.Cut(strings.TrimPrefix(printed, "serving on "), "\n")
	return base, printed
}

func call(t *testing.T, request *http.Request) (status int, body string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data)
}

func get(t *testing.T, address string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

// The token does not have to be an argument, which every user of the machine can see.
func TestTokenSources(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "token")
	if err := os.WriteFile(file, []byte("of-the-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(tokenVariable, "of-the-environment")
	for name, row := range map[string]struct {
		arguments []string
		token     string
	}{
		"argument":    {[]string{"-token", "of-the-argument"}, "of-the-argument"},
		"file":        {[]string{"-token-file", file}, "of-the-file"},
		"environment": {nil, "of-the-environment"},
	} {
		t.Run(name, func(t *testing.T) {
			base, printed := serving(t, append(row.arguments, "-directory", filepath.Join(folder, name))...)
			if strings.Contains(printed, row.token) {
				t.Errorf("the token is printed: %q", printed)
			}
			for _, token := range []string{"of-the-argument", "of-the-file", "of-the-environment"} {
				_, body := call(t, get(t, base+"environment/control/rest/getenvs?session="+token))
				if taken := strings.Contains(body, `"result":0`); taken != (token == row.token) {
					t.Errorf("%s: %s", token, body)
				}
			}
		})
	}

	t.Setenv(tokenVariable, "")
	empty := filepath.Join(folder, "empty")
	two := filepath.Join(folder, "two")
	if err := errors.Join(os.WriteFile(empty, []byte("\n"), 0o600),
		os.WriteFile(two, []byte("a b\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for arguments, complaint := range map[string]string{
		"": "-token is required", "-token a -token-file " + file: "exclude each other", "-token-file " +
			empty: "must hold the token and nothing else",
		"-token-file " + two: "must hold the token and nothing else", "-token-file " + folder +
			"/none": "-token-file cannot be read",
	} {
		var output bytes.Buffer
		err := run(t.Context(), append(strings.Fields(arguments), "-directory", folder+"/state", "-addr", "127.0.0.1:0"),
			&output, &output)
		if err == nil || !strings.Contains(err.Error(), complaint) {
			t.Errorf("%q: error %v does not mention %q", arguments, err, complaint)
		}
	}
}

// localhost counts as the addresses that it resolves to.
func TestListen(t *testing.T) {
	t.Parallel()
	parse := func(addresses ...string) (list []netip.Addr) {
		for _, a := range addresses {
			list = append(list, netip.MustParseAddr(a))
		}
		return list
	}
	for name, row := range map[string]struct {
		addr      string
		resolved  []netip.Addr
		err       error
		listens   string
		complaint string
	}{
		"loopback":         {"localhost:0", parse("127.0.0.1"), nil, "127.0.0.1:", ""},
		"both families":    {"LOCALHOST:0", parse("::1", "127.0.0.1"), nil, "127.0.0.1:", ""},
		"mapped":           {"localhost:0", parse("::ffff:127.0.0.1"), nil, "127.0.0.1:", ""},
		"elsewhere":        {"localhost:0", parse("192.0.2.1"), nil, "", "not a loopback address (192.0.2.1)"},
		"elsewhere too":    {"localhost:0", parse("127.0.0.1", "192.0.2.1"), nil, "", "not a loopback address (192.0.2.1)"},
		"nowhere":          {"localhost:0", nil, nil, "", "not a loopback address"},
		"not resolved":     {"localhost:0", nil, errors.New("no such host"), "", "cannot be resolved; write 127.0.0.1"},
		"an address":       {"127.0.0.1:0", nil, nil, "127.0.0.1:", ""},
		"another address":  {"192.0.2.1:0", nil, nil, "", "not a loopback address"},
		"every address":    {":0", nil, nil, "", "not a loopback address"},
		"another name":     {"vap.test:0", parse("127.0.0.1"), nil, "", "not a loopback address"},
		"a name like it":   {"localhost.vap.test:0", parse("127.0.0.1"), nil, "", "not a loopback address"},
		"without any port": {"localhost", parse("127.0.0.1"), nil, "", "not an address with a port"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := listen(t.Context(), row.addr, func(context.Context, string, string) ([]netip.Addr, error) {
				return row.resolved, row.err
			})
			if err == nil {
				defer listener.Close()
			}
			switch {
			case row.complaint != "" && (err == nil || !strings.Contains(err.Error(), row.complaint)):
				t.Errorf("error %v does not mention %q", err, row.complaint)
			case row.complaint == "" && (err != nil || !strings.HasPrefix(listener.Addr().String(), row.listens)):
				t.Errorf("listens on %v, error %v", listener, err)
			}
		})
	}
}

// The port refuses web pages, too.
func TestWebPagesAreRefused(t *testing.T) {
	t.Parallel()
	base, _ := serving(t, "-directory", filepath.Join(t.TempDir(), "state"), "-token", "secret")
	for name, change := range map[string]func(*http.Request){
		"origin": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, "host": func(r *http.Request) {
			r.Host = "evil.example"
		},
		"fetch": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		request := get(t, base+"environment/control/rest/getenvs?session=secret")
		change(request)
		if status, body := call(t, request); status != http.StatusForbidden || !strings.Contains(body, `"result":8`) ||
			strings.Contains(body, "infos") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// A folder that others or a group can write to is refused.
func TestForeignFoldersAreRefused(t *testing.T) {
	t.Parallel()
	for _, mode := range []os.FileMode{0o777, 0o770, 0o720, 0o702} {
		folder := filepath.Join(t.TempDir(), "state")
		if err := errors.Join(os.Mkdir(folder, 0o700), os.Chmod(folder, mode)); err != nil {
			t.Fatal(err)
		}
		var output bytes.Buffer
		err := run(t.Context(), []string{"-directory", folder, "-token", "secret", "-addr", "127.0.0.1:0"}, &output, &output)
		if err == nil || !strings.Contains(err.Error(), folder+" can be written by others") {
			t.Errorf("%o: %v", mode, err)
		}
	}
}

// The README's examples work in their order.
func TestReadmeExamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	base, _ := serving(t, "-directory", filepath.Join(t.TempDir(), "state"), "-token", "mytoken", "-time-scale", "1000000")
	joined := strings.ReplaceAll(string(text), "\\\n", " ")
	commands := regexp.MustCompile(`(?m)^ {4}curl (.*)$`).FindAllStringSubmatch(joined, -1)
	if len(commands) != 3 {
		t.Fatalf("%d commands", len(commands))
	}
	word := regexp.MustCompile(`'([^']*)'|(\S+)`)
	for _, command := range commands {
		var address string
		form := url.Values{}
		wanted := false
		for _, w := range word.FindAllStringSubmatch(command[1], -1) {
			one := w[1] + w[2]
			switch {
			case one == "-d":
				wanted = true
			case wanted:
				name, value, _ := strings.Cut(one, "=")
				form.Set(name, value)
				wanted = false
			default:
				address = strings.Replace(one, "http://127.0.0.1:8787/1.0/", base, 1)
			}
		}
		request := get(t, address)
		if len(form) > 0 {
			request, err = http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if status, body := call(t, request); status != http.StatusOK || !strings.HasPrefix(body, `{"result":0`) {
			t.Errorf("%s: %d %.300s", command[0], status, body)
		}
	}
	if _, body := call(t, get(t, base+
		"environment/control/rest/getenvinfo?session=mytoken&envName=shop-1&lazy=true")); !strings.Contains(body,
		`"hardwareNodeGroup":"south-standard"`) {
		t.Errorf("after the examples: %s", body)
	}
}
