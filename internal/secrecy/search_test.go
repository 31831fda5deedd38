// Package secrecy holds only tests: nothing that is secret may be found in anything that the provider, Terraform or the
// local platform writes.
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

// secrets are what must be found nowhere, by what they are.
type secrets map[string]string

// nodePassword is the beginning of every password that the local platform gives its nodes.
const nodePassword = localplatform.PasswordPrefix

// find lists the secrets that are in a content, in any form and however deep.
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

// forms are the ways in which a text is written inside others.
func forms(secret string) []string {
	all := []string{secret}
	for range 2 { // JSON in JSON is common
		for _, text := range slices.Clone(all) {
			var readable bytes.Buffer
			encoder := json.NewEncoder(&readable)
			encoder.SetEscapeHTML(false)
			_ = encoder.Encode(text)         // a text always can be
			escaped, _ := json.Marshal(text) // the same
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

// unfold shows a content to look, and everything that is packed in it: the files of an archive, such as a saved plan,
// and texts in base64.
func unfold(content []byte, look func([]byte)) {
	look(content)
	if archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
		for _, file := range archive.File {
			if opened, err := file.Open(); err == nil {
				inside, _ := io.ReadAll(opened) // as much as can be read
				unfold(inside, look)
			}
		}
	}
	// Such as private state in a state file.
	for text := range bytes.FieldsFuncSeq(content, notBase64) {
		if inside, err := base64.RawStdEncoding.DecodeString(string(text)); err == nil && len(inside) > 16 {
			look(inside)
		}
	}
}

func notBase64(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/'
}

// scribe keeps everything that was written, with a name for where.
type scribe struct {
	mu      sync.Mutex
	written map[string][]byte
}

func (s *scribe) keep(where string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written == nil {
		s.written = map[string][]byte{}
	}
	s.written[where] = append(s.written[where], content...)
}

// folder keeps all files below a folder.
func (s *scribe) folder(t *testing.T, root string, except ...string) {
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

// expectNone fails for each place where one of the secrets is.
func (s *scribe) expectNone(t *testing.T, all secrets) {
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

// The search finds what it has to find: otherwise finding nothing would mean nothing.
func TestTheSearchFinds(t *testing.T) {
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
	state, err := json.Marshal(map[string]any{"private": inJSON}) // bytes become base64
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"as it is": []byte("a " + secret + " b"), "a saved plan": archive.Bytes(), "JSON": inJSON, "private state": state,
		"a form":       []byte("session=" + url.QueryEscape(secret)),
		"base64":       []byte(base64.StdEncoding.EncodeToString([]byte(secret))),
		"JSON in JSON": fmt.Appendf(nil, "%q", inJSON),
	} {
		if found := (secrets{"it": secret, "nothing": "absent"}).find(content); !slices.Equal(found, []string{"it"}) {
			t.Errorf("%s: found %v", name, found)
		}
	}
}
