package acctest

import (
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/privatestate"
)

// Unpacked returns private state in readable form.
func Unpacked(t testing.TB, private []byte) []byte {
	t.Helper()
	plain, err := privatestate.Unpack(private)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
