package secrecy

import (
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/golden"
)

func TestMain(m *testing.M) { golden.Main(m) }
