package migration

import (
	"context"
	"fmt"
	"time"
)

// FailedActionError is the error of what the platform accepted and, by its action log, did not bring to a good end.
type FailedActionError struct {
	Code  int
	Words string
}

// Error has the platform's code and words.
func (e *FailedActionError) Error() string {
	return fmt.Sprintf("the platform's action log says code %d: %s", e.Code, e.Words)
}

// Ended says whether the platform's log has the end of what was asked for with a request key after a time. The error is
// a *FailedActionError if that ended badly, else why the log cannot be read.
func (s *Service) Ended(ctx context.Context, requestKey string, since time.Time) (bool, error) {
	// A day more bridges time zones: the key tells actions apart.
	past, err := s.ActionsSince(ctx, since.Add(-remembered))
	if err != nil {
		return false, err
	}
	for _, a := range past {
		switch {
		case a.RequestKey != requestKey || a.Result == nil:
		case *a.Result != 0:
			return true, &FailedActionError{Code: *a.Result, Words: a.Words}
		default:
			return true, nil
		}
	}
	return false, nil
}

// NotePlan notes which node groups an environment has after this process's plan of it, so that plans of what is to be
// done with them can tell those to come from those that there will never be. Nil means that they are not known yet.
func (s *Service) NotePlan(name string, nodeGroups []string) { s.planned.Store(name, nodeGroups) }

// Planned is what NotePlan was told of an environment.
func (s *Service) Planned(name string) (nodeGroups []string, planned bool) {
	v, planned := s.planned.Load(name)
	nodeGroups, _ = v.([]string)
	return nodeGroups, planned
}
