// Package pipeline tests the example pipelines in examples/ci: their steps on a local platform, their comments on a
// simulated service, and their files against the references of the services.
package pipeline

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// forge simulates the comments of a code hosting service as far as comment.sh needs them, with the paths of both
// GitHub and GitLab.
type forge struct {
	t        *testing.T
	comments []*comment
	// written has the methods of the requests that changed something.
	written []string
	// refuses means that comments cannot be written.
	refuses bool
}

type comment struct {
	ID     int    `json:"id"`
	Body   string `json:"body"`
	User   person `json:"user"`
	Author person `json:"author"`
}

type person struct {
	ID    int    `json:"id"`
	Login string `json:"login"`
}

const forgeToken = "a-token-of-the-forge"

var robot, stranger = person{7, "github-actions[bot]"}, person{8, "mallory"}

// said adds an existing comment.
func (f *forge) said(by person, body string) *comment {
	c := &comment{len(f.comments) + 100, body, by, by}
	f.comments = append(f.comments, c)
	return c
}

func (f *forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+forgeToken && r.Header.Get("PRIVATE-TOKEN") != forgeToken {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	lists := map[string]bool{"/repos/shop/infra/issues/5/comments": true,
		"/api/v4/projects/42/merge_requests/5/notes": true}
	updates := map[string]string{http.MethodPatch: "/repos/shop/infra/issues/comments/",
		http.MethodPut: "/api/v4/projects/42/merge_requests/5/notes/"}
	switch {
	case r.Method == http.MethodGet && r.URL.Path == "/api/v4/user":
		f.answer(w, robot)
	case r.Method == http.MethodGet && lists[r.URL.Path]:
		size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		from := min((page-1)*size, len(f.comments))
		f.answer(w, f.comments[from:min(from+size, len(f.comments))])
	case f.refuses:
		w.WriteHeader(http.StatusForbidden)
	case r.Method == http.MethodPost && lists[r.URL.Path]:
		f.written = append(f.written, r.Method)
		f.answer(w, f.said(robot, f.body(r)))
	case updates[r.Method] != "" && strings.HasPrefix(r.URL.Path, updates[r.Method]):
		f.written = append(f.written, r.Method)
		for _, c := range f.comments {
			if strings.HasSuffix(r.URL.Path, fmt.Sprintf("/%d", c.ID)) {
				c.Body = f.body(r)
				f.answer(w, c)
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	default:
		f.t.Errorf("unexpected request %s %s", r.Method, r.URL)
		w.WriteHeader(http.StatusNotFound)
	}
}

func (f *forge) answer(w http.ResponseWriter, value any) {
	if err := json.NewEncoder(w).Encode(value); err != nil {
		f.t.Error(err)
	}
}

func (f *forge) body(r *http.Request) string {
	var sent struct{ Body string }
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil || r.Header.Get("Content-Type") != "application/json" {
		f.t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	return sent.Body
}

// commented runs comment.sh with a review.
func (f *forge) commented(kind, review string) error {
	f.t.Helper()
	for _, program := range []string{"curl", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			f.t.Skipf("comment.sh needs %s", program)
		}
	}
	server := httptest.NewServer(f)
	defer server.Close()
	file := filepath.Join(f.t.TempDir(), "review.md")
	if err := os.WriteFile(file, []byte(review), 0o600); err != nil {
		f.t.Fatal(err)
	}
	command := exec.Command("../../examples/ci/comment.sh", kind, file)
	command.Env = append(os.Environ(), "NO_PROXY=127.0.0.1",
		"GITHUB_API_URL="+server.URL, "GITHUB_REPOSITORY=shop/infra", "PULL_REQUEST=5", "GITHUB_TOKEN="+forgeToken,
		"CI_API_V4_URL="+server.URL+"/api/v4", "CI_PROJECT_ID=42", "CI_MERGE_REQUEST_IID=5", "REVIEW_NOTE_TOKEN="+forgeToken)
	out, err := command.CombinedOutput()
	if strings.Contains(string(out), forgeToken) {
		f.t.Errorf("it prints the token: %s", out)
	}
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func TestComment(t *testing.T) {
	t.Parallel()
	for kind, update := range map[string]string{"github": http.MethodPatch, "gitlab": http.MethodPut} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f := &forge{t: t}
			// There is more than one page of comments, and one that only looks like ours.
			for range 150 {
				f.said(robot, "Something else.")
			}
			forged := f.said(stranger, "<!-- review of migrations -->\n\nAll is well.")
			for _, review := range []string{"# 1 environment moves\n\n\"quoted\" $HOME `id` \\ ünïcödé\n", "# Nothing moves\n"} {
				if err := f.commented(kind, review); err != nil {
					t.Fatal(err)
				}
				if got, want := f.comments[len(f.comments)-1].Body, "<!-- review of migrations -->\n\n"+review; got != want {
					t.Errorf("the comment is %q, want %q", got, want)
				}
			}
			if want := []string{http.MethodPost, update}; strings.Join(f.written, " ") != strings.Join(want, " ") {
				t.Errorf("it wrote with %q, want %q", f.written, want)
			}
			if len(f.comments) != 152 || !strings.HasSuffix(forged.Body, "All is well.") {
				t.Errorf("there are %d comments, and the stranger's is %q", len(f.comments), forged.Body)
			}
		})
	}
}

func TestCommentFails(t *testing.T) {
	t.Parallel()
	f := &forge{t: t, comments: []*comment{}, refuses: true}
	if err := f.commented("github", "# Review\n"); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("a refusal is not told: %v", err)
	}
	if err := f.commented("bitbucket", "# Review\n"); err == nil || !strings.Contains(err.Error(), "usage") {
		t.Errorf("an unknown service is not told: %v", err)
	}
}
