package environment_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
)

// The examples in the documentation show every attribute that users can set. tools/check-examples checks that they
// can be applied.
func TestExamplesShowEveryAttribute(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../examples/resources/vap_environment/resource*.tf")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var examples strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		examples.Write(content)
	}
	var look func(at string, attributes []*tfprotov6.SchemaAttribute)
	look = func(at string, attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			if !a.Required && !a.Optional {
				continue
			}
			if !regexp.MustCompile(`\b` + a.Name + `\s*=`).MatchString(examples.String()) {
				t.Errorf("no example has %s%s", at, a.Name)
			}
			if a.NestedType != nil {
				look(at+a.Name+".", a.NestedType.Attributes)
			}
		}
	}
	look("", acctest.NewServer(t).Schema.ResourceSchemas["vap_environment"].Block.Attributes)
}
