// Package planreview reads the JSON of a Terraform or OpenTofu plan, describes which environments of the Virtuozzo
// Application Platform the plan migrates or changes, and decides whether that is denied. It needs nothing but the
// JSON: no platform, no token, no network. The JSON is foreign input, so nothing in it may cause a panic.
package planreview

// FormatVersion is the version of a Review's JSON. The minor version rises with additions, the major one when
// something is renamed, removed or gets another meaning.
const FormatVersion = "1.1"

// Review is what a plan does to environments. Renderers only read it. Its texts are plain, neither Markdown nor
// HTML, and each renderer escapes them. Lists are never null, and are in display order: the worst first.
type Review struct {
	FormatVersion string `json:"format_version"`
	// TerraformVersion is the version of the Terraform or OpenTofu that made the plan.
	TerraformVersion string `json:"terraform_version"`
	// Headline summarises the review: "2 environments move: 1 live, 1 offline with new addresses."
	Headline string `json:"headline"`
	// Denied says that there are denials. Changes that are not understood are always among them, whatever the gate.
	Denied bool `json:"denied"`
	// Incomplete has sentences that say why the plan does not show all that it would do; empty if it does.
	Incomplete []string `json:"incomplete"`
	// Moves are the environments that migrate.
	Moves []Move `json:"moves"`
	// Others are other changes of environments. An environment that moves and also changes otherwise is in both lists.
	Others []Other `json:"others"`
	// CostTotals are the costs of all moves together, a total for each currency. MovesWithoutCost is the number of
	// moves in no total, because one of their costs is not known.
	CostTotals       []CostTotal `json:"cost_totals"`
	MovesWithoutCost int         `json:"moves_without_cost"`
	// Triggered are changes of other resources and data sources for which no expression in the plan's JSON names the
	// trigger. If environments move, a move may be the trigger.
	Triggered []Triggered `json:"triggered"`
	// Denials are the reasons why the plan is denied.
	Denials []Denial `json:"denials"`
	// Exceptions are what would be denied if the configuration file did not allow it.
	Exceptions []Exception `json:"exceptions"`
	// notUnderstood are the environments that do not have the shape that this provider writes.
	notUnderstood []Denial
}

// Class is the class of a move, by its effect on the users of the environment.
type Class string

// The classes, the worst last.
const (
	// ClassLive has no downtime and keeps addresses and domain.
	ClassLive Class = "live"
	// ClassOffline stops the environment, unless it is stopped anyway, and keeps its addresses.
	ClassOffline Class = "offline"
	// ClassOfflineNewAddresses stops the environment, unless it is stopped anyway, and gives its nodes other addresses.
	ClassOfflineNewAddresses Class = "offline_new_addresses"
	// ClassUnknown is a move whose kind is not known in the plan: it may do anything.
	ClassUnknown Class = "unknown"
)

// The values of Move.Trigger, from the provider's planned_migration. There may be others in the future.
const (
	TriggerConfiguration = "configuration"
	TriggerExternalMove  = "external_move"
	TriggerInProgress    = "in_progress"
)

// reasonLiveAvailable is the Move.Reason of a live move without any obstacle.
const reasonLiveAvailable = "live_available"

