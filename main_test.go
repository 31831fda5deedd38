package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// roleVariable selects what this test binary runs as: "terraform", "provider", or by default the tests.
const roleVariable = "VAP_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "terraform":
		startProvider()
	case "provider":
		os.Args = os.Args[:1]
		main()
	default:
		os.Exit(m.Run())
	}
}

// startProvider starts the provider as Terraform does, and exits as soon as the provider serves.
func startProvider() {
	provider := exec.Command(os.Args[0])
	provider.Env = append(os.Environ(), roleVariable+"=provider",
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	provider.ExtraFiles = []*os.File{os.NewFile(3, "lifeline")}
	stdout, err := provider.StdoutPipe()
	if err == nil {
		err = provider.Start()
	}
	if err != nil {
		os.Exit(1)
	}
	handshake, _ := bufio.NewReader(stdout).ReadString('\n') // empty if it ended
	if !strings.Contains(handshake, "|6|") {
		os.Exit(1)
	}
	os.Exit(0)
}

// A provider exits by itself after its Terraform was killed. The test reads from a pipe whose other end only the
// provider has open, so the read ends when the provider exits.
func TestOrphanedProviderExits(t *testing.T) {
	t.Parallel()
	ours, lifeline, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	terraform := exec.CommandContext(t.Context(), os.Args[0])
	terraform.Env = append(os.Environ(), roleVariable+"=terraform")
	terraform.ExtraFiles = []*os.File{lifeline}
	err = terraform.Run()
	_ = lifeline.Close()
	if err != nil {
		t.Fatalf("the provider did not serve: %v", err)
	}
	if err := ours.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, ours); err != nil { // until the provider's end is closed
		t.Error(err)
	}
}

func TestUnsolicitedResponsesAreNotLogged(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"2026/01/02 Unsolicited response received on idle HTTP channel starting with \"HTTP/1.1 200 secret\"; " +
			"err=<nil>\n": "2026/01/02 Unsolicited response received on idle HTTP channel\n",
		"2026/01/02 http: panic serving pipe: why\n": "2026/01/02 http: panic serving pipe: why\n",
	} {
		var b bytes.Buffer
		if n, err := (unsolicitedFilter{&b}).Write([]byte(line)); n != len(line) || err != nil || b.String() != want {
			t.Errorf("got %q, %d, %v, want %q", b.String(), n, err, want)
		}
	}
}
