// Package wire holds the JSON shapes and the numbers of the Virtuozzo Application Platform's HTTP API (base path
// /1.0/), shared by the client in internal/platform and the server in internal/localplatform.
//
// The names here are the platform's wire names, which differ in several places from the class names of its public API
// reference (8.0.2): hardNodeGroups for hardwareNodeGroups, ismaster for isMaster, sslstate for sslState. Every field
// may be absent in an answer: the platform leaves null fields out. It leaves nothing else out: of answers, numbers and
// booleans are written even if they are 0 or false. How certain each fact is, and what remains to be
// verified on a live platform, stands in internal/platform/README.md.
package wire

// TimeLayout is the layout of createdOn and of the times in the action log, in UTC.
const TimeLayout = "2006-01-02 15:04:05"

// Region is a data centre as getregions lists it; the environment regions that users see are its HardNodeGroups.
type Region struct {
	UniqueName  string `json:"uniqueName,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
	// Domain is the domain under which environments of this data centre are reached: <environment>.<domain>.
	Domain             string          `json:"domain,omitempty"`
	IsMigrationAllowed *bool           `json:"isMigrationAllowed,omitempty"`
	Status             string          `json:"status,omitempty"`
	IsDefault          bool            `json:"isDefault"`
	SSLEnabled         *bool           `json:"sslEnabled,omitempty"`
	HardNodeGroups     []HardNodeGroup `json:"hardNodeGroups,omitempty"`
	// HardwareNodeGroups is the API reference's name for the same list. Servers send hardNodeGroups.
	HardwareNodeGroups []HardNodeGroup `json:"hardwareNodeGroups,omitempty"`
}

// HardNodeGroup is an environment region: a group of hosts of one data centre.
type HardNodeGroup struct {
	UniqueName       string   `json:"uniqueName,omitempty"`
	DisplayName      string   `json:"displayName,omitempty"`
	Description      string   `json:"description,omitempty"`
	ShortDescription string   `json:"shortDescription,omitempty"`
	IsEnabled        *bool    `json:"isEnabled,omitempty"`
	IsDefault        bool     `json:"isDefault"`
	Status           string   `json:"status,omitempty"`
	RegionUniqueName string   `json:"regionUniqueName,omitempty"`
	L3Group          string   `json:"l3Group,omitempty"`
	VTypes           []string `json:"vTypes,omitempty"`
	OSTypes          []string `json:"osTypes,omitempty"`
	Engine           string   `json:"engine,omitempty"`
}

// Values of Region.Status and HardNodeGroup.Status.
const (
	RegionActive      = "ACTIVE"
	RegionMaintenance = "MAINTENANCE"
)

// Env is the environment itself.
type Env struct {
	AppID             string     `json:"appid,omitempty"`
	EnvName           string     `json:"envName,omitempty"`
	ShortDomain       string     `json:"shortdomain,omitempty"`
	Domain            string     `json:"domain,omitempty"`
	DisplayName       string     `json:"displayName,omitempty"`
	Status            int        `json:"status"`
	HardwareNodeGroup string     `json:"hardwareNodeGroup,omitempty"`
	HostGroup         *HostGroup `json:"hostGroup,omitempty"`
	UID               int64      `json:"uid"`
	CreatorUID        int64      `json:"creatorUid"`
	CreatedOn         string     `json:"createdOn,omitempty"`
	SSLState          bool       `json:"sslstate"`
	IsHAEnabled       bool       `json:"ishaenabled"`
	IsTransferring    bool       `json:"isTransferring"`
	IsFirewallEnabled bool       `json:"isFirewallEnabled"`
	IsBroken          bool       `json:"isBroken"`
	ExtDomains        []string   `json:"extdomains,omitempty"`
	Engine            *Engine    `json:"engine,omitempty"`
}

// HostGroup names the environment region in which an environment is.
type HostGroup struct {
	UniqueName  string `json:"uniqueName,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
}

// Engine is the language engine of an environment with a compute layer.
type Engine struct {
	ID      int64  `json:"id"`
	Keyword string `json:"keyword,omitempty"`
	Name    string `json:"name,omitempty"`
	Type    string `json:"type,omitempty"`
	Version string `json:"version,omitempty"`
}

