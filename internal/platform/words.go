package platform

import (
	"regexp"
	"strings"
	"sync"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/sanitize"
)

// Limits, in characters, of what is quoted from an answer.
const (
	wordsLimit   = 400
	excerptLimit = 120
)

// withheld replaces words that cannot be shown.
const withheld = "the platform's words are withheld because they contain a secret"

// redactor makes foreign text safe to show in a message.
type redactor struct{ secrets sanitize.Redactor }

func newRedactor(token string) redactor { return redactor{sanitize.NewRedactor(token)} }

// withSecrets returns a redactor that also removes these values.
func (r redactor) withSecrets(secrets []string) redactor { return redactor{r.secrets.With(secrets...)} }

// knownSecrets are the token and all secrets that a client has sent: the platform may quote them much later, for
// example in its action log.
type knownSecrets struct {
	mu       sync.Mutex
	redactor redactor
}

// with adds secrets and returns a redactor for all secrets so far.
func (k *knownSecrets) with(secrets []string) redactor {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.redactor = k.redactor.withSecrets(secrets)
	return k.redactor
}

// clean turns a text into one clean line without secrets and of at most limit characters; withheld if that is not
// certain.
func (r redactor) clean(text string, limit int) string {
	if quoted, ok := r.secrets.Quote(text, limit); ok {
		return quoted
	}
	return withheld
}

// secretMember matches a member of a JSON object that may hold a secret, complete or cut off.
var secretMember = regexp.MustCompile(
	`(?i)"[^"\\]*(?:pass|session|token|secret|key)[^"\\]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"?|[^\s",{}\[\]]*)`)

// excerpt returns the beginning of an invalid answer. Broken answers of the platform may contain passwords of nodes, so
// members that look like secrets are left out.
func (r redactor) excerpt(answer []byte) string {
	text := secretMember.ReplaceAllString(string(answer), "[left out]")
	// The same again for objects that are encoded as a text inside another one.
	text = secretMember.ReplaceAllString(strings.ReplaceAll(text, `\"`, `"`), "[left out]")
	return r.clean(text, excerptLimit)
}
