package migration

import (
	"context"
	"fmt"
	"time"
)

// FailedActionError is the error of an operation that the platform accepted and
// that failed according to its action log.
type FailedActionError struct {
	Code  int
	Words string
}

// Error has the platform's code and words.
func (e *FailedActionError) Error() string {
	return fmt.Sprintf("the platform's action log says code %d: %s", e.Code, e.Words)
}

// Ended reports whether the platform's log contains the end of the operation with a request key after a time. The error
// is a *FailedActionError if the operation failed, otherwise the reason why the log cannot be read.
func (s *Service) Ended(ctx context.Context, requestKey string, since time.Time) (bool, error) {
	// One more day allows for wrong time zones: the key identifies the action.
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

// NotePlan records which node groups an environment has after this process's plan, so that plans of actions can tell
// node groups that will exist from those that never will. Nil means that they are not known yet.
func (s *Service) NotePlan(name string, nodeGroups []string) { s.planned.Store(name, nodeGroups) }

// Planned returns the node groups that NotePlan recorded for an environment.
func (s *Service) Planned(name string) (nodeGroups []string, planned bool) {
	v, planned := s.planned.Load(name)
	nodeGroups, _ = v.([]string)
	return nodeGroups, planned
}
