//go:build faults

package main

// The provider that acceptance tests run applies the faults in the folder of its local platform.
import _ "github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faultinjection"
