package environment_test

import "github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"

var (
	createOnPlatform      = acctest.MakeEnvironment
	newPlatformWithPlaces = acctest.NewTown
	expectFindings        = acctest.ExpectFindings
)
