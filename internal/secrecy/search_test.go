// Package secrecy has only tests: no secret may be in anything that the provider, Terraform or the local platform
// writes.
package secrecy

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
)

// secrets maps descriptions to the secrets to search for.
type secrets map[string]string

// nodePassword is the prefix of every node password on the local platform.
const nodePassword = localplatform.PasswordPrefix

// find returns the secrets in a content, however encoded or nested.
func (s secrets) find(content []byte) []string {
	all := map[string][][]byte{}
	for what, secret := range s {
		for _, form := range forms(secret) {
			all[what] = append(all[what], []byte(form))
		}
	}
	var found []string
	unfold(content, func(content []byte) {
		for what, forms := range all {
			if slices.ContainsFunc(forms, func(form []byte) bool { return bytes.Contains(content, form) }) &&
				!slices.Contains(found, what) {
				found = append(found, what)
			}
		}
	})
	slices.Sort(found)
	return found
}

// forms returns the ways in which a text is written inside others.
func forms(secret string) []string {
	all := []string{secret}
	for range 2 { // JSON inside JSON is common
		for _, text := range slices.Clone(all) {
			var readable bytes.Buffer
			encoder := json.NewEncoder(&readable)
			encoder.SetEscapeHTML(false)
			_ = encoder.Encode(text)         // encoding a string cannot fail
			escaped, _ := json.Marshal(text) // cannot fail, either
			for _, quoted := range []string{readable.String(), string(escaped), strconv.Quote(text)} {
				all = append(all, strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(quoted), `"`), `"`))
			}
		}
	}
	for _, text := range slices.Clone(all) {
		all = append(all, url.QueryEscape(text), url.PathEscape(text),
			base64.StdEncoding.EncodeToString([]byte(text)), base64.URLEncoding.EncodeToString([]byte(text)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// unfold calls look for a content and everything packed in it: the files of an archive, such as a saved plan, and
// texts in base64.
func unfold(content []byte, look func([]byte)) {
	look(content)
	if archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
		for _, file := range archive.File {
			if opened, err := file.Open(); err == nil {
				inside, _ := io.ReadAll(opened) // ignores unreadable parts
				unfold(inside, look)
			}
		}
	}
	// For example, private state in a state file.
	for text := range bytes.FieldsFuncSeq(content, notBase64) {
		if inside, err := base64.RawStdEncoding.DecodeString(string(text)); err == nil && len(inside) > 16 {
			look(inside)
		}
	}
}

func notBase64(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/'
}

// collector collects what was written, with a name for each source.
type collector struct {
	mu      sync.Mutex
	written map[string][]byte
}

func (s *collector) keep(where string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written == nil {
		s.written = map[string][]byte{}
	}
	s.written[where] = append(s.written[where], content...)
}

// folder collects all files below a folder.
func (s *collector) folder(t *testing.T, root string, except ...string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.Contains(except, entry.Name()) {
			return err
		}
		content, err := os.ReadFile(path)
		s.keep(path, content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// expectNone fails for each content that has one of the secrets.
func (s *collector) expectNone(t *testing.T, all secrets) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]bool{}
	for where, content := range s.written {
		if seen[string(content)] {
			continue
		}
		seen[string(content)] = true
		for _, what := range all.find(content) {
			at := bytes.Index(content, []byte(all[what]))
			t.Errorf("%s is in %s: %q", what, where, content[max(0, at-200):max(0, min(at+100, len(content)))])
		}
	}
}

// The search must find known secrets, otherwise finding nothing would prove nothing.
func TestSearchFindsEncodedSecrets(t *testing.T) {
	t.Parallel()
	const secret = `s3cret "value" & more`
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	file, err := z.Create("tfplan")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(file, "%s begins and %s ends", strings.Repeat("x", 5000), secret)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	inJSON, err := json.Marshal(map[string]string{"private": secret})
	if err != nil {
		t.Fatal(err)
	}
	state, err := json.Marshal(map[string]any{"private": inJSON}) // JSON encodes bytes as base64
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"plain": []byte("a " + secret + " b"), "a saved plan": archive.Bytes(), "JSON": inJSON, "private state": state,
		"a form":       []byte("session=" + url.QueryEscape(secret)),
		"base64":       []byte(base64.StdEncoding.EncodeToString([]byte(secret))),
		"JSON in JSON": fmt.Appendf(nil, "%q", inJSON),
	} {
		if found := (secrets{"it": secret, "nothing": "absent"}).find(content); !slices.Equal(found, []string{"it"}) {
			t.Errorf("%s: found %v", name, found)
		}
	}
}
