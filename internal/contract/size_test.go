package contract

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// Terraform does work for each attribute of a schema, for each environment and each command.
func TestNumberOfAttributes(t *testing.T) {
	t.Parallel()
	const most = 120
	if n := countAttributes(acctest.NewServer(t).Schema.ResourceSchemas["vap_environment"].Block); n > most {
		t.Errorf("vap_environment has %d attributes, want at most %d", n, most)
	}
}

// countAttributes counts the attributes of a block at every depth.
func countAttributes(block *tfprotov6.SchemaBlock) int {
	n := 0
	var add func(attributes []*tfprotov6.SchemaAttribute)
	add = func(attributes []*tfprotov6.SchemaAttribute) {
		n += len(attributes)
		for _, a := range attributes {
			if a.NestedType != nil {
				add(a.NestedType.Attributes)
			}
		}
	}
	add(block.Attributes)
	for _, nested := range block.BlockTypes {
		n += countAttributes(nested.Block)
	}
	return n
}

var (
	plannedRecord = regexp.MustCompile(`(?m)^ *\+ planned_migration += \{\n(?: .*\n)*? *\}\n`)
	lastRecord    = regexp.MustCompile(`(?m)^ *[+~] last_migration +=.*\(known after apply\).*\n`)
)

// A live move adds at most a dozen lines to a plan, none of them empty, so that users can read a plan with thirty
// moves.
func TestAccLiveMovePlanIsShort(t *testing.T) {
	t.Parallel()
	const moves, most = 30, 12
	for name, tf := range acctest.NewTerraformInProcess(t).Programs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := folder{tf.Another(t), acctest.NewPlatform(t), t}
			configuration := func(region string) {
				f.write(fmt.Sprintf(`
resource "vap_environment" "all" {
  count       = %d
  name        = "shop-${count.index}"
  region      = %q
  node_groups = { cp = { node_type = "nginxphp", public_ipv4_count = 1 } }
}
`, moves, region))
			}
			configuration(economy)
			f.apply()
			configuration(performance)
			text := f.Run("plan", "-input=false", "-no-color")
			planned, last := plannedRecord.FindAllString(text, -1), lastRecord.FindAllString(text, -1)
			if len(planned) != moves || len(last) != moves {
				t.Fatalf("%d and %d records of %d moves:\n%s", len(planned), len(last), moves, text)
			}
			for n := range planned {
				if lines := strings.Count(planned[n]+last[n], "\n"); lines > most {
					t.Errorf("a live move adds %d lines, want at most %d:\n%s%s", lines, most, planned[n], last[n])
				}
			}
			for _, empty := range []string{"null", "[]", "{}", `""`} {
				if strings.Contains(strings.Join(planned, ""), empty) {
					t.Errorf("the plan shows %s:\n%s", empty, planned[0])
				}
			}
			f.apply()
			f.code(0)
		})
	}
}
