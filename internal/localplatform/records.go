package localplatform

import (
	"maps"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// environment is the stored record. Status is the status without a running operation.
type environment struct {
	Name, AppID, DisplayName string `json:",omitempty"`
	Region, Domain           string
	Owner, Creator           int64
	Created                  time.Time
	Status                   int
	SSL, HA                  bool     `json:",omitempty"`
	Engine                   string   `json:",omitempty"`
	Groups, ExtDomains       []string `json:",omitempty"`
	Layers                   []layer
	Nodes                    []node
	Op                       *operation `json:",omitempty"`

	seenAt time.Time // the instant of the record, if not now
}

// layer is a node group as requested. Its nodes are in the environment.
type layer struct {
	Name, NodeType                string
	DisplayName, Tag, Image, Cmd  string `json:",omitempty"`
	Fixed, Flexible, DiskGB       int
	ExtIPv4, ExtIPv6              int               `json:",omitempty"`
	ScalingMode                   string            `json:",omitempty"`
	Entrypoint                    []string          `json:",omitempty"`
	Declared                      declaration       `json:",omitzero"`
	Env                           map[string]string `json:",omitzero"` // an empty map differs from nil
	Links, Volumes, VolumesFrom   []string          `json:",omitempty"`
	Mounts                        map[string]mount  `json:",omitempty"` // by path
	RegistryURL, RegistryUserName string            `json:",omitempty"`
	Settings                      groupSettings     `json:",omitzero"`

	count      int               // requested number of nodes
	unsaidDisk bool              // the request had no disk size
	envGiven   bool              // the request had variables
	registry   wire.RegistrySpec // with the password, which is not stored
}

type node struct {
	ID, CTID        int64
	Layer           string
	DisplayName     string `json:",omitempty"`
	Tag             string `json:",omitempty"` // if it differs from the node group's
	Master          bool   `json:",omitempty"`
	IntIP           string
	IPv4, IPv6      []string `json:",omitempty"`
	Fixed, Flexible int
	Env             map[string]string `json:",omitempty"`
	Endpoints       []wire.Endpoint   `json:",omitempty"` // without the domain, which the environment has
	AddOns          []wire.AddOn      `json:",omitempty"`
}

// operation is a change that takes time. Its result is decided when it starts: from End on, the environment is After,
// or its previous state if Failure is set.
type operation struct {
	ID         int64 // of its entry in the action log
	Kind       int
	Start, End time.Time
	// Shown is when the status becomes visible, if not at once.
	Shown  time.Time `json:",omitzero"`
	Status int
	// ShownStatus replaces Status in answers, but does not affect what is allowed.
	ShownStatus int `json:",omitempty"`
	// NodesDown: no containers run during the operation.
	NodesDown bool `json:",omitempty"`
	// Down are the nodes that are down for a part of the operation, if not all are down throughout.
	Down    []nodeDown   `json:",omitempty"`
	After   *environment `json:",omitempty"` // nil: the environment is gone
	Failure *failure     `json:",omitempty"`
	// Live and Containers are for migrations. The containers move one after the other and share the time from Start to
	// End.
	Live       bool            `json:",omitempty"`
	Containers []containerMove `json:",omitempty"`
}

type containerMove struct {
	NodeID int64
	Share  time.Duration
}

// failure is the outcome of an accepted operation that fails.
type failure struct {
	Code   int
	Words  string
	Broken bool `json:",omitempty"` // the environment ends in status 11 instead of its previous status
}

// runningOperation shows which operations are due without decoding environments.
type runningOperation struct {
	ID  int64
	End time.Time
}

// action is an entry of the action log.
type action struct {
	ID, UID, Owner  int64
	Kind            int
	Email           string
	AppID, Env      string
	Region          string `json:",omitempty"`
	Service, Key    string
	RequestKey      string            `json:",omitempty"`
	Args            map[string]string `json:",omitempty"`
	Start, End      time.Time
	Running, Public bool `json:",omitempty"`
	// Shown is when the action appears in the list of running actions. Late is the delay after its end until it appears
	// in the log.
	Shown  time.Time     `json:",omitzero"`
	Late   time.Duration `json:",omitempty"`
	Result int
	Words  string `json:",omitempty"`
}

// session is a session started by signin.
type session struct {
	UID int64
}

func (e *environment) layer(name string) *layer {
	i := slices.IndexFunc(e.Layers, func(l layer) bool { return l.Name == name })
	if i < 0 {
		return nil
	}
	return &e.Layers[i]
}

func (e *environment) node(id int64) *node {
	i := slices.IndexFunc(e.Nodes, func(n node) bool { return n.ID == id })
	if i < 0 {
		return nil
	}
	return &e.Nodes[i]
}

// nodesOf returns pointers to the nodes of a node group, in order.
func (e *environment) nodesOf(layer string) []*node {
	var nodes []*node
	for i := range e.Nodes {
		if e.Nodes[i].Layer == layer {
			nodes = append(nodes, &e.Nodes[i])
		}
	}
	return nodes
}

// status is the status to show now.
func (e *environment) status(now time.Time) int {
	if e.Op != nil && !now.Before(e.Op.Shown) {
		if e.Op.ShownStatus != 0 {
			return e.Op.ShownStatus
		}
		return e.Op.Status
	}
	return e.Status
}

// copy is deep enough for all changes made in place. It leaves out the operation.
func (e *environment) copy() *environment {
	c := *e
	c.Op = nil
	c.Groups, c.ExtDomains = slices.Clone(e.Groups), slices.Clone(e.ExtDomains)
	c.Layers, c.Nodes = slices.Clone(e.Layers), slices.Clone(e.Nodes)
	for i := range c.Layers {
		c.Layers[i].Env = maps.Clone(c.Layers[i].Env)
		c.Layers[i].Mounts = maps.Clone(c.Layers[i].Mounts)
	}
	for i := range c.Nodes {
		n := &c.Nodes[i]
		n.IPv4, n.IPv6, n.Env = slices.Clone(n.IPv4), slices.Clone(n.IPv6), maps.Clone(n.Env)
		n.Endpoints, n.AddOns = slices.Clone(n.Endpoints), slices.Clone(n.AddOns)
	}
	return &c
}

// addresses returns all addresses of all nodes.
func (e *environment) addresses() []string {
	var list []string
	for i := range e.Nodes {
		n := &e.Nodes[i]
		list = append(list, n.IntIP)
		list = append(list, n.IPv4...)
		list = append(list, n.IPv6...)
	}
	return list
}

// cloudlets is the sum of the nodes' dynamic limits.
func (e *environment) cloudlets() int {
	sum := 0
	for i := range e.Nodes {
		sum += e.Nodes[i].Flexible
	}
	return sum
}
