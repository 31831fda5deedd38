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

// withheld stands for words that cannot be shown.
const withheld = "the platform's words are withheld because they contain a secret"

// redactor makes texts of foreign origin fit for a message.
type redactor struct{ secrets sanitize.Redactor }

func newRedactor(token string) redactor { return redactor{sanitize.NewRedactor(token)} }

// withSecrets returns a redactor that also takes out these values.
func (r redactor) withSecrets(secrets []string) redactor { return redactor{r.secrets.With(secrets...)} }

// knownSecrets are the token and all that a client has sent: the platform may quote it much later, in its action log,
// for example.
type knownSecrets struct {
	mu       sync.Mutex
	redactor redactor
}

// with adds secrets and returns what redacts all there are now.
func (k *knownSecrets) with(secrets []string) redactor {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.redactor = k.redactor.withSecrets(secrets)
	return k.redactor
}

// clean makes one clean line of a text, without secrets and of at most limit
// characters; withheld if that is not certain.
func (r redactor) clean(text string, limit int) string {
	if quoted, ok := r.secrets.Quote(text, limit); ok {
		return quoted
	}
	return withheld
}

// secretMember matches a member of a JSON object that may hold a secret, complete or cut off.
var secretMember = regexp.MustCompile(
	`(?i)"[^"\\]*(?:pass|session|token|secret|key)[^"\\]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"?|[^\s",{}\[\]]*)`)

// excerpt returns the beginning of the head of an answer that is not what it should be. Broken answers of the platform
// may carry passwords of nodes, so members that look like secrets are left out.
func (r redactor) excerpt(answer []byte) string {
	text := secretMember.ReplaceAllString(string(answer), "[left out]")
	// The same once more for objects that are written as a text inside another one.
	text = secretMember.ReplaceAllString(strings.ReplaceAll(text, `\"`, `"`), "[left out]")
	return r.clean(text, excerptLimit)
}
