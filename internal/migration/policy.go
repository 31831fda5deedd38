package migration

import "slices"

// Policy is what a configuration permits of a migration. The zero value is the default: choose the kind, permit
// neither downtime nor new addresses.
type Policy struct {
	// Mode is the wished kind of move; empty means ModeAuto.
	Mode Mode
	// AllowDowntime permits a move that stops a running environment.
	AllowDowntime bool
	// AllowIPChange permits a move that gives the nodes new addresses.
	AllowIPChange bool
	// AllowLiveDatabases permits an explicitly live move of databases, which may lose or damage data.
	AllowLiveDatabases bool
	// AllowLiveMounts permits an explicitly live move of node groups with NFS or GlusterFS mounts, which do not work
	// meanwhile.
	AllowLiveMounts bool
	// PermitFor limits all permissions to these target regions; nil means every region.
	PermitFor []string
	// AllowedRegions are the only regions to which the environment may ever go; nil means every region.
	AllowedRegions []string
	// MaxHourlyCost is what the environment may cost at most per hour after a move, all nodes grown to their limits, in
	// the currency of the region's prices; nil means any. A cost that is not known is not limited.
	MaxHourlyCost *float64
	// Window is when a move may begin; nil means at any time. It is no permission: a move outside it is only early.
	Window *Window
	// DatabaseLayers replaces the recognition of database node groups by their names; nil means recognition.
	DatabaseLayers []string
}

// Permission is an argument of migration_policy that permits something.
type Permission string

// The permissions.
const (
	AllowDowntime      Permission = "allow_downtime"
	AllowIPChange      Permission = "allow_ip_change"
	AllowLiveDatabases Permission = "allow_live_databases"
	AllowLiveMounts    Permission = "allow_live_mounts"
)

func (p Policy) mode() Mode {
	if p.Mode == "" {
		return ModeAuto
	}
	return p.Mode
}

func (p Policy) isDatabase(l NodeGroup) bool {
	if p.DatabaseLayers != nil {
		return slices.Contains(p.DatabaseLayers, l.Name)
	}
	return l.IsDatabase()
}

// Covers says whether the policy's permissions hold for a move to the region.
func (p Policy) Covers(region string) bool {
	return p.PermitFor == nil || slices.Contains(p.PermitFor, region)
}

// gives says whether the policy has a permission, for whatever region.
func (p Policy) gives(permission Permission) bool {
	switch permission {
	case AllowDowntime:
		return p.AllowDowntime
	case AllowIPChange:
		return p.AllowIPChange
	case AllowLiveDatabases:
		return p.AllowLiveDatabases
	case AllowLiveMounts:
		return p.AllowLiveMounts
	}
	return false
}

// givesAll says whether the policy has all these permissions, so that they are missing only for the region.
func (p Policy) givesAll(permissions []Permission) bool {
	return !slices.ContainsFunc(permissions, func(permission Permission) bool { return !p.gives(permission) })
}

// permits says whether the policy gives a permission for a move to the region.
func (p Policy) permits(permission Permission, region string) bool {
	return p.gives(permission) && p.Covers(region)
}

// needed lists the permissions that a move needs, in the order in which to tell them.
func (a Assessment) needed() []Permission {
	var needed []Permission
	if a.Downtime {
		needed = append(needed, AllowDowntime)
	}
	if a.IPChange {
		needed = append(needed, AllowIPChange)
	}
	if a.Mode == ModeLive && len(a.Databases) > 0 {
		needed = append(needed, AllowLiveDatabases)
	}
	if a.Mode == ModeLive && len(a.Mounted) > 0 {
		needed = append(needed, AllowLiveMounts)
	}
	return needed
}

// Missing lists the permissions that the move needs and the policy does not give.
func (p Policy) Missing(a Assessment) []Permission {
	missing := []Permission{}
	for _, permission := range a.needed() {
		if !p.permits(permission, a.To.Name) {
			missing = append(missing, permission)
		}
	}
	return missing
}

// Severity is how serious a finding is.
type Severity int

// The severities.
const (
	Warning Severity = iota
	Error
)

// Finding is something that somebody who plans a migration has to know, in words. An error's text says nothing of what
// has been done already; whoever reports it does.
type Finding struct {
	Severity Severity
	// Attribute is the path of the attribute that decides about it, for example migration_policy, allow_downtime.
	Attribute []string
	Summary   string
	Detail    string
}

// Enforcement says when a missing permission is an error.
type Enforcement string

// The enforcements.
const (
	// EnforceAtPlan fails the plan.
	EnforceAtPlan Enforcement = "plan"
	// EnforceAtApply lets the plan pass with a warning, for jobs that review plans; the apply then refuses.
	EnforceAtApply Enforcement = "apply"
)

// Review says what stands against a move and what its risks are: the refusal if it cannot be, an error for the
// permission that is missing (one for all that are), or a warning if the move is permitted but not harmless. A live
// move without risks has no findings.
func (p Policy) Review(a Assessment, enforcement Enforcement) []Finding {
	if refusal := p.CheckRegion(a.Environment.Name, a.To.Name); refusal != nil {
		return []Finding{*refusal}
	}
	if refusal := a.refusal(p); refusal != nil {
		return []Finding{*refusal}
	}
	if refusal := p.CheckCost(a); refusal != nil {
		return []Finding{*refusal}
	}
	if missing := p.Missing(a); len(missing) > 0 {
		finding := a.denied(p, missing)
		if enforcement == EnforceAtApply {
			finding.Severity = Warning
			finding.Detail += "\n\nThe plan passes all the same because migration_enforcement is \"apply\"; the apply will refuse this move."
		}
		return []Finding{finding}
	}
	if warning := a.warning(); warning != nil {
		return []Finding{*warning}
	}
	return nil
}
