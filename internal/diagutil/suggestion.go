package diagutil

import "fmt"

// DidYouMean asks whether somebody meant another name, with a space after the question. It is empty if name is.
func DidYouMean(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("Did you mean %q? ", name)
}
