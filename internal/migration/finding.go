package migration

import (
	"time"
)

// Code is the subject of a finding. Code that shows findings to users switches over all codes.
type Code string

// The codes. Each says which fields a finding has besides its code, severity and environment.
const (
	// CodeRegionUnknown: the platform does not list Region. Catalog has what it lists.
	CodeRegionUnknown Code = "region_unknown"
	// CodeRegionUnusable: the account cannot use Region now. Catalog has what it can use.
	CodeRegionUnusable Code = "region_unusable"
	// CodeRegionNotAllowed: Policy.AllowedRegions does not list Region. Catalog has what the platform lists, if known.
	CodeRegionNotAllowed Code = "region_not_allowed"

	// CodeStatus: an environment with the assessed status cannot move.
	CodeStatus Code = "status"
	// CodeDatacenterClosed: the data centre of the region Closed does not allow migration.
	CodeDatacenterClosed Code = "datacenter_closed"
	// CodeWindowsVMs: the platform does not migrate Windows virtual machines.
	CodeWindowsVMs Code = "windows_vms"
	// CodeStoppedCluster: the platform breaks a stopped database cluster.
	CodeStoppedCluster Code = "stopped_cluster"
	// CodeLiveNotPossible: the policy requires a live move, which the regions rule out.
	CodeLiveNotPossible Code = "live_not_possible"
	// CodeLiveSharedStorage: the policy requires a live move, which Shared Storage rules out.
	CodeLiveSharedStorage Code = "live_shared_storage"

	// CodeCostLimit: the environment may cost more than Policy.MaxHourlyCost.
	CodeCostLimit Code = "cost_limit"
	// CodePermissionMissing: the policy does not give the permissions Missing, and gives Uncovered for other regions only.
	CodePermissionMissing Code = "permission_missing"
	// CodeNotPermittedFor: the policy gives all permissions that the move needs, which
	// are Uncovered, for other regions only.
	CodeNotPermittedFor Code = "not_permitted_for"
	// CodeConsequences: the move is permitted but not harmless.
	CodeConsequences Code = "consequences"
	// CodeWindowClosed: Policy.Window is closed at Now; it opens and closes at Opens and Closes.
	CodeWindowClosed Code = "window_closed"

	// CodeMovedOutside: somebody moved the environment, and the policy does not say what to do. Outside has the
	// details.
	CodeMovedOutside Code = "moved_outside"
	// CodeMovedOutsideUndecided: as CodeMovedOutside, but the policy's answer is known only during the apply.
	CodeMovedOutsideUndecided Code = "moved_outside_undecided"
)

// Codes are all codes.
var Codes = []Code{
	CodeRegionUnknown,
	CodeRegionUnusable,
	CodeRegionNotAllowed,
	CodeStatus,
	CodeDatacenterClosed,
	CodeWindowsVMs,
	CodeStoppedCluster,
	CodeLiveNotPossible,
	CodeLiveSharedStorage,
	CodeCostLimit,
	CodePermissionMissing,
	CodeNotPermittedFor,
	CodeConsequences,
	CodeWindowClosed,
	CodeMovedOutside,
	CodeMovedOutsideUndecided,
}

// Severity is how serious a finding is.
type Severity int

// The severities.
const (
	Warning Severity = iota
	Error
)

// Finding is something that a user who plans a migration must know: a code and its values. It does not say what has
// already been done.
type Finding struct {
	Code        Code
	Severity    Severity
	Environment string

	// Region is the region in the configuration, for findings about a region as a place. Catalog is what the platform
	// lists; it has no regions if that is not known.
	Region  string
	Catalog RegionCatalog

	// Assessment and Policy are those of the move, for findings about a move.
	Assessment Assessment
	Policy     Policy
	// Closed is the first region whose data centre does not allow migration.
	Closed Region
	// Missing are the permissions that the move needs and the policy does not have. Uncovered are those that it has
	// without listing the target in permit_for.
	Missing, Uncovered []Permission
	// PassesPlan means that the finding refuses the move only at the apply.
	PassesPlan bool
	// Now is when the window was checked. Closes is zero if the window does not close within weeks.
	Now, Opens, Closes time.Time

	Outside Outside

	// Answer is the platform's own refusal for the same reason; nil if it was not asked or does not refuse.
	Answer error
}

// Outside is a move outside Terraform.
type Outside struct {
	From, To string
	// EndedAt is when the move ended by the platform's log; zero if the log does not tell.
	EndedAt time.Time
	// Interrupted reports whether an earlier run of Terraform began the move and did not see its end.
	Interrupted bool
}

// Enforcement is when a missing permission is an error.
type Enforcement string

// The enforcements.
const (
	// EnforceAtPlan fails the plan.
	EnforceAtPlan Enforcement = "plan"
	// EnforceAtApply lets the plan pass with a warning, for jobs that review plans; the apply then refuses.
	EnforceAtApply Enforcement = "apply"
)
