package pipeline

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
)

// run is the example's folder, with its script and a platform.
type run struct {
	*acctest.Terraform
	*acctest.Platform
	t *testing.T
}

// TestAccPipeline runs ci.sh with a provider and a planreview that are built once.
func TestAccPipeline(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraform(t)
	planreview := built(t)
	program := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if program == "" {
		program = "terraform"
	}
	for name, test := range map[string]func(run){"story": story, "tokens": tokens} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := run{tf.Another(t), acctest.NewPlatform(t), t}
			r.Env = []string{"TERRAFORM=" + program, "PLANREVIEW=" + planreview}
			// The example itself declares which provider it needs.
			if err := os.Remove(filepath.Join(r.Folder, "versions.tf")); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(r.Folder, os.DirFS("../../examples/ci/shell")); err != nil {
				t.Fatal(err)
			}
			test(r)
		})
	}
}

// step runs a step of ci.sh, expects this exit code, and returns its output.
func (r run) step(code int, arguments ...string) string {
	r.t.Helper()
	command := exec.Command("./ci.sh", arguments...)
	command.Dir, command.Env = r.Folder, r.Command().Env
	out, err := command.CombinedOutput()
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		r.t.Fatal(err)
	}
	if got != code {
		r.t.Fatalf("ci.sh %s: exit code %d, want %d\n%s", strings.Join(arguments, " "), got, code, out)
	}
	return string(out)
}

// says expects phrases in a text.
func (r run) says(what, text string, phrases ...string) {
	r.t.Helper()
	for _, phrase := range phrases {
		if !strings.Contains(text, phrase) {
			r.t.Errorf("%s does not say %q:\n%s", what, phrase, text)
		}
	}
}

func (r run) migrations() int {
	r.t.Helper()
	return len(r.Requests(r.t, "environment/control/migrate"))
}

func (r run) region() any {
	r.t.Helper()
	return r.State()["vap_environment.shop"]["region"]
}

