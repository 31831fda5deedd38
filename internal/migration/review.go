package migration

import (
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Review returns the obstacles and risks of a move: the refusal if the move is not possible, one error for all missing
// permissions, or a warning if the move is permitted but not harmless. A live move without risks has no findings. The
// catalog must be the one with which the move was assessed.
func (p Policy) Review(a Assessment, catalog RegionCatalog, enforcement Enforcement) []Finding {
	if refusal := p.CheckRegion(a.Environment.Name, a.To.Name, catalog); refusal != nil {
		return []Finding{*refusal}
	}
	for _, check := range []func(Assessment) *Finding{p.refusal, p.CheckCost} {
		if refusal := check(a); refusal != nil {
			refusal.Catalog = catalog
			return []Finding{*refusal}
		}
	}
	finding := p.denied(a)
	if finding != nil && enforcement == EnforceAtApply {
		finding.Severity, finding.PassesPlan = Warning, true
	}
	if finding == nil && (len(a.Needed()) > 0 || len(a.Risks()) > 0) {
		finding = p.about(a, CodeConsequences)
		finding.Severity = Warning
	}
	if finding == nil {
		return nil
	}
	finding.Catalog = catalog
	return []Finding{*finding}
}

// about returns an error about a move.
func (p Policy) about(a Assessment, code Code) *Finding {
	return &Finding{Code: code, Severity: Error, Environment: a.Environment.Name, Assessment: a, Policy: p}
}

// CheckTarget returns why an environment cannot be created in a region or move there: the region does not exist, or
// this account cannot use it now. It is nil if it can.
func (c RegionCatalog) CheckTarget(environment, region string) *Finding {
	target, known := c.Region(region)
	if known && target.Usable() {
		return nil
	}
	code := CodeRegionUnusable
	if !known {
		code = CodeRegionUnknown
	}
	return &Finding{Code: code, Severity: Error, Environment: environment, Region: region, Catalog: c}
}

// CheckRegion returns why the policy does not allow an environment in a region; nil if it does. The catalog may
// be empty: it only helps to say what to do.
func (p Policy) CheckRegion(environment, region string, catalog RegionCatalog) *Finding {
	if p.AllowedRegions == nil || slices.Contains(p.AllowedRegions, region) {
		return nil
	}
	return &Finding{
		Code: CodeRegionNotAllowed, Severity: Error, Environment: environment, Region: region, Catalog: catalog, Policy: p,
	}
}

// refusal returns the finding of a move that is impossible, whatever the policy permits; nil if it is possible.
func (p Policy) refusal(a Assessment) *Finding {
	switch a.Environment.Status {
	case platform.StatusBroken, platform.StatusSuspended:
		return p.about(a, CodeStatus)
	}
	for _, side := range []Region{a.From, a.To} {
		if side.Datacenter != "" && !side.MigrationAllowed {
			finding := p.about(a, CodeDatacenterClosed)
			finding.Closed = side
			return finding
		}
	}
	switch {
	case len(a.WindowsVMs) > 0:
		return p.about(a, CodeWindowsVMs)
	case a.StoppedCluster != "":
		return p.about(a, CodeStoppedCluster)
	case a.Mode == ModeLive && !a.LivePossible:
		return p.about(a, CodeLiveNotPossible)
	case a.Mode == ModeLive && len(a.Storage) > 0:
		return p.about(a, CodeLiveSharedStorage)
	}
	return nil
}

// CheckCost returns the finding of a move after which the environment may cost more than the policy allows; nil if
// it may not, or if the cost is not known.
func (p Policy) CheckCost(a Assessment) *Finding {
	if p.MaxHourlyCost == nil || a.CostAfter == nil || a.CostAfter.HourlyMax <= *p.MaxHourlyCost {
		return nil
	}
	return p.about(a, CodeCostLimit)
}

// denied returns the finding of a move for which the policy does not give permissions, or not for its target; nil if it
// does.
func (p Policy) denied(a Assessment) *Finding {
	var missing, uncovered []Permission
	for _, permission := range a.Needed() {
		switch {
		case !p.gives(permission):
			missing = append(missing, permission)
		case !p.Covers(a.To.Name):
			uncovered = append(uncovered, permission)
		}
	}
	if len(missing)+len(uncovered) == 0 {
		return nil
	}
	code := CodePermissionMissing
	if len(missing) == 0 {
		code = CodeNotPermittedFor
	}
	finding := p.about(a, code)
	finding.Missing, finding.Uncovered = missing, uncovered
	return finding
}

// CheckWindow returns the finding that the policy's window is closed at a time: a warning in a plan, an error at the
// start of a migration. It is nil if the window is open.
func (p Policy) CheckWindow(a Assessment, now time.Time, severity Severity) *Finding {
	if p.Window == nil {
		return nil
	}
	opens, closes := p.Window.Period(now)
	if !opens.After(now) {
		return nil
	}
	finding := p.about(a, CodeWindowClosed)
	finding.Severity = severity
	finding.Now, finding.Opens, finding.Closes = now.In(p.Window.Zone), opens, closes
	return finding
}

// MovedOutside returns the finding that somebody moved the environment while the configuration still names the old
// region.
func MovedOutside(environment string, outside Outside) Finding {
	return Finding{Code: CodeMovedOutside, Severity: Error, Environment: environment, Outside: outside}
}

// MovedOutsideUndecided is MovedOutside for a policy whose on_external_move is known only during the apply.
func MovedOutsideUndecided(environment string, outside Outside) Finding {
	return Finding{Code: CodeMovedOutsideUndecided, Severity: Warning, Environment: environment, Outside: outside}
}

// Risk is something to consider before a move, whatever the policy permits.
type Risk string

// The risks, in the order in which to tell them.
const (
	// RiskSomeIPv6: platforms before version 6.2 fail to migrate an environment of which only some nodes have a public
	// IPv6 address. Likely: platform issue JE-60362.
	RiskSomeIPv6 Risk = "some_ipv6"
	// RiskCertificate: Built-in SSL covers the platform's own domain only, which changes.
	RiskCertificate Risk = "certificate"
	// RiskCustomDomains: CNAME records of the environment's custom domains point to the domain that changes.
	RiskCustomDomains Risk = "custom_domains"
	// RiskIsolatedGroup: whether the environments of an isolated group reach each other
	// between data centres is not documented.
	RiskIsolatedGroup Risk = "isolated_group"
	// RiskDependents: other environments or variables depend on the nodes.
	RiskDependents Risk = "dependents"
)

// Risks lists the risks of a move.
func (a Assessment) Risks() []Risk {
	var risks []Risk
	add := func(applies bool, risk Risk) {
		if applies {
			risks = append(risks, risk)
		}
	}
	add(a.SomeIPv6, RiskSomeIPv6)
	add(a.DomainChange && a.Environment.BuiltInSSL, RiskCertificate)
	add(a.DomainChange && len(a.Environment.CustomDomains) > 0, RiskCustomDomains)
	add(a.IPChange && len(a.IsolatedGroups) > 0, RiskIsolatedGroup)
	mounted := a.Mode == ModeLive && slices.ContainsFunc(a.Environment.Dependents, isMount)
	add(len(a.Environment.Dependents) > 0 && (a.Downtime || a.IPChange || mounted), RiskDependents)
	return risks
}

func isMount(d Dependent) bool { return d.Kind == DependentMount }
