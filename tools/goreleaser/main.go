// Goreleaser reads the release configuration as GoReleaser does: whether something in it is misspelt or of another type
// would otherwise be noticed only when a release is made. GoReleaser itself takes minutes to build and checks little
// more; "make snapshot" runs it.
//
//	go run -C tools/goreleaser . FILE
package main

import (
	"fmt"
	"os"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: goreleaser FILE")
		os.Exit(2)
	}
	if _, err := config.Load(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
