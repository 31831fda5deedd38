package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// RequestKeyPrefix begins every key by which a run of Terraform marks its migrations in the platform's log.
const RequestKeyPrefix = "terraform-"

// attemptMark stands between the key of a wish and the number of a further attempt at it.
const attemptMark = "-"

// RequestKey is the text by which the platform's log tells the migration of an environment from one region to another from
// every other one. It is made of what every run knows, so that a run recognises what an earlier one asked for, even if
// that was killed and nothing was stored. LastEnd is the end of the last migration that the state knows; it may be zero.
func RequestKey(appID, from, to string, lastEnd time.Time) string {
	end := ""
	if !lastEnd.IsZero() {
		end = lastEnd.UTC().Format(time.RFC3339)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{appID, from, to, end}, "\x00")))
	return RequestKeyPrefix + hex.EncodeToString(sum[:12])
}

// nextKey is the key for asking now: another one for each attempt, so that the log's word on an earlier attempt is not
// taken for this one's.
func (e Evidence) nextKey() string {
	if e.Order.RequestKey == "" {
		return ""
	}
	attempts := map[string]bool{}
	if i := e.Order.Intent; i.To == e.Order.To && i.RequestKey != "" {
		attempts[i.RequestKey] = true
	}
	for _, j := range e.Journals {
		for _, a := range j.Past {
			if e.isOurs(a) {
				attempts[a.RequestKey] = true
			}
		}
	}
	key := e.Order.RequestKey
	for n := len(attempts) + 1; attempts[key]; n++ {
		key = fmt.Sprintf("%s%s%d", e.Order.RequestKey, attemptMark, n)
	}
	return key
}
