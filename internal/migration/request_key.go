package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// RequestKeyPrefix begins every key with which Terraform marks its migrations in the platform's log.
const RequestKeyPrefix = "terraform-"

// attemptMark separates the key of a migration from the number of a further attempt.
const attemptMark = "-"

// RequestKey returns the key by which the platform's log distinguishes the migration of an environment from
// one region to another from all others. It is computed from values that every run knows, so that a run
// recognises an earlier run's request even if that run was killed and stored nothing. LastEnd is the end of
// the last migration in the state; it may be zero.
func RequestKey(appID, from, to string, lastEnd time.Time) string {
	end := ""
	if !lastEnd.IsZero() {
		end = lastEnd.UTC().Format(time.RFC3339)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{appID, from, to, end}, "\x00")))
	return RequestKeyPrefix + hex.EncodeToString(sum[:12])
}

// nextKey returns the key for the next request: each attempt has its own, so that the log's entry about an earlier
// attempt is not mistaken for this one's.
func (e Evidence) nextKey() string {
	if e.Order.RequestKey == "" {
		return ""
	}
	last := 0
	if i := e.Order.Intent; i.To == e.Order.To {
		last = e.attempt(i.RequestKey)
	}
	for _, j := range e.Journals {
		for _, a := range j.Past {
			last = max(last, e.attempt(a.RequestKey))
		}
	}
	if last == 0 {
		return e.Order.RequestKey
	}
	return fmt.Sprintf("%s%s%d", e.Order.RequestKey, attemptMark, last+1)
}

// attempt returns the number of the attempt that a key marks; 0 if it marks none of this migration.
func (e Evidence) attempt(key string) int {
	if key == e.Order.RequestKey {
		return 1
	}
	number, ours := strings.CutPrefix(key, e.Order.RequestKey+attemptMark)
	if !ours {
		return 0
	}
	n, _ := strconv.Atoi(number)
	return max(n, 1)
}
