package migration

// Phase is the progress of a migration.
type Phase string

// The phases, in their order. A migration that was found running or done has no PhaseStarted, and one that nobody saw
// running has no PhaseMigrating.
const (
	// PhaseQueued: it waits for its turn.
	PhaseQueued Phase = "queued"
	// PhaseChecked: nothing prevents it at the moment.
	PhaseChecked Phase = "checked"
	// PhaseStarted: the platform is being asked to carry it out.
	PhaseStarted Phase = "started"
	// PhaseMigrating: the platform shows it as running.
	PhaseMigrating Phase = "migrating"
	// PhaseDone: it has ended, and the environment is in the target region.
	PhaseDone Phase = "done"
	// PhaseVerifying: requests check whether the environment answers as expected.
	PhaseVerifying Phase = "verifying"
	// PhaseVerified: the environment answers as expected.
	PhaseVerified Phase = "verified"
	// PhaseUnhealthy: the environment does not answer as expected.
	PhaseUnhealthy Phase = "unhealthy"
	// PhaseFailed: it did not begin, or did not end as requested.
	PhaseFailed Phase = "failed"
)
