package migration

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Prober requests an address once. Its error says what it got instead of a response with one of
// the expected statuses, or what ended ctx.
type Prober interface {
	Probe(ctx context.Context, address string, expected []int) error
}

// Verify describes the check that an environment works after a move.
type Verify struct {
	// Address is the http or https URL to request.
	Address string
	// Expected are the HTTP statuses that count as success; none means 200.
	Expected []int
	// Patience is how long to wait for success; 0 means DefaultPatience.
	Patience time.Duration
}

// DefaultPatience is how long an environment may take to answer as expected after its move.
const DefaultPatience = 2 * time.Minute

// verifyCeiling is the longest interval between requests.
const verifyCeiling = 5 * time.Second

// Verification is the result of the check.
type Verification struct {
	Attempts int
	Elapsed  time.Duration
	// First is what the first attempt got instead of the expected response, Last what the last one got; empty if the
	// first attempt succeeded.
	First, Last string
}

// UnhealthyError is the error of an environment that has moved and does not
// answer as expected. The move itself succeeded.
type UnhealthyError struct {
	Verify       Verify
	Verification Verification
}

// Error contains the numbers. It omits the address's query and any path of 8 or more
// characters, because they may contain a secret.
func (e *UnhealthyError) Error() string {
	address := "the address"
	if u, err := url.Parse(e.Verify.Address); err == nil {
		path := u.EscapedPath()
		if len(strings.Trim(path, "/")) >= 8 {
			path = "/…"
		}
		address = u.Scheme + "://" + u.Host + path
	}
	return fmt.Sprintf("%s was asked %s in %s, and never answered with %s. The first attempt: %s. The last: %s.",
		address, times(e.Verification.Attempts), e.Verification.Elapsed.Round(100*time.Millisecond), e.Verify.statuses(),
		e.Verification.First, e.Verification.Last)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func (v Verify) expected() []int {
	if len(v.Expected) == 0 {
		return []int{200}
	}
	return v.Expected
}

func (v Verify) statuses() string {
	var texts []string
	for _, status := range v.expected() {
		texts = append(texts, fmt.Sprint(status))
	}
	return strings.Join(texts, " or ")
}

// Verify sends requests at growing intervals until the response is as expected. The error is an *UnhealthyError, or
// the cause that ended ctx, after which it returns within moments.
func (s *Service) Verify(ctx context.Context, v Verify) (Verification, error) {
	patience := cmp.Or(v.Patience, DefaultPatience)
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var result Verification
	began := time.Now()
	poll := PollPolicy{Floor: s.PollPolicy.Floor, Ceiling: min(s.PollPolicy.Ceiling, verifyCeiling)}
	err := poll.Poll(patient, func() (done bool, err error) {
		result.Attempts++
		err = s.Prober.Probe(patient, v.Address, v.expected())
		switch {
		case err == nil:
			return true, nil
		case patient.Err() == nil:
			result.Last = err.Error()
		case result.Last == "":
			result.Last = fmt.Sprintf("no answer within %s", patience)
		}
		result.First = cmp.Or(result.First, result.Last)
		return false, nil
	})
	result.Elapsed = time.Since(began)
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil:
		return result, context.Cause(ctx)
	}
	return result, &UnhealthyError{Verify: v, Verification: result}
}
