package migration

import (
	"fmt"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Failure is the error of a migration that did not end as requested.
type Failure struct {
	// Kind is the verdict; never KeepLooking, Ask or Done.
	Kind  Kind
	Order Order
	// RequestKey is the key of the request; empty if there was none.
	RequestKey string
	// Started reports whether the platform may be carrying out, or have carried out, this run's request.
	Started bool
	// Last is the environment as last seen; its Status is StatusAbsent if it was never seen.
	Last platform.Environment
	// Cause is the error from the platform's answer or its log, or the end of the context; nil if there is none.
	Cause error
	// Unseen is why the environment could not be read at the end; nil if it could.
	Unseen error
}

// Error says what happened, without advice.
func (f *Failure) Error() string {
	text := f.fact()
	if f.Cause != nil {
		text += ": " + f.Cause.Error()
	}
	if f.Unseen != nil {
		text += "; the environment could not be looked at: " + f.Unseen.Error()
	}
	return text
}

func (f *Failure) fact() string {
	switch f.Kind {
	case Refused:
		return "the platform refused the migration"
	case Unchecked:
		return "the platform could not be asked whether it would migrate the environment"
	case FailedBack:
		return fmt.Sprintf("the migration failed; the environment is in %s, where it was before", f.Order.From)
	case NeverStarted:
		return "the platform shows no trace of the migration"
	case NotShown:
		return fmt.Sprintf("the platform told that the migration succeeded, and shows the environment in %s", f.Order.From)
	case Broken:
		return "the platform reports the environment as broken"
	case Elsewhere:
		return fmt.Sprintf("the environment ended up in %s", f.Last.Region)
	case OtherState:
		return fmt.Sprintf("the environment moved, but it is %s now", f.Last.Status)
	case Gone:
		return "the environment was deleted while it was migrating"
	case Another:
		return "it is another environment of the same name"
	case NotKnown:
		if f.Started {
			return "interrupted after the migration was requested; the platform continues with it"
		}
		return "interrupted before the migration was requested"
	case KeepLooking, Ask, Done:
	}
	return "no failure"
}

// GoesOn reports whether the platform may still be carrying out this run's migration, or may show it later.
func (f *Failure) GoesOn() bool {
	if !f.Started {
		return false
	}
	switch f.Kind {
	case NotKnown, NeverStarted, NotShown:
		return true
	case KeepLooking, Ask, Done, Refused, Unchecked, FailedBack, Broken, Elsewhere, OtherState, Gone, Another:
	}
	return false
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Cause }
