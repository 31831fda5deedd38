package migration

// Phase is how far a migration has come.
type Phase string

// The phases, in their order. One that was found under way or done has no PhaseStarted, and one that nobody saw under
// way no PhaseMigrating.
const (
	// PhaseQueued: it waits for its turn.
	PhaseQueued Phase = "queued"
	// PhaseChecked: nothing stands against it at the moment.
	PhaseChecked Phase = "checked"
	// PhaseStarted: the platform is being asked to carry it out.
	PhaseStarted Phase = "started"
	// PhaseMigrating: the platform shows it under way.
	PhaseMigrating Phase = "migrating"
	// PhaseDone: it has ended, and the environment is where it was to go.
	PhaseDone Phase = "done"
	// PhaseVerifying: the environment is being asked whether it answers as expected.
	PhaseVerifying Phase = "verifying"
	// PhaseVerified: the environment answers as expected.
	PhaseVerified Phase = "verified"
	// PhaseUnhealthy: the environment does not answer as expected.
	PhaseUnhealthy Phase = "unhealthy"
	// PhaseFailed: it did not begin, or not end as ordered.
	PhaseFailed Phase = "failed"
)
