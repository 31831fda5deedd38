package migration

import (
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Mode is a kind of migration. In a policy it may also be ModeAuto, which lets the provider choose.
type Mode string

// The kinds of migration.
const (
	ModeAuto Mode = "auto"
	// ModeLive moves running containers without a restart.
	ModeLive Mode = "live"
	// ModeOffline stops the whole environment until the move ends.
	ModeOffline Mode = "offline"
)

// Reason is why a migration is live or offline.
type Reason string

// The reasons, in the order in which they are checked.
const (
	ReasonEnvironmentStopped Reason = "environment_stopped"
	ReasonRequested          Reason = "requested"
	ReasonLiveNotPossible    Reason = "live_not_possible"
	ReasonSharedStorage      Reason = "shared_storage"
	ReasonDatabase           Reason = "database"
	ReasonMounts             Reason = "mounts"
	ReasonLiveAvailable      Reason = "live_available"
)

// Trigger is what caused a migration to be planned.
type Trigger string

// The triggers.
const (
	// TriggerConfiguration is a change of the region attribute.
	TriggerConfiguration Trigger = "configuration"
	// TriggerExternalMove is a move back after somebody moved the environment outside Terraform.
	TriggerExternalMove Trigger = "external_move"
	// TriggerInProgress is a migration that is already running, whoever requested it.
	TriggerInProgress Trigger = "in_progress"
)

// Request describes a move of an environment to another region that Assess assesses.
type Request struct {
	Environment Environment
	// To is the unique name of the region to move to.
	To      string
	Policy  Policy
	Regions RegionCatalog
	// After are the environment's node groups as the apply will leave them, if it changes them after the move;
	// otherwise nil. They affect only the cost after the move.
	After []NodeGroup
}

// Assessment describes a move of an environment to another region under the mode and the database node groups of a
// policy, whether or not the move is permitted.
type Assessment struct {
	Environment Environment
	From, To    Region
	// ToKnown reports whether the platform lists the target region at all.
	ToKnown bool

	Mode   Mode
	Reason Reason
	// LivePossible reports whether the two regions allow a live move at all; WhyNotLive says why not.
	LivePossible bool
	WhyNotLive   LiveObstacle
	LiveTargets  []string
	// OtherNetwork reports whether an offline move would give the nodes new addresses.
	OtherNetwork bool

	// Databases, Storage and Mounted are the names of the node groups that a live move would endanger or that rule it
	// out.
	Databases, Storage, Mounted []string
	// WindowsVMs are the names of the node groups of virtual machines that run Windows,
	// which the platform does not migrate.
	WindowsVMs []string
	// SomeIPv6 reports whether some nodes have a public IPv6 address and others have none.
	SomeIPv6 bool
	// IsolatedGroups are the isolated groups to which the environment belongs. Assess does not set them: they are
	// looked up only for messages, if a move changes addresses.
	IsolatedGroups []string
	// StoppedCluster is the name of a database node group of several nodes in a stopped
	// environment, empty if there is none.
	StoppedCluster string

	Downtime, IPChange, DomainChange bool
	PreviousDomain                   string
	// ExpectedDomain is empty if the platform does not report the target's domain.
	ExpectedDomain string
	// AffectedNodes are the nodes that stop or get new addresses.
	AffectedNodes []int64
	PublicIPv4    int
	PublicIPv6    int

	// CostBefore and CostAfter are nil if no price is known.
	CostBefore, CostAfter *Cost
}

// Assess assesses a move of an environment. It is a pure function: the same request always has the same result, so an
// apply can carry out exactly what the plan shows.
func Assess(r Request) Assessment {
	a := Assessment{Environment: r.Environment, PreviousDomain: r.Environment.Domain}
	a.From, _ = r.Regions.named(r.Environment.Region)
	a.To, a.ToKnown = r.Regions.named(r.To)
	a.LiveTargets = r.Regions.LiveTargets(a.From)
	a.WhyNotLive = r.Regions.LiveObstacle(a.From, a.To)
	a.LivePossible = a.WhyNotLive == ""
	a.inspect(r.Policy)

	a.Mode, a.Reason = a.kind(r.Policy)
	a.Downtime = a.Mode == ModeOffline && r.Environment.Status != platform.StatusStopped
	a.OtherNetwork = !sameDatacenter(a.From, a.To) || !sameNetwork(a.From, a.To)
	a.IPChange = a.Mode == ModeOffline && a.OtherNetwork

	a.ExpectedDomain = a.PreviousDomain
	if a.Mode == ModeOffline && !sameDatacenter(a.From, a.To) {
		a.ExpectedDomain = expectedDomain(r.Environment.Name, a.To)
	}
	a.DomainChange = a.ExpectedDomain != a.PreviousDomain

	if a.Downtime || a.IPChange {
		for _, n := range r.Environment.Nodes {
			a.AffectedNodes = append(a.AffectedNodes, n.ID)
		}
	}
	a.CostBefore = r.Regions.cost(r.Environment, a.From.Name)
	after := r.Environment
	if r.After != nil {
		after.NodeGroups = r.After
	}
	a.CostAfter = r.Regions.cost(after, a.To.Name)
	return a
}

// named returns a region by name; if the platform does not list it, only the name is set.
func (c RegionCatalog) named(name string) (region Region, listed bool) {
	if region, listed = c.Region(name); !listed {
		region = Region{Name: name}
	}
	return region, listed
}

// inspect finds what determines the kind of the environment's move, or makes it risky.
func (a *Assessment) inspect(p Policy) {
	for _, l := range a.Environment.NodeGroups {
		if l.IsSharedStorage() {
			a.Storage = append(a.Storage, l.Name)
		}
		if p.isDatabase(l) {
			a.Databases = append(a.Databases, l.Name)
			if a.Environment.Status == platform.StatusStopped && l.Nodes > 1 && a.StoppedCluster == "" {
				a.StoppedCluster = l.Name
			}
		}
		if l.WindowsVM {
			a.WindowsVMs = append(a.WindowsVMs, l.Name)
		}
		a.PublicIPv4 += l.PublicIPv4
		a.PublicIPv6 += l.PublicIPv6
	}
	for _, m := range a.Environment.Mounts {
		if !slices.Contains(a.Mounted, m.NodeGroup) {
			a.Mounted = append(a.Mounted, m.NodeGroup)
		}
	}
	hasIPv6 := func(n NodeRef) bool { return n.PublicIPv6 > 0 }
	hasNone := func(n NodeRef) bool { return n.PublicIPv6 == 0 }
	a.SomeIPv6 = slices.ContainsFunc(a.Environment.Nodes, hasIPv6) && slices.ContainsFunc(a.Environment.Nodes, hasNone)
}

// sameDatacenter reports whether two regions are known to be in one data centre.
func sameDatacenter(a, b Region) bool { return a.Datacenter != "" && a.Datacenter == b.Datacenter }

// sameNetwork reports whether two regions of a data centre are in one layer-3 network, as far as the platform tells.
func sameNetwork(a, b Region) bool {
	return a.L3Group == "" || b.L3Group == "" || a.L3Group == b.L3Group
}

// kind decides between live and offline. In live mode it chooses live wherever the platform supports it; the policy
// decides about the rest.
func (a Assessment) kind(p Policy) (Mode, Reason) {
	switch {
	case a.Environment.Status == platform.StatusStopped:
		return ModeOffline, ReasonEnvironmentStopped
	case p.mode() != ModeAuto:
		return p.mode(), ReasonRequested
	case !a.LivePossible:
		return ModeOffline, ReasonLiveNotPossible
	case len(a.Storage) > 0:
		return ModeOffline, ReasonSharedStorage
	case len(a.Databases) > 0:
		return ModeOffline, ReasonDatabase
	case len(a.Mounted) > 0:
		return ModeOffline, ReasonMounts
	}
	return ModeLive, ReasonLiveAvailable
}

// expectedDomain returns the domain that an environment will have in a region, empty if the platform does not report
// the region's domain.
func expectedDomain(environment string, to Region) string {
	if to.Domain == "" {
		return ""
	}
	return environment + "." + strings.TrimPrefix(to.Domain, ".")
}
