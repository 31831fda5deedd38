// Package planreview reads the JSON of a Terraform or OpenTofu plan, says what the plan does to environments of the
// Virtuozzo Application Platform in terms of migrations, and decides whether that is denied. It needs nothing but the
// JSON: no platform, no token, no network. The JSON is somebody else's input, so nothing in it may make it panic.
package planreview

// FormatVersion is the version of the JSON form of a Review. The minor version rises with additions, the major one when
// something is renamed, removed or given another meaning.
const FormatVersion = "1.1"

// Review is what a plan does to environments. It is a value that renderers only read; its texts are plain, neither
// Markdown nor HTML, and each renderer escapes them. Lists are never null and in the order in which they are to be
// shown: the worst first.
type Review struct {
	FormatVersion string `json:"format_version"`
	// TerraformVersion is the version of the program that made the plan, Terraform's or OpenTofu's.
	TerraformVersion string `json:"terraform_version"`
	// Headline is the review in a sentence: "2 environments move: 1 live, 1 offline with new addresses."
	Headline string `json:"headline"`
	// Denied says that the gate is closed: there are denials. What is not understood is among them, whatever the gate.
	Denied bool `json:"denied"`
	// Incomplete says why the plan does not show everything that it would do, in a sentence each; empty if it does.
	Incomplete []string `json:"incomplete"`
	// Moves are the environments that migrate.
	Moves []Move `json:"moves"`
	// Others are what else happens to environments. One that moves and changes otherwise, too, is in both lists.
	Others []Other `json:"others"`
	// CostTotals are what all moves together do to the bill, a total for each currency, and MovesWithoutCost is how many
	// moves are in none of them, because a cost of theirs is not known.
	CostTotals       []CostTotal `json:"cost_totals"`
	MovesWithoutCost int         `json:"moves_without_cost"`
	// Triggered are changes of other resources and data sources of which the plan's JSON names the trigger by no
	// expression, while environments move: a move may be it.
	Triggered []Triggered `json:"triggered"`
	// Denials are the reasons for which the plan is denied.
	Denials []Denial `json:"denials"`
	// Exceptions are what would be denied, did the configuration file not allow it.
	Exceptions []Exception `json:"exceptions"`
	// notUnderstood are the environments that are not as this provider writes them.
	notUnderstood []Denial
}

// Class is the class of a move, by what it does to those who use the environment.
type Class string

// The classes, the worst last.
const (
	// ClassLive has no downtime and keeps addresses and domain.
	ClassLive Class = "live"
	// ClassOffline stops the environment, unless it is stopped anyway, and keeps its addresses.
	ClassOffline Class = "offline"
	// ClassOfflineNewAddresses stops the environment, unless it is stopped anyway, and gives its nodes other addresses.
	ClassOfflineNewAddresses Class = "offline_new_addresses"
	// ClassUnknown is a move of which the plan does not know the kind: it may do anything.
	ClassUnknown Class = "unknown"
)

// The values of Move.Trigger, as the provider's planned_migration has them. There may be others in the future.
const (
	TriggerConfiguration = "configuration"
	TriggerExternalMove  = "external_move"
	TriggerInProgress    = "in_progress"
)

// reasonLiveAvailable is the Move.Reason of a live move against which nothing stands.
const reasonLiveAvailable = "live_available"

