//go:build faults

package main

// The provider that acceptance tests run obeys the faults in the folder of its local platform.
import _ "github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faultinjection"