// NodeGroup is a layer of an environment, such as cp, bl or sqldb.
type NodeGroup struct {
	Name         string   `json:"name,omitempty"`
	DisplayName  string   `json:"displayName,omitempty"`
	ScalingMode  string   `json:"scalingMode,omitempty"`
	TemplateType string   `json:"templateType,omitempty"`
	VType        string   `json:"vType,omitempty"`
	Features     []string `json:"features,omitempty"`
}

// Node is one container or virtual machine.
type Node struct {
	ID          int64  `json:"id"`
	Name        string `json:"name,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
	// NodeType is the stack's keyword, for example nginx or docker.
	NodeType    string `json:"nodeType,omitempty"`
	NodeGroup   string `json:"nodeGroup,omitempty"`
	NodeMission string `json:"nodemission,omitempty"`
	Type        string `json:"type,omitempty"`
	// Version is the stack's tag.
	Version  string `json:"version,omitempty"`
	Status   int    `json:"status"`
	IsMaster bool   `json:"ismaster"`
	// Address is the public address if there is one, else the internal one.
	Address            string   `json:"address,omitempty"`
	IntIP              string   `json:"intIP,omitempty"`
	ExtIPs             []string `json:"extIPs,omitempty"`
	ExtIPsV6           []string `json:"extipsv6,omitempty"`
	URL                string   `json:"url,omitempty"`
	AdminURL           string   `json:"adminUrl,omitempty"`
	FixedCloudlets     int      `json:"fixedCloudlets"`
	FlexibleCloudlets  int      `json:"flexibleCloudlets"`
	MaxChanks          int      `json:"maxchanks"`
	DiskLimit          int      `json:"diskLimit"` // MB: 50 GB reads 50000
	DiskIoLimit        int      `json:"diskIoLimit"`
	DiskIopsLimit      int      `json:"diskIopsLimit"`
	BandwidthLimit     int      `json:"bandwidthLimit"`
	CTID               int64    `json:"ctid"`
	Port               int      `json:"port"`
	User               string   `json:"user,omitempty"`
	OSType             string   `json:"osType,omitempty"`
	VType              string   `json:"vType,omitempty"`
	IsExternalIPNeeded bool     `json:"isExternalIpRequired"`
	// CustomItem is there for nodes made from a container image.
	CustomItem *CustomItem `json:"customitem,omitempty"`
	Endpoints  []Endpoint  `json:"endpoints,omitzero"`
	AddOns     []AddOn     `json:"addons"`
}

// Endpoint is a port of a node that the platform's shared load balancer makes reachable from outside.
type Endpoint struct {
	ID          int64  `json:"id"`
	Name        string `json:"name,omitempty"`
	Domain      string `json:"domain,omitempty"`
	PrivatePort int    `json:"privatePort"`
	PublicPort  int    `json:"publicPort"`
	Protocol    string `json:"protocol,omitempty"`
}

// AddOn is a package installed on a node. That nodes have a list of them is certain, its shape is unverified.
type AddOn struct {
	UniqueName string `json:"uniqueName,omitempty"`
	Name       string `json:"name,omitempty"`
}

// CustomItem describes the image of a node of type docker.
type CustomItem struct {
	DockerName        string   `json:"dockerName,omitempty"`
	DockerTag         string   `json:"dockerTag,omitempty"`
	DockerOS          string   `json:"dockerOs,omitempty"`
	DockerVolumes     []string `json:"dockerVolumes,omitzero"`
	DockerVolumesFrom []string `json:"dockerVolumesFrom,omitzero"`
	// DockerLinks are the links in both directions.
	DockerLinks    []DockerLink    `json:"dockerLinks,omitempty"`
	DockerManifest *DockerManifest `json:"dockerManifest,omitempty"`
}

// DockerLink is a link between two nodes as seen from one of them. Type is IN where this node is the one that uses
// the other under the alias.
type DockerLink struct {
	Type         string `json:"type,omitempty"`
	SourceNodeID int64  `json:"sourceNodeId"`
	Alias        string `json:"alias,omitempty"`
}

// DockerManifest is what is known of a container's image and start. Env lists the variables that the image declares, as
// name=value.
type DockerManifest struct {
	Cmd        []string `json:"cmd,omitempty"`
	Entrypoint []string `json:"entrypoint"`
	Env        []string `json:"env"`
	OS         string   `json:"os,omitempty"`
	Volumes    []string `json:"volumes"`
	Workdir    string   `json:"workdir,omitempty"`
}

// MountPoint is a directory of a layer that is kept on another node. That getenvinfo has a list of them is certain;
// the fields are taken from the volumeMounts of a creation request and are unverified.
type MountPoint struct {
	NodeGroup string `json:"nodeGroup,omitempty"`
	Path      string `json:"path,omitempty"`
	// Protocol is NFS or GLUSTER.
	Protocol          string `json:"protocol,omitempty"`
	ReadOnly          bool   `json:"readOnly,omitempty"`
	SourceAddressType string `json:"sourceAddressType,omitempty"`
	SourceNodeID      int64  `json:"sourceNodeId,omitempty"`
	SourceNodeGroup   string `json:"sourceNodeGroup,omitempty"`
	SourcePath        string `json:"sourcePath,omitempty"`
	SourceHost        string `json:"sourceHost,omitempty"`
}

// EnvSpec is the env parameter of createenvironment and changetopology.
type EnvSpec struct {
	ShortDomain string `json:"shortdomain,omitempty"`
	// Region is the unique name of the hardware node group, not of the data centre.
	Region      string `json:"region,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
	Engine      string `json:"engine,omitempty"`
	IsHAEnabled bool   `json:"ishaenabled,omitempty"`
	SSLState    *bool  `json:"sslstate,omitempty"`
}

