package environment_test

import "github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"

var (
	made           = acctest.MakeEnvironment
	town           = acctest.NewTown
	expectFindings = acctest.ExpectFindings
)