// story follows the README: plan, review, denied, permission added, allowed, applied.
func story(r run) {
	r.Env = append(r.Env, "VAP_LOCAL_PLATFORM="+r.Directory, "VAP_LOCAL_PLATFORM_TIME_SCALE=3600")

	r.says("the gate without a plan", r.step(2, "gate"), "There is no plan to judge")

	// A new environment causes no downtime.
	r.step(0, "plan")
	r.step(0, "review")
	r.step(0, "gate")
	harmless := r.Read("review/plan.json")
	r.step(0, "apply")
	if got := r.Read("review/terraform.json"); got != `{"create":2,"update":0,"delete":0}`+"\n" {
		r.t.Errorf("GitLab's report of the creation is %s", got)
	}

	// Denied: nothing permits the move. The plan still succeeds, so that the review can show it.
	const south = "-var=region=south-standard"
	r.step(0, "plan", south)
	r.step(0, "review")
	r.says("review.md", r.Read("review/review.md"), "ci-shop", "north-performance", "south-standard", "allow_downtime",
		"allow_ip_change")
	r.says("review.html", r.Read("review/review.html"), "<html", "ci-shop")
	r.says("junit.xml", r.Read("review/junit.xml"), "<failure", "vap_environment.shop")
	r.says("terraform.json", r.Read("review/terraform.json"), `{"create":0,"update":2,"delete":0}`)
	r.says("the gate", r.step(1, "gate"), "vap_environment.shop", "allow_downtime", "allow_ip_change")
	r.step(1, "apply")

	// The shop owners' permission is not enough: the pipeline denies plans that stop an environment.
	const permission = `-var=migration_policy={allow_downtime=true,allow_ip_change=true,permit_for=["south-standard"]}`
	r.step(0, "plan", south, permission)
	r.says("the gate", r.step(1, "gate"), "vap_environment.shop", "from start to end")
	r.step(1, "apply")
	// Showing another plan to the gate does not help.
	r.Write("review/plan.json", harmless)
	r.step(0, "gate")
	r.step(1, "apply")
	if r.migrations() != 0 || r.region() != "north-performance" {
		r.t.Fatalf("a denied plan was applied: %d migrations, the shop is in %v", r.migrations(), r.region())
	}

	// Allowed by an exception in the repository.
	r.Write(".vap-review.yml", r.Read(".vap-review.yml")+exceptions(r.t))
	r.step(0, "plan", south, permission)
	r.step(0, "review")
	if strings.Contains(r.Read("review/junit.xml"), "<failure") {
		r.t.Error("the review of an allowed plan has failures")
	}
	r.says("the gate", r.step(0, "gate"), "OPS-1234")

	// Applied, as planned.
	r.step(0, "apply")
	if r.migrations() != 1 || r.region() != "south-standard" {
		r.t.Errorf("%d migrations, the shop is in %v", r.migrations(), r.region())
	}
	r.step(0, "plan", south, permission)
	r.step(0, "gate")
	r.says("terraform.json", r.Read("review/terraform.json"), `{"create":0,"update":0,"delete":0}`)

	// A failed plan is never allowed, even though the file exists.
	r.says("the plan", r.step(1, "plan", "-var=region=south-retired"), "south-retired cannot be used")
	r.step(0, "review")
	r.says("the gate", r.step(1, "gate"), "incomplete")
	r.step(1, "apply")

	// If there is no plan, an earlier one is not used instead.
	r.step(1, "plan", "-var=nonsense=1")
	r.says("the gate", r.step(2, "gate"), "There is no plan to judge")
	r.step(2, "review")
	r.step(0, "plan", south, permission)

	// A truncated plan is not allowed.
	whole := r.Read("review/plan.json")
	r.Write("review/plan.json", whole[:len(whole)/2])
	r.says("the gate", r.step(2, "gate"), "truncated")
	r.step(2, "review")
	r.step(0, "plan", south, permission)
	r.step(0, "review")

	// Only the user can read files that may have secrets.
	for _, name := range []string{".", "plan.bin", "plan.json", "review.md"} {
		info, err := os.Stat(filepath.Join(r.Folder, "review", name))
		if err != nil {
			r.t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			r.t.Errorf("review/%s has the rights %v", name, info.Mode())
		}
	}
}

// exceptions returns what the pipeline still allows, from the README.
func exceptions(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../../examples/ci/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```yaml\nallow:")
	block, _, found := strings.Cut("allow:"+rest, "```")
	if !found {
		t.Fatal("the README shows no exceptions")
	}
	return block
}

// With a token, one with the methods for planning is enough for all steps except the last.
func tokens(r run) {
	server := httptest.NewServer(r.Platform)
	r.t.Cleanup(server.Close)
	as := func(token string) run {
		tf := *r.Terraform
		tf.Env = append(slices.Clone(tf.Env), "VAP_ENDPOINT="+server.URL, "VAP_TOKEN="+token)
		return run{&tf, r.Platform, r.t}
	}
	planning, applying := as(localplatform.ReadOnlyToken), as(localplatform.OwnerToken)
	planning.step(0, "plan")
	planning.step(0, "review")
	planning.step(0, "gate")
	planning.says("the apply", planning.step(1, "apply"), "permission")
	applying.says("the apply of a plan that was tried already", applying.step(1, "apply"), "Saved plan is stale")
	planning.step(0, "plan")
	applying.step(0, "apply")

	planning.step(0, "plan", "-var=region=north-standard")
	planning.step(0, "gate")
	applying.step(0, "apply")
	if r.migrations() != 1 {
		r.t.Errorf("%d migrations", r.migrations())
	}
	var plan struct {
		Errored bool `json:"errored"`
	}
	if err := json.Unmarshal([]byte(r.Read("review/plan.json")), &plan); err != nil || plan.Errored {
		r.t.Errorf("the plan by the token for planning: %v, %v", plan, err)
	}
}