// Move is a migration of one environment. Of a move of ClassUnknown only the addresses, Name, From, To as far as it is
// known, PreviousDomain, Nodes and what follows are set, and the truths mean "for all that the plan knows".
type Move struct {
	// Address is the resource instance's, for example module.shop.vap_environment.all["a"].
	Address string `json:"address"`
	// PreviousAddress is the address before a moved block renamed it; empty if none did.
	PreviousAddress string `json:"previous_address,omitempty"`
	// Name is the environment's, for example shop-prod.
	Name  string `json:"name"`
	Class Class  `json:"class"`
	// Trigger is what caused the move: TriggerConfiguration; TriggerExternalMove, when it undoes somebody's move outside
	// Terraform; TriggerInProgress, when it goes on already and the apply only waits for it. Empty if it is not known.
	Trigger string `json:"trigger,omitempty"`
	From    Place  `json:"from"`
	To      Place  `json:"to"`
	// denied and costDenied say that it is denied, and that its cost is a reason. Only what judged returns knows that.
	denied, costDenied bool
	// toRegion is the name of the region, though it be sensitive: to compare with, never to be shown.
	toRegion string
	// Reason is why it is of its kind, as planned_migration says it, for example live_not_possible; reasonLiveAvailable
	// where that says nothing.
	Reason string `json:"reason,omitempty"`
	// Downtime says that the environment is down from the start of the move to its end.
	Downtime bool `json:"downtime"`
	// Window is when it may begin, for example "Sat, Sun 22:00 for 4h, Europe/Berlin"; empty if that is at any time.
	Window       string `json:"window,omitempty"`
	IPChange     bool   `json:"ip_change"`
	DomainChange bool   `json:"domain_change"`
	// Databases and Mounts are the layers that hold databases, and those with mounts. A live move endangers them.
	Databases []string `json:"databases"`
	Mounts    []string `json:"mounts"`
	// LiveDatabase and LiveMounts say that it moves live, or would, and that there are some.
	LiveDatabase bool `json:"live_database"`
	LiveMounts   bool `json:"live_mounts"`
	// CustomDomains are those that are bound to the environment.
	CustomDomains []string `json:"custom_domains"`
	// PreviousDomain and ExpectedDomain are empty if they are not known.
	PreviousDomain string `json:"previous_domain,omitempty"`
	ExpectedDomain string `json:"expected_domain,omitempty"`
	// CostBefore and CostAfter are in one currency. Either is nil if no price is known; CostBefore also if it cannot be
	// compared, because it is in another currency or includes what CostAfter leaves out.
	CostBefore *Cost `json:"cost_before,omitempty"`
	CostAfter  *Cost `json:"cost_after,omitempty"`
	// MissingPermissions are arguments of migration_policy without which the apply will refuse the move.
	MissingPermissions []string `json:"missing_permissions"`
	// Nodes are those that stop or get other addresses, with the addresses they have before the move.
	Nodes []Node `json:"nodes"`
	// Dependents are what the platform knows to depend on the nodes, and variables that hold their addresses.
	Dependents []Dependent `json:"dependents"`
	// dependentsUnknown says that the plan does not tell what depends on them.
	dependentsUnknown bool
	// AddOns are those that may have handlers for migrations.
	AddOns []string `json:"add_ons"`
	// Following are other resources, data sources and outputs that the plan changes and that refer to the environment.
	Following []Reference `json:"following"`
	// Unchanged are those that refer to the environment and stay as they are.
	Unchanged []Reference `json:"unchanged"`
	// HardCoded are places that hold an address or a domain which the environment gives up, and go on holding it.
	HardCoded []HardCoded `json:"hard_coded"`
	// ToDo is what is to be done by hand afterwards, a sentence each.
	ToDo []string `json:"to_do"`
}

// Place is where an environment is. Either is empty if it is not known.
type Place struct {
	Region     string `json:"region,omitempty"`
	Datacenter string `json:"datacenter,omitempty"`
}

// Cost is what an environment costs with every node at its limits, without traffic and licences. A month has 730 hours.
type Cost struct {
	// Currency is empty if the platform does not tell it.
	Currency   string  `json:"currency,omitempty"`
	HourlyMax  float64 `json:"hourly_max"`
	MonthlyMax float64 `json:"monthly_max"`
	// Excludes are what else is left out because it is not known, disk_gb for example.
	Excludes []string `json:"excludes"`
}

// Node is a node as it is before the move.
type Node struct {
	ID         int64    `json:"id"`
	NodeGroup  string   `json:"node_group"`
	InternalIP string   `json:"internal_ip,omitempty"`
	PublicIPv4 []string `json:"public_ipv4"`
	PublicIPv6 []string `json:"public_ipv6"`
}

// Dependent is what depends on the nodes of an environment, as planned_migration says it.
type Dependent struct {
	Kind        string `json:"kind"`
	Environment string `json:"environment"`
	NodeGroup   string `json:"node_group,omitempty"`
	Name        string `json:"name,omitempty"`
}

// Reference is something else of the configuration that refers to an environment.
type Reference struct {
	// Address is a resource instance's or a data source's, output.NAME for an output of the root module, or provider.NAME
	// or provider.NAME.ALIAS for a provider's configuration.
	Address string `json:"address"`
	// Action is what the plan does with it: create, read, update, replace, delete, or no-op; configure for a provider.
	Action string `json:"action"`
	// Attributes are those of the environment to which it refers, for example domain; empty for the environment as a
	// whole.
	Attributes []string `json:"attributes"`
	// Via is through what it refers, from it to the environment, for example module.dns.var.target; empty if it does
	// directly.
	Via []string `json:"via"`
	// ByValue says that the configuration's expressions do not tell the reference: the plan replaces an address or domain
	// that the environment gives up. A local value is the usual reason, because the plan's JSON does not have those.
	ByValue bool `json:"by_value"`
	// Stale says that it refers to an attribute that the move changes, and stays as it is nevertheless: ignore_changes, or
	// an expression that leaves the attribute out.
	Stale bool `json:"stale"`
}

// Triggered is a change that something triggers which the plan's JSON does not name.
type Triggered struct {
	// Address is the resource instance's or data source's.
	Address string `json:"address"`
	// Action is what the plan does with it: replace or read.
	Action string `json:"action"`
	// By is the argument of its configuration that names the trigger: replace_triggered_by or depends_on.
	By string `json:"by"`
}

// HardCoded is a place that holds an old address or domain by value.
type HardCoded struct {
	// Address is a resource instance's or a data source's, output.NAME, provider.NAME for a provider's configuration, or
	// var.NAME for a variable of the root module.
	Address string `json:"address"`
	// Path is where in it, for example ingress[0].cidr_blocks[2]; empty for an output or variable that is the value.
	Path string `json:"path"`
	// Value is the address or domain that it holds. It is empty if the place is sensitive.
	Value     string `json:"value,omitempty"`
	Sensitive bool   `json:"sensitive"`
}

