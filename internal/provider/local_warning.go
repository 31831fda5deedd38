package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// warnOfLocal warns that a local platform is in use, once per command. A command starts the provider several times,
// to validate, plan and apply, so the platform's folder records which process was warned last. If the folder cannot
// be written, the warning appears more often.
func (s *settings) warnOfLocal() diag.Diagnostics {
	command := strconv.Itoa(os.Getppid())
	file := filepath.Join(s.local.Directory, "warned")
	if last, err := os.ReadFile(file); err == nil && string(last) == command {
		return nil
	}
	_ = os.WriteFile(file, []byte(command), 0o600)
	// The summary says everything, and the path is that of a single line, so that the warning stays short. Terraform
	// merges warnings with the same summary, so the summary includes the folder.
	at, detail := path.Root("local_platform").AtName("directory"), ""
	if variable, ok := s.origins["local_platform"]; ok {
		at, detail = path.Empty(), "It is set by the environment variable "+variable+"."
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at,
		fmt.Sprintf("Local platform in %s: nothing is created at a hosting provider", s.local.Directory), detail)}
}
