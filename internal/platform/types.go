package platform

import "time"

// Datacenter is a hardware region: the unit that owns networks and a domain. Environments are placed in one of its
// environment regions, not in the data centre itself.
type Datacenter struct {
	Name        string
	DisplayName string
	// Domain is the suffix of the host names of environments in this data centre.
	Domain string
	// MigrationAllowed is the hosting provider's permission to move environments from and to this data centre. It is
	// true unless the platform says false; if the field is absent, only Client.CheckMigration can tell.
	MigrationAllowed bool
	InMaintenance    bool
	Default          bool
}

// Region is an environment region, which users choose as the place of an environment. Its Name is unique on the
// platform and is the one to use in every call; it may equal the name of a data centre.
type Region struct {
	Name        string
	DisplayName string
	Description string
	Datacenter  Datacenter
	// Enabled reports whether this account may use the region. It is false if the field is absent.
	Enabled       bool
	InMaintenance bool
	Default       bool
	// L3Group is equal for regions that share a layer-3 network, "" if unknown. What that means for addresses is
	// unverified.
	L3Group string
	// Virtualization lists what the region can run: "CT" (containers), "VM".
	Virtualization []string
}

// Environment is an environment as the platform reports it.
type Environment struct {
	Name        string
	AppID       string
	DisplayName string // "" if it has none
	Domain      string // full host name
	Status      Status
	Region      string // Region.Name
	// Right is what the token's account may do, as sent: OWNER for own environments, other words for shared ones.
	Right      string
	OwnerUID   int64
	CreatorUID int64
	CreatedAt  time.Time // UTC; zero if unknown

	Groups           []string // sorted
	BuiltInSSL       bool
	HighAvailability bool
	Transferring     bool // being handed over to another account
	Broken           bool
	CustomDomains    []string // sorted

	// NodeGroups is in the platform's order. Nodes follows the order of their node groups, then ID.
	NodeGroups []NodeGroup
	Nodes      []Node
	Mounts     []Mount
}

// NodeGroup is a group of nodes of one kind that scale together; the API calls it a layer.
type NodeGroup struct {
	Name           string // cp, bl, sqldb, nosqldb, cache, storage, vps, docker or a custom name
	DisplayName    string
	ScalingMode    string // STATELESS or STATEFUL, "" if unknown
	Virtualization string // CT or VM, "" if unknown
}

// GroupNodes holds the nodes of a node group, at least one. Only the name of the group is certain to be known.
type GroupNodes struct {
	Group NodeGroup
	Nodes []Node
}

// Node is one container or virtual machine of an environment.
type Node struct {
	ID          int64
	NodeGroup   string
	NodeType    string // the stack's keyword, for example nginx, mysql8 or docker
	Name        string // the stack's name
	DisplayName string
	Tag         string
	Image       string // of nodes made from a container image, without tag
	Status      Status // the environment's if the platform does not report the node's own
	Master      bool
	InternalIP  string
	// PublicIPv4 and PublicIPv6 hold the primary address first, the rest sorted.
	PublicIPv4 []string
	PublicIPv6 []string
	URL        string
	AdminURL   string
	// ReservedCloudlets are always paid for. DynamicCloudlets is the limit up to which the node may grow, reserved ones
	// included. One cloudlet is 128 MiB of memory and 400 MHz of processor.
	ReservedCloudlets int
	DynamicCloudlets  int
	DiskGB            int // 0 if unknown
	Virtualization    string
	OS                string
	// Links are the nodes that this one uses, as "layer:alias", or as "number:alias" with the Node.ID of a node of
	// another environment. Volumes are the node's own paths, without mounts. Both are sorted. The platform certainly
	// reports them only for nodes made from a container image. Volumes may include the image's own.
	Links     []string
	Volumes   []string
	Endpoints []Endpoint
	AddOns    []AddOn
}

// Endpoint is a port of a node that is reachable from outside through the platform's shared load balancer.
type Endpoint struct {
	ID          int64
	Name        string
	Domain      string
	PrivatePort int
	PublicPort  int
	Protocol    string // as sent, for example TCP
}

// AddOn is a package installed on a node. It may have handlers that run before and after a migration.
type AddOn struct {
	ID   string
	Name string
}

// Mount is a directory of a node group that is stored on another node, possibly of another environment.
type Mount struct {
	NodeGroup       string
	Path            string
	Protocol        string // NFS or GLUSTER
	ReadOnly        bool
	SourceNodeID    int64
	SourceNodeGroup string
	SourcePath      string
	SourceHost      string
}

// EnvironmentSpec is the configuration of an environment. Zero fields are left to the platform.
type EnvironmentSpec struct {
	Name        string
	Region      string // Region.Name
	DisplayName string
	BuiltInSSL  *bool
	Groups      []string
	NodeGroups  []NodeGroupSpec
}