// Action is what a plan does with an environment, apart from migrating it.
type Action string

// The actions.
const (
	ActionCreate Action = "create"
	// ActionDelete deletes the environment with its data.
	ActionDelete Action = "delete"
	// ActionReplace deletes the environment with its data and creates another, empty one.
	ActionReplace Action = "replace"
	// ActionForget leaves the environment alone from now on.
	ActionForget Action = "forget"
	// ActionTopology changes layers.
	ActionTopology Action = "topology"
	// ActionUpdate changes anything else.
	ActionUpdate Action = "update"
	// ActionMovedOutside is none of the plan's: somebody moved the environment, and the plan does not move it.
	ActionMovedOutside Action = "moved_outside"
)

// Other is something that happens to an environment, apart from a migration.
type Other struct {
	Address         string `json:"address"`
	PreviousAddress string `json:"previous_address,omitempty"`
	Name            string `json:"name"`
	Action          Action `json:"action"`
	// Region is where the environment is, or will be created; empty if that is not known.
	Region string `json:"region,omitempty"`
	// RemovedLayers are layers that are removed, with their data.
	RemovedLayers []string `json:"removed_layers"`
	// UnmanagedLayers are layers that stay as they are and are not Terraform's any more.
	UnmanagedLayers []string `json:"unmanaged_layers"`
	// DataLosses are the data that it deletes, or may.
	DataLosses []Loss `json:"data_losses"`
	// RenamedTo is the address under which the plan creates the environment anew that it deletes here, because its
	// configuration was renamed without a moved block; RenamedFrom is the address where it is deleted. Moved is the block
	// that would keep the environment, as it is to be written in the root module.
	RenamedTo   string `json:"renamed_to,omitempty"`
	RenamedFrom string `json:"renamed_from,omitempty"`
	Moved       string `json:"moved,omitempty"`
	// Summary is a clause without the environment's name: "layer cp: count 1 → 2".
	Summary string `json:"summary"`
	// clauses are the parts of the summary where it has some.
	clauses []string
}

// Kind is a kind of thing that can be denied.
type Kind string

// The kinds. The first three are always denied, the others if they are asked for.
const (
	// KindNotUnderstood is an environment in the plan that is not as this provider writes it: it may be anything.
	KindNotUnderstood Kind = "not-understood"
	// KindErrored is a plan that failed.
	KindErrored Kind = "errored"
	// KindMissingPermission is a move that the apply will refuse.
	KindMissingPermission Kind = "missing-permission"
	// KindDataLoss is data that the plan deletes: layers that are removed or replaced, nodes of a layer that keeps data,
	// environments that are deleted or replaced.
	KindDataLoss Kind = "data-loss"
	// KindOffline is a move with downtime, KindWindow one without a window in which it has to begin.
	KindOffline      Kind = "offline"
	KindWindow       Kind = "window"
	KindIPChange     Kind = "ip-change"
	KindDomainChange Kind = "domain-change"
	// KindLiveDatabase is a live move that may lose a database's data.
	KindLiveDatabase Kind = "live-database"
	// KindExternalMove is a move that undoes somebody's outside Terraform.
	KindExternalMove Kind = "external-move"
	// KindUnknown is a move of which the plan does not know the kind.
	KindUnknown Kind = "unknown"
	// KindCostIncrease is a move after which the environment costs more than it may, or nobody knows what it costs.
	KindCostIncrease Kind = "cost-increase"
	KindDelete       Kind = "delete"
	KindReplace      Kind = "replace"
	// KindIncomplete is a plan that leaves something out.
	KindIncomplete Kind = "incomplete"
)

// Denial is one reason for which a plan is denied.
type Denial struct {
	// Address is the environment's; empty if the reason is the plan as a whole.
	Address string `json:"address"`
	Kind    Kind   `json:"kind"`
	// Text is a clause: "it is down from the start of the move to its end".
	Text string `json:"text"`
}

// Exception is what the configuration file allows although it would be denied.
type Exception struct {
	Denial
	// Reason is the one that the configuration file gives.
	Reason string `json:"reason"`
	// Expires is the last day, YYYY-MM-DD, on which the exception holds; empty if it holds for good.
	Expires string `json:"expires,omitempty"`
}

// Empty says that the plan does nothing to environments and nothing is denied: there is nothing to review.
func (r *Review) Empty() bool {
	return len(r.Moves) == 0 && len(r.Others) == 0 && len(r.Denials) == 0 && len(r.Incomplete) == 0
}

// DenialsOf are the reasons at an address; at the empty one, those that concern the plan as a whole.
func (r *Review) DenialsOf(address string) []Denial {
	var denials []Denial
	for _, d := range r.Denials {
		if d.Address == address {
			denials = append(denials, d)
		}
	}
	return denials
}
