package environment_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
)

const (
	economy     = "north-economy"
	performance = "north-performance"
	south       = "south-standard"
)

// shop is a configuration in which a live migration endangers nothing, with changes applied.
func shop(changes ...map[string]any) map[string]any {
	config := map[string]any{
		"name":   "shop-prod",
		"region": economy,
		"node_groups": map[string]any{
			"bl": map[string]any{"node_type": "nginx", "public_ipv4_count": 1},
			"cp": map[string]any{"node_type": "nginxphp", "count": 2},
		},
	}
	for _, change := range changes {
		maps.Copy(config, change)
	}
	return config
}

// withDatabase is shop with a database node group.
func withDatabase(changes ...map[string]any) map[string]any {
	return shop(slices.Concat([]map[string]any{{
		"node_groups": map[string]any{
			"cp":    map[string]any{"node_type": "nginxphp"},
			"sqldb": map[string]any{"node_type": "mysql8"},
		},
	}}, changes)...)
}

func region(name string) map[string]any { return map[string]any{"region": name} }

// permitting is a migration policy with the named permissions.
func permitting(permissions ...string) map[string]any {
	policy := map[string]any{}
	for _, p := range permissions {
		policy[p] = true
	}
	return map[string]any{"migration_policy": policy}
}

var permitted = permitting("allow_downtime", "allow_ip_change")

// create applies a configuration and refreshes the environment.
func create(t *testing.T, p *acctest.Platform, config map[string]any) *acctest.Instance {
	t.Helper()
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	apply(t, i, config)
	if d := i.Refresh(); len(d) > 0 {
		t.Fatal(acctest.Text(d))
	}
	return i
}

var creations struct {
	mu  sync.Mutex
	all map[string]*creation
}

// creation is the result of creating an environment: the platform's folder, and what Terraform keeps.
type creation struct {
	once            sync.Once
	folder          fstest.MapFS
	state, identity map[string]any
	private         []byte
}

// newCreated creates an environment on a platform of its own. Tests of the same configuration copy the first
// creation, except in a synctest bubble: its clock starts in 2000, before that creation.
func newCreated(t *testing.T, config map[string]any) (*acctest.Platform, *acctest.Instance) {
	t.Helper()
	if time.Now().Year() <= 2000 { // testing/synctest begins there
		p := acctest.NewPlatform(t)
		return p, create(t, p, config)
	}
	creations.mu.Lock()
	if creations.all == nil {
		creations.all = map[string]*creation{}
	}
	key := fmt.Sprintf("%#v", config)
	c := creations.all[key]
	if c == nil {
		c = &creation{}
		creations.all[key] = c
	}
	creations.mu.Unlock()
	c.once.Do(func() {
		p := acctest.NewPlatform(t)
		i := create(t, p, config)
		c.state, c.identity, c.private = i.State, i.Identity, i.Private
		folder := fstest.MapFS{}
		if err := filepath.WalkDir(p.Directory, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			name, _ := filepath.Rel(p.Directory, path)
			folder[filepath.ToSlash(name)] = &fstest.MapFile{Data: content, Mode: 0o600}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		c.folder = folder
	})
	if c.folder == nil {
		t.Fatal("the creation failed in another test")
	}
	directory := filepath.Join(t.TempDir(), "platform")
	if err := errors.Join(os.Mkdir(directory, 0o700), os.CopyFS(directory, c.folder)); err != nil {
		t.Fatal(err)
	}
	p := acctest.NewPlatformWith(t, localplatform.Options{Directory: directory, TimeScale: acctest.TimeScale})
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	i.State, i.Identity, i.Private = maps.Clone(c.state), maps.Clone(c.identity), slices.Clone(c.private)
	return p, i
}

const (
	isError   = tfprotov6.DiagnosticSeverityError
	isWarning = tfprotov6.DiagnosticSeverityWarning
)

// errorsOf leaves out warnings, such as those that the plan during an apply repeats.
func errorsOf(diagnostics []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	return slices.DeleteFunc(slices.Clone(diagnostics), func(d *tfprotov6.Diagnostic) bool {
		return d.Severity != isError
	})
}

// unknownPathsOf returns the top-level attributes that a plan leaves unknown, sorted.
func unknownPathsOf(p acctest.Plan) []string {
	var names []string
	for name, value := range p.State {
		if _, unknown := value.(acctest.Unknown); unknown {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Short names, because the tests use them on nearly every line.
var (
	plan             = acctest.MustPlan
	apply            = acctest.MustApply
	expectOne        = acctest.ExpectOne
	expect           = acctest.Expect
	refusal          = acctest.Refusal
	get              = acctest.Get
	expectValues     = acctest.ExpectValues
	listMigrations   = acctest.Migrations
	expectMigrations = acctest.ExpectMigrations
)
