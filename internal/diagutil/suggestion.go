package diagutil

import "fmt"

// DidYouMean returns a question that suggests a name, followed by a space. It is empty if name is.
func DidYouMean(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("Did you mean %q? ", name)
}