// NodeSpec is an element of the nodes parameter of createenvironment and changetopology: a whole layer.
type NodeSpec struct {
	NodeType          string                `json:"nodeType,omitempty"`
	NodeGroup         string                `json:"nodeGroup,omitempty"`
	Mission           string                `json:"mission,omitempty"`
	Count             int                   `json:"count,omitempty"`
	FixedCloudlets    int                   `json:"fixedCloudlets,omitempty"`
	FlexibleCloudlets int                   `json:"flexibleCloudlets,omitempty"`
	DiskLimit         int                   `json:"diskLimit,omitempty"` // GB, unlike Node.DiskLimit
	DisplayName       string                `json:"displayName,omitempty"`
	Tag               string                `json:"tag,omitempty"`
	Image             string                `json:"image,omitempty"`
	Docker            *DockerSpec           `json:"docker,omitempty"`
	Registry          *RegistrySpec         `json:"registry,omitempty"`
	ExtIP             bool                  `json:"extip,omitempty"`
	ExtIPv4           int                   `json:"extipv4,omitempty"`
	ExtIPv6           int                   `json:"extipv6,omitempty"`
	Env               map[string]string     `json:"env,omitempty"`
	Volumes           []string              `json:"volumes,omitempty"`
	VolumeMounts      map[string]MountPoint `json:"volumeMounts,omitempty"`
	VolumesFrom       []string              `json:"volumesFrom,omitempty"`
	Links             []string              `json:"links,omitempty"`
	ScalingMode       string                `json:"scalingMode,omitempty"`
	Cmd               string                `json:"cmd,omitempty"`
}

// Template is a stack as gettemplates lists it. NodeType, NodeTypeAliases and the names of Tags are seen in use; the
// rest is unverified.
type Template struct {
	NodeType         string   `json:"nodeType,omitempty"`
	NodeTypeAliases  []string `json:"nodeTypeAliases,omitempty"`
	Name             string   `json:"name,omitempty"`
	DisplayName      string   `json:"displayName,omitempty"`
	Type             string   `json:"type,omitempty"`
	NodeMission      string   `json:"nodeMission,omitempty"`
	NodeGroups       []string `json:"nodeGroups,omitempty"`
	Tags             []Tag    `json:"tags,omitempty"`
	DefaultTag       string   `json:"defaultTag,omitempty"`
	MinCloudletCount int      `json:"minCloudletCount"`
	VType            string   `json:"vType,omitempty"`
	OSType           string   `json:"osType,omitempty"`
}

// Tag is a version of a stack.
type Tag struct {
	Name string `json:"name,omitempty"`
}

// DockerSpec is the older way to name a layer's image.
type DockerSpec struct {
	Image    string            `json:"image,omitempty"`
	Cmd      string            `json:"cmd,omitempty"`
	Env      map[string]string `json:"env,omitempty"`
	Links    []string          `json:"links,omitempty"`
	Registry *RegistrySpec     `json:"registry,omitempty"`
}