// NodeGroupSpec is the configuration of a node group. Zero fields are left to the platform.
type NodeGroupSpec struct {
	Name              string
	NodeType          string
	Count             int
	ReservedCloudlets int
	DynamicCloudlets  int // the limit, at least ReservedCloudlets
	DiskGB            int
	Tag               string
	Image             string
	DisplayName       string
	ScalingMode       string // STATELESS or STATEFUL
	PublicIPv4Count   int    // per node
	PublicIPv6Count   int    // per node
	Env               map[string]string
	Cmd               string // the container's start command
	// RegistryURL, RegistryUser and RegistryPassword are for an image in a private registry. The platform never returns
	// them.
	RegistryURL      string
	RegistryUser     string
	RegistryPassword string
	Links            []string // "layer:alias"
	Volumes          []string // paths
	Mounts           []Mount  // NodeGroup is ignored: it is this node group
}

// MigrateRequest asks the platform to move an environment.
type MigrateRequest struct {
	Environment string
	Region      string // target, Region.Name
	Live        bool   // without stopping; otherwise the environment is down for the whole move
	// RequestKey is any random text. The action log is expected to return it as Action.RequestKey, which identifies
	// this move after a lost answer.
	RequestKey string
}

// ActionKind is the kind of an entry in the platform's action log. Kinds that have no constant here keep the
// platform's number.
type ActionKind int

// Kinds of actions that matter to the life of an environment.
const (
	ActionCreate  ActionKind = 2
	ActionDelete  ActionKind = 3
	ActionStart   ActionKind = 4
	ActionStop    ActionKind = 5
	ActionClone   ActionKind = 20
	ActionMigrate ActionKind = 83
)

// Action is an entry of the platform's action log, running or finished.
type Action struct {
	ID          int64
	Kind        ActionKind
	Environment string // name of the environment, "" if the entry has none
	Region      string // target region of a migration, "" if the entry has none
	RequestKey  string // MigrateRequest.RequestKey
	// Started and Finished are on our clock, as PastActions says; zero if unknown, and Finished also while the action
	// runs. The measured difference of the clocks varies, so they vary from one look to the next: use ID to identify an
	// action.
	Started  time.Time
	Finished time.Time
	// Result is the platform's result code, nil while the action runs.
	Result *int
	// Words is the platform's error text.
	Words string
	// Live reports whether a migration was requested as live; nil if the log does not tell. Entries with the arguments
	// of their call are documented, but their form is unverified.
	Live *bool
}

// PriceSource is the origin of a price.
type PriceSource string

// Sources of prices.
const (
	// PricesOfAccount come from the account's own price list, per region.
	PricesOfAccount PriceSource = "platform"
	// PricesOfPlatform are the platform's public default prices, the same for every region; the account's may differ.
	PricesOfPlatform PriceSource = "platform_default"
	// NoPrices means that the platform was asked and has none.
	NoPrices PriceSource = "none"
)

// PriceList holds the known prices.
type PriceList struct {
	Source   PriceSource
	ByRegion map[string]Prices // by Region.Name
	Default  *Prices           // for regions that are not in ByRegion, nil if there is none
}

// For returns the prices of a region, and whether they are known.
func (l PriceList) For(region string) (Prices, bool) {
	if prices, ok := l.ByRegion[region]; ok {
		return prices, true
	}
	if l.Default != nil {
		return *l.Default, true
	}
	return Prices{}, false
}

// Prices are the prices of one region, per unit and hour. A resource without tiers has no known price.
type Prices struct {
	Currency         string // ISO 4217, "" if unknown
	ReservedCloudlet []Tier
	DynamicCloudlet  []Tier
	DiskGB           []Tier
	PublicIPv4       []Tier
	PublicIPv6       []Tier
}

// Tier is the price of one unit if the amount is at least From. Tiers are sorted by From. The last tier that the amount
// reaches prices the whole amount, of which Free units cost nothing.
type Tier struct {
	From  float64
	Free  float64
	Price float64
}

// URL is the address of the environment; empty if the platform does not report its domain.
func (e Environment) URL() string {
	switch {
	case e.Domain == "":
		return ""
	case e.BuiltInSSL:
		return "https://" + e.Domain
	}
	return "http://" + e.Domain
}

// NodesByGroup returns the nodes of each node group, in the order in which the platform reports the nodes.
func (e Environment) NodesByGroup() []GroupNodes {
	var all []GroupNodes
	at := map[string]int{}
	for _, n := range e.Nodes {
		i, known := at[n.NodeGroup]
		if !known {
			i = len(all)
			at[n.NodeGroup] = i
			all = append(all, GroupNodes{Group: NodeGroup{Name: n.NodeGroup}})
		}
		all[i].Nodes = append(all[i].Nodes, n)
	}
	for _, g := range e.NodeGroups {
		if i, known := at[g.Name]; known {
			all[i].Group = g
		}
	}
	return all
}