// Move is a migration of one environment. A move of ClassUnknown has only the addresses, Name, From, To as far as
// it is known, PreviousDomain, Nodes and the lists of references and hard-coded values. Its booleans are false,
// because the plan does not know them.
type Move struct {
	// Address is the address of the resource instance, for example module.shop.vap_environment.all["a"].
	Address string `json:"address"`
	// PreviousAddress is the address before a moved block renamed it; empty if none did.
	PreviousAddress string `json:"previous_address,omitempty"`
	// Name is the environment's name, for example shop-prod.
	Name  string `json:"name"`
	Class Class  `json:"class"`
	// Trigger is the cause of the move: TriggerConfiguration; TriggerExternalMove if it reverts a move outside Terraform;
	// TriggerInProgress if it is already running and the apply only waits for it. Empty if it is not known.
	Trigger string `json:"trigger,omitempty"`
	From    Place  `json:"from"`
	To      Place  `json:"to"`
	// denied says that the move is denied, costDenied that its cost is a reason. Only judged sets them.
	denied, costDenied bool
	// toRegion is the name of the region, even if it is sensitive. It is compared, but never shown.
	toRegion string
	// Reason is why the move is of its kind, from planned_migration, for example live_not_possible;
	// reasonLiveAvailable if that is null.
	Reason string `json:"reason,omitempty"`
	// Downtime says that the environment is down from the start of the move to its end.
	Downtime bool `json:"downtime"`
	// Window is when the move may begin, for example "Sat, Sun 22:00 for 4h, Europe/Berlin"; empty if at any time.
	Window       string `json:"window,omitempty"`
	IPChange     bool   `json:"ip_change"`
	DomainChange bool   `json:"domain_change"`
	// Databases are the layers with databases, Mounts those with mounts. A live move endangers them.
	Databases []string `json:"databases"`
	Mounts    []string `json:"mounts"`
	// LiveDatabase and LiveMounts say that the environment moves live, or would, and has databases or mounts.
	LiveDatabase bool `json:"live_database"`
	LiveMounts   bool `json:"live_mounts"`
	// CustomDomains are the domains that are bound to the environment.
	CustomDomains []string `json:"custom_domains"`
	// PreviousDomain and ExpectedDomain are empty if they are not known.
	PreviousDomain string `json:"previous_domain,omitempty"`
	ExpectedDomain string `json:"expected_domain,omitempty"`
	// CostBefore and CostAfter are in one currency. Each is nil if its price is not known. CostBefore is also nil if
	// it cannot be compared, because it is in another currency or includes something that CostAfter leaves out.
	CostBefore *Cost `json:"cost_before,omitempty"`
	CostAfter  *Cost `json:"cost_after,omitempty"`
	// MissingPermissions are arguments of migration_policy without which the apply refuses the move.
	MissingPermissions []string `json:"missing_permissions"`
	// Nodes are the nodes that stop or get other addresses, with their addresses before the move.
	Nodes []Node `json:"nodes"`
	// Dependents are what the platform reports as depending on the nodes, and variables that hold their addresses.
	Dependents []Dependent `json:"dependents"`
	// dependentsUnknown says that the plan does not know the dependents.
	dependentsUnknown bool
	// AddOns are the add-ons that may have handlers for migrations.
	AddOns []string `json:"add_ons"`
	// Following are other resources, data sources and outputs that the plan changes and that refer to the environment.
	Following []Reference `json:"following"`
	// Unchanged are references to the environment that do not change.
	Unchanged []Reference `json:"unchanged"`
	// HardCoded are places that contain an old address or domain of the environment, and keep it.
	HardCoded []HardCoded `json:"hard_coded"`
	// ToDo has sentences that say what to do by hand afterwards.
	ToDo []string `json:"to_do"`
}

// Place is where an environment is. Region and Datacenter are empty if they are not known.
type Place struct {
	Region     string `json:"region,omitempty"`
	Datacenter string `json:"datacenter,omitempty"`
}

// Cost is the cost of an environment with every node at its limits, without traffic and licences. A month has 730
// hours.
type Cost struct {
	// Currency is empty if the platform does not report it.
	Currency   string  `json:"currency,omitempty"`
	HourlyMax  float64 `json:"hourly_max"`
	MonthlyMax float64 `json:"monthly_max"`
	// Excludes are other parts that are left out because they are not known, for example disk_gb.
	Excludes []string `json:"excludes"`
}

// Node is a node before the move.
type Node struct {
	ID         int64    `json:"id"`
	NodeGroup  string   `json:"node_group"`
	InternalIP string   `json:"internal_ip,omitempty"`
	PublicIPv4 []string `json:"public_ipv4"`
	PublicIPv6 []string `json:"public_ipv6"`
}

// Dependent is something that depends on the nodes of an environment, from planned_migration.
type Dependent struct {
	Kind        string `json:"kind"`
	Environment string `json:"environment"`
	NodeGroup   string `json:"node_group,omitempty"`
	Name        string `json:"name,omitempty"`
}

// Reference is something else in the configuration that refers to an environment.
type Reference struct {
	// Address is the address of a resource instance or data source, output.NAME for an output of the root module, or
	// provider.NAME or provider.NAME.ALIAS for a provider's configuration.
	Address string `json:"address"`
	// Action is what the plan does with it: create, read, update, replace, delete, or no-op; configure for a provider.
	Action string `json:"action"`
	// Attributes are the environment's attributes to which it refers, for example domain; empty for the environment as
	// a whole.
	Attributes []string `json:"attributes"`
	// Via is the path from it to the environment, for example module.dns.var.target; empty for a direct reference.
	Via []string `json:"via"`
	// ByValue says that no expression shows the reference: the plan replaces an old address or domain of the environment.
	// The usual cause is a local value, because the plan's JSON does not contain these.
	ByValue bool `json:"by_value"`
	// Stale says that it refers to an attribute that the move changes, but does not change itself: because of
	// ignore_changes, or because an expression drops the attribute.
	Stale bool `json:"stale"`
}

// Triggered is a change whose trigger the plan's JSON does not name.
type Triggered struct {
	// Address is the address of the resource instance or data source.
	Address string `json:"address"`
	// Action is what the plan does with it: replace or read.
	Action string `json:"action"`
	// By is the argument of its configuration that names the trigger: replace_triggered_by or depends_on.
	By string `json:"by"`
}

// HardCoded is a place that contains an old address or domain as a value.
type HardCoded struct {
	// Address is the address of a resource instance or data source, output.NAME, provider.NAME for a provider's
	// configuration, or var.NAME for a variable of the root module.
	Address string `json:"address"`
	// Path is the position in it, for example ingress[0].cidr_blocks[2]; empty if the whole output or variable is the
	// value.
	Path string `json:"path"`
	// Value is the address or domain in it. It is empty if the place is sensitive.
	Value     string `json:"value,omitempty"`
	Sensitive bool   `json:"sensitive"`
}

