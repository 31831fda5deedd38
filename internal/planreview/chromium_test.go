package planreview

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// browser is a headless Chromium with one page, driven through a pipe by its DevTools protocol.
type browser struct {
	*connection
	t *testing.T
}

type connection struct {
	commands io.Writer
	out      *bufio.Reader
	pipe     *os.File
	last     int
	session  string
	// events are the browser's events since the page was opened.
	events []browserEvent
}

// in returns the same browser for a subtest. Only one test may use it at a time.
func (b *browser) in(t *testing.T) *browser { return &browser{b.connection, t} }

type browserEvent struct {
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

// startBrowser skips the test if there is no Chromium.
func startBrowser(t *testing.T) *browser {
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && runtime.GOOS != "windows" {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("no Chromium on the PATH: HTML is not looked at in a browser (Debian: apt-get install " +
			"--no-install-recommends chromium)")
	}
	args := []string{
		"--headless", "--remote-debugging-pipe", "--user-data-dir=" + t.TempDir(), "--disable-gpu", "--disable-dev-shm-usage",
		"--disable-quic",
		"--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-extensions",
		"--hide-scrollbars",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium does not start as root with a sandbox; the pages are our own
	}
	commands, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, answers, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(program, append(args, "about:blank")...)
	cmd.ExtraFiles, cmd.Stdout, cmd.Stderr = []*os.File{commands, answers}, &log, &log
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = commands.Close(), answers.Close()
	b := &browser{&connection{commands: in, out: bufio.NewReader(out), pipe: out}, t}
	t.Cleanup(func() {
		// Closing its pipe ends the browser. If it were killed, its folder would stay in use.
		_, _ = in.Close(), out.Close()
		if err := cmd.Wait(); err != nil {
			t.Logf("%s: %v\n%s", program, err, log.Bytes())
		}
	})

	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var session struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session)
	b.session = session.SessionID
	// Disables scripts of the page; a test can still evaluate expressions.
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	for _, domain := range []string{"Page", "Network", "Log", "Runtime"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// call calls a method of the protocol and waits for the response.
func (b *browser) call(method string, params map[string]any, result any) {
	b.t.Helper()
	b.last++
	id := b.last
	message := map[string]any{"id": id, "method": method, "params": params}
	if params == nil {
		delete(message, "params")
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	text, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.commands.Write(append(text, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for {
		answer := b.read(method)
		if answer.ID != id {
			continue
		}
		if answer.Error != nil {
			b.t.Fatalf("%s: %s", method, answer.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(answer.Result, result); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
		return
	}
}

type browserMessage struct {
	browserEvent
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct{ Message string }
}

func (b *browser) read(what string) (message browserMessage) {
	b.t.Helper()
	if err := b.pipe.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		b.t.Fatal(err)
	}
	text, err := b.out.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("waiting for the browser's answer to %s: %v", what, err)
	}
	if err := json.Unmarshal(text[:len(text)-1], &message); err != nil {
		b.t.Fatal(err)
	}
	if message.Method != "" {
		b.events = append(b.events, message.browserEvent)
	}
	return message
}

// screen is a screen on which a page is tested.
type screen struct {
	name          string
	width, height int
	scheme        string
	print         bool
}

// open shows a page. It fails the test if the browser logs anything or fetches anything other than the page.
func (b *browser) open(page []byte, s screen) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "review.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		b.t.Fatal(err)
	}
	media := ""
	if s.print {
		media = "print"
	}
	b.call("Emulation.setDeviceMetricsOverride",
		map[string]any{"width": s.width, "height": s.height, "deviceScaleFactor": 1, "mobile": s.width < 500}, nil)
	b.call("Emulation.setEmulatedMedia",
		map[string]any{"media": media, "features": []map[string]any{{"name": "prefers-color-scheme", "value": s.scheme}}},
		nil)
	b.events = nil
	address := (&url.URL{Scheme: "file", Path: file}).String()
	b.call("Page.navigate", map[string]any{"url": address}, nil)
	for n := 0; ; n++ {
		if n == len(b.events) {
			b.read("the page's loading")
			n--
			continue
		}
		if b.events[n].Method == "Page.loadEventFired" {
			break
		}
	}
	b.call("Runtime.evaluate", map[string]any{"expression": "0"}, nil) // waits for the events of all requests
	for _, event := range b.events {
		switch event.Method {
		case "Network.requestWillBeSent":
			var sent struct{ Request struct{ URL string } }
			if err := json.Unmarshal(event.Params, &sent); err != nil || sent.Request.URL != address {
				b.t.Errorf("the page fetches %s (%v)", sent.Request.URL, err)
			}
		case "Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Page.javascriptDialogOpening":
			b.t.Errorf("browser error: %s %s", event.Method, event.Params)
		}
	}
}

// evaluate evaluates an expression in the page.
func (b *browser) evaluate(expression string, result any) {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, answer.ExceptionDetails)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(answer.Result.Value, result); err != nil {
		b.t.Fatalf("%s: %v: %s", expression, err, answer.Result.Value)
	}
}

// picture is a PNG of the whole page, not only of the visible part.
func (b *browser) picture(s screen) []byte {
	b.t.Helper()
	var size struct{ Height int }
	b.evaluate("({Height: Math.min(document.documentElement.scrollHeight, 6000)})", &size)
	return b.file("Page.captureScreenshot", map[string]any{
		"captureBeyondViewport": true,
		"clip": map[string]any{"x": 0, "y": 0, "width": s.width, "height": max(size.Height, s.height),
			"scale": 1},
	})
}

// pdf returns the printed page.
func (b *browser) pdf() []byte {
	b.t.Helper()
	return b.file("Page.printToPDF", map[string]any{"preferCSSPageSize": true, "printBackground": true})
}

func (b *browser) file(method string, params map[string]any) []byte {
	b.t.Helper()
	var answer struct{ Data string }
	b.call(method, params, &answer)
	data, err := base64.StdEncoding.DecodeString(answer.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

// keepScreenshot writes a file to the folder in PLANREVIEW_SCREENSHOTS, for people to look at.
func keepScreenshot(t *testing.T, name string, data []byte) {
	if !keepScreenshots() {
		return
	}
	if err := os.WriteFile(filepath.Join(os.Getenv("PLANREVIEW_SCREENSHOTS"), name), data, 0o600); err != nil {
		t.Errorf("keeping a screenshot: %v", err)
	}
}

func keepScreenshots() bool { return os.Getenv("PLANREVIEW_SCREENSHOTS") != "" }
