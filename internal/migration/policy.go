package migration

import "slices"

// Policy is what a configuration permits a migration to do. The zero value is the default: choose the kind,
// permit neither downtime nor new addresses.
type Policy struct {
	// Mode is the configured kind of move; empty means ModeAuto.
	Mode Mode
	// AllowDowntime permits a move that stops a running environment.
	AllowDowntime bool
	// AllowIPChange permits a move that gives the nodes new addresses.
	AllowIPChange bool
	// AllowLiveDatabases permits an explicitly live move of databases, which may lose or damage data.
	AllowLiveDatabases bool
	// AllowLiveMounts permits an explicitly live move of node groups with NFS or GlusterFS mounts, which do not work
	// during the move.
	AllowLiveMounts bool
	// PermitFor limits all permissions to these target regions; nil means every region.
	PermitFor []string
	// AllowedRegions are the only regions to which the environment may ever go; nil means every region.
	AllowedRegions []string
	// MaxHourlyCost is the highest cost per hour that the environment may have after a move, with all nodes at their
	// limits, in the currency of the region's prices; nil means any. An unknown cost is not limited.
	MaxHourlyCost *float64
	// Window is when a move may begin; nil means at any time. It is not a permission: a move outside it is only too
	// early.
	Window *Window
	// DatabaseLayers replaces the detection of database node groups by name; nil means detection.
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

// Covers reports whether the policy's permissions apply to a move to the region.
func (p Policy) Covers(region string) bool {
	return p.PermitFor == nil || slices.Contains(p.PermitFor, region)
}

// gives reports whether the policy has a permission, for any region.
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

// permits reports whether the policy gives a permission for a move to the region.
func (p Policy) permits(permission Permission, region string) bool {
	return p.gives(permission) && p.Covers(region)
}

// Needed lists the permissions that a move needs, in the order in which messages name them.
func (a Assessment) Needed() []Permission {
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
	for _, permission := range a.Needed() {
		if !p.permits(permission, a.To.Name) {
			missing = append(missing, permission)
		}
	}
	return missing
}