// RegistrySpec names a private image registry and its credentials.
type RegistrySpec struct {
	URL      string `json:"url,omitempty"`
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
}

// User is the payload of getuserinfo.
type User struct {
	UID    int64  `json:"uid"`
	Email  string `json:"email,omitempty"`
	Name   string `json:"name,omitempty"`
	Status string `json:"status,omitempty"`
}

// Action is an entry of the action log, running or finished.
type Action struct {
	ID         int64       `json:"id"`
	UID        int64       `json:"uid"`
	AppID      string      `json:"appid,omitempty"`
	Email      string      `json:"email,omitempty"`
	ActionType string      `json:"actionType,omitempty"`
	Service    string      `json:"serviceName,omitempty"`
	Args       string      `json:"args,omitempty"`
	Text       *ActionText `json:"text,omitempty"`
	// Result and Error are the outcome; both are absent while the action runs.
	Result *int   `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
	// RequestUniqueKey is the ruk parameter of the call that caused the action.
	RequestUniqueKey string     `json:"requestUniqueKey,omitempty"`
	StartDate        string     `json:"startDate,omitempty"`
	EndDate          string     `json:"endDate,omitempty"`
	Action           ActionKind `json:"action"`
}

// ActionKind says what kind of action an entry of the log is about.
type ActionKind struct {
	ID        int    `json:"id"`
	ActionKey string `json:"actionkey,omitempty"`
	Type      string `json:"type,omitempty"`
}

// ActionText holds the place-holder values of an action's text.
type ActionText struct {
	Env         string `json:"env,omitempty"`
	HNGroupName string `json:"hngroupname,omitempty"`
}

// Kinds of actions, by the dashboard's text table.
const (
	ActionCreate         = 2
	ActionDelete         = 3
	ActionStart          = 4
	ActionStop           = 5
	ActionRestart        = 6
	ActionClone          = 20
	ActionChangeSettings = 26
	ActionMigrate        = 83
	ActionRedeployNode   = 94 // both are certain, which is for what is not
	ActionRedeployLayer  = 95
	ActionSetPublicIP    = 127
	ActionSwapPublicIP   = 133
	ActionBindDomain     = 61
	ActionRemoveDomain   = 64
	ActionSetCloudlets   = 101
)

// Pricing is an element of getpricing's array: the tariffs of one environment region. The shape is unverified.
type Pricing struct {
	HardNodeGroup string       `json:"hardNodeGroup,omitempty"`
	Currency      *Currency    `json:"currency,omitempty"`
	TariffPlans   []TariffPlan `json:"tariffPlans,omitempty"`
}

// PricingModel is an element of the models of GetDefaultPricingModels.
type PricingModel struct {
	IsDefault   bool         `json:"isDefault"`
	TariffPlans []TariffPlan `json:"tariffPlans,omitempty"`
}

// Currency is named by its ISO 4217 code.
type Currency struct {
	Code string `json:"code,omitempty"`
}

// TariffPlan prices one resource. Type and Keyword are compared without regard to case.
type TariffPlan struct {
	Type             string    `json:"type,omitempty"`    // FIXED, FLEXIBLE, STORAGE, NETWORK, OPTION, ...
	Keyword          string    `json:"keyword,omitempty"` // cloudlets, storage, traffic, ip, ...
	Strategy         string    `json:"strategy,omitempty"`
	ChargePeriodType string    `json:"chargePeriodType,omitempty"` // HOUR, MONTH, YEAR, ONETIME
	Currency         *Currency `json:"currency,omitempty"`
	Tiers            []Tier    `json:"tiers,omitempty"`
}

// Tier is the price per unit from the amount Value on; Free units are not charged.
type Tier struct {
	Value float64 `json:"value"`
	Free  float64 `json:"free"`
	Price float64 `json:"price"`
}

// QuotaValue is an element of getquotas' array.
type QuotaValue struct {
	Quota Quota  `json:"quota"`
	Type  string `json:"type,omitempty"`
	Value int64  `json:"value"`
}

// Quota names a limit of an account.
type Quota struct {
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	IsBusiness  bool   `json:"isBusiness"`
}