// Action is what a plan does to an environment apart from migrating it.
type Action string

// The actions.
const (
	ActionCreate Action = "create"
	// ActionDelete deletes the environment with its data.
	ActionDelete Action = "delete"
	// ActionReplace deletes the environment with its data and creates another, empty one.
	ActionReplace Action = "replace"
	// ActionForget removes the environment from the state and leaves it alone.
	ActionForget Action = "forget"
	// ActionTopology changes layers.
	ActionTopology Action = "topology"
	// ActionUpdate changes anything else.
	ActionUpdate Action = "update"
	// ActionMovedOutside is not done by the plan: somebody moved the environment, and the plan does not move it.
	ActionMovedOutside Action = "moved_outside"
)

// Other is a change of an environment apart from a migration.
type Other struct {
	Address         string `json:"address"`
	PreviousAddress string `json:"previous_address,omitempty"`
	Name            string `json:"name"`
	Action          Action `json:"action"`
	// Region is where the environment is or will be created; empty if that is not known.
	Region string `json:"region,omitempty"`
	// RemovedLayers are layers that are removed with their data.
	RemovedLayers []string `json:"removed_layers"`
	// UnmanagedLayers are layers that stay as they are, but Terraform no longer manages them.
	UnmanagedLayers []string `json:"unmanaged_layers"`
	// DataLosses are the data losses that it causes, or may cause.
	DataLosses []Loss `json:"data_losses"`
	// RenamedTo is the address at which the plan creates or imports the environment again that it deletes here,
	// because its configuration was renamed without a moved block; RenamedFrom is the address at which it is deleted.
	// Moved is the block that would keep the environment, to be written in the root module.
	RenamedTo   string `json:"renamed_to,omitempty"`
	RenamedFrom string `json:"renamed_from,omitempty"`
	Moved       string `json:"moved,omitempty"`
	// Summary is a clause without the environment's name: "layer cp: count 1 → 2".
	Summary string `json:"summary"`
	// clauses are the parts of the summary, if it has several.
	clauses []string
}

// Kind is a kind of change that can be denied.
type Kind string

// The kinds. The first three are always denied, the others on request.
const (
	// KindNotUnderstood is an environment that does not have the shape that this provider writes: it may be anything.
	KindNotUnderstood Kind = "not-understood"
	// KindErrored is a plan that failed.
	KindErrored Kind = "errored"
	// KindMissingPermission is a move that the apply will refuse.
	KindMissingPermission Kind = "missing-permission"
	// KindDataLoss is data that the plan deletes: layers that are removed or replaced, nodes of a layer that keeps
	// data, volumes, environments that are deleted or replaced.
	KindDataLoss Kind = "data-loss"
	// KindOffline is a move with downtime, KindWindow one without a window that limits when it may begin.
	KindOffline      Kind = "offline"
	KindWindow       Kind = "window"
	KindIPChange     Kind = "ip-change"
	KindDomainChange Kind = "domain-change"
	// KindLiveDatabase is a live move that may lose a database's data.
	KindLiveDatabase Kind = "live-database"
	// KindExternalMove is a move that reverts a move outside Terraform.
	KindExternalMove Kind = "external-move"
	// KindUnknown is a move whose kind is not known in the plan.
	KindUnknown Kind = "unknown"
	// KindCostIncrease is a move that raises the cost above the limit, or whose cost increase is not known.
	KindCostIncrease Kind = "cost-increase"
	KindDelete       Kind = "delete"
	KindReplace      Kind = "replace"
	// KindIncomplete is a plan that leaves something out.
	KindIncomplete Kind = "incomplete"
)

// Denial is one reason why a plan is denied.
type Denial struct {
	// Address is the address of the environment; empty if the reason concerns the plan as a whole.
	Address string `json:"address"`
	Kind    Kind   `json:"kind"`
	// Text is a clause: "it is down from the start of the move to its end".
	Text string `json:"text"`
}

// Exception is a denial that the configuration file allows.
type Exception struct {
	Denial
	// Reason is the reason in the configuration file.
	Reason string `json:"reason"`
	// Expires is the last day of the exception, YYYY-MM-DD; empty if it never expires.
	Expires string `json:"expires,omitempty"`
}

// Empty says that there is nothing to review: the plan does nothing to environments, and nothing is denied.
func (r *Review) Empty() bool {
	return len(r.Moves) == 0 && len(r.Others) == 0 && len(r.Denials) == 0 && len(r.Incomplete) == 0
}

// DenialsOf returns the denials at an address; for the empty address, those of the plan as a whole.
func (r *Review) DenialsOf(address string) []Denial {
	var denials []Denial
	for _, d := range r.Denials {
		if d.Address == address {
			denials = append(denials, d)
		}
	}
	return denials
}
