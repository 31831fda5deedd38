package migration

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Environment is what a migration needs to know about the environment that moves. Terraform's private state holds it
// together with the catalog of regions, so that a plan is a pure function of what was read before it.
type Environment struct {
	Name       string          `json:"n"`
	Region     string          `json:"r"`
	Domain     string          `json:"d,omitempty"`
	Status     platform.Status `json:"s"`
	NodeGroups []NodeGroup     `json:"l,omitempty"`
	Mounts     []Mount         `json:"mt,omitempty"`
	Nodes      []NodeRef       `json:"no,omitempty"`
	// CustomDomains are bound to the environment by users; BuiltInSSL reports whether it uses the platform's
	// certificate.
	CustomDomains []string `json:"cd,omitempty"`
	BuiltInSSL    bool     `json:"ssl,omitempty"`
	// Groups are the environment groups to which it belongs.
	Groups []string `json:"gr,omitempty"`
	// AddOns are the names of the add-ons installed on its nodes, sorted; they may have handlers for migrations.
	AddOns []string `json:"ao,omitempty"`
	// Dependents are what depends on the environment's nodes, as far as the provider can see.
	Dependents []Dependent `json:"de,omitempty"`
	// Surrounded reports whether Mounts and Dependents include how other environments depend on this one.
	Surrounded bool `json:"su,omitempty"`
}

// Surroundings is how the account's other environments depend on an environment.
type Surroundings struct {
	// Mounts are the directories that others mount from its node groups; Dependents are those others.
	Mounts     []Mount     `json:"mt,omitempty"`
	Dependents []Dependent `json:"de,omitempty"`
}

// NodeGroup is the part of a node group that determines the kind of a migration and its cost. Cloudlets and disk are
// per node.
type NodeGroup struct {
	Name     string `json:"n"`
	NodeType string `json:"t,omitempty"`
	Image    string `json:"i,omitempty"`
	Nodes    int    `json:"c,omitempty"`
	// ReservedCloudlets are always paid for; DynamicCloudlets is the limit up to which a node may grow.
	ReservedCloudlets int `json:"rc,omitempty"`
	DynamicCloudlets  int `json:"dc,omitempty"`
	DiskGB            int `json:"g,omitempty"`
	// PublicIPv4 and PublicIPv6 count the addresses of the whole node group.
	PublicIPv4 int `json:"v4,omitempty"`
	PublicIPv6 int `json:"v6,omitempty"`
	// WindowsVM reports whether the node group's nodes are virtual machines that run Windows.
	WindowsVM bool `json:"w,omitempty"`
	// Undecided reports that the node group does not exist yet and that the platform will decide a part of its size.
	Undecided bool `json:"-"`
}

// Mount is a directory that a node group mounts from another node, or that another environment mounts from it.
type Mount struct {
	NodeGroup string `json:"l,omitempty"`
	Path      string `json:"p,omitempty"`
	Protocol  string `json:"pr,omitempty"`
}

// NodeRef is a node with the number of its public addresses.
type NodeRef struct {
	ID         int64 `json:"i"`
	PublicIPv4 int   `json:"v4,omitempty"`
	PublicIPv6 int   `json:"v6,omitempty"`
}

// DependentKind is how something depends on an environment's nodes.
type DependentKind string

// The kinds of dependents.
const (
	// DependentMount is another environment that mounts a directory of this one.
	DependentMount DependentKind = "mount"
	// DependentLink is another environment with a node group that is linked to one of this one's nodes.
	DependentLink DependentKind = "link"
	// DependentVariable is an environment variable of this environment's own node groups that contains an address or
	// the domain.
	DependentVariable DependentKind = "variable"
)

// Dependent is something that may break when the environment's nodes move.
type Dependent struct {
	Kind        DependentKind `json:"k"`
	Environment string        `json:"e"`
	NodeGroup   string        `json:"l,omitempty"`
	// Name is the path of a mount, the alias of a link or the name of a variable.
	Name string `json:"n,omitempty"`
}

// Describe extracts what a migration needs to know from the platform's description of an environment. In adds the rest.
func Describe(env platform.Environment) Environment {
	e := Environment{
		Name: env.Name, Region: env.Region, Domain: env.Domain, Status: env.Status,
		CustomDomains: env.CustomDomains, BuiltInSSL: env.BuiltInSSL, Groups: env.Groups,
	}
	if env.Broken {
		e.Status = platform.StatusBroken
	}
	for _, n := range env.Nodes {
		e.Nodes = append(e.Nodes, NodeRef{ID: n.ID, PublicIPv4: len(n.PublicIPv4), PublicIPv6: len(n.PublicIPv6)})
	}
	for _, g := range env.NodesByGroup() {
		e.NodeGroups = append(e.NodeGroups, describeNodeGroup(g))
	}
	for _, n := range env.Nodes {
		for _, a := range n.AddOns {
			if name := cmp.Or(a.Name, a.ID); name != "" {
				e.AddOns = append(e.AddOns, name)
			}
		}
	}
	slices.Sort(e.AddOns)
	e.AddOns = slices.Compact(e.AddOns)
	for _, m := range env.Mounts {
		e.Mounts = append(e.Mounts, Mount{NodeGroup: m.NodeGroup, Path: m.Path, Protocol: m.Protocol})
	}
	return e
}

// describeNodeGroup describes a node group by its first node, because all of its nodes are alike.
func describeNodeGroup(g platform.GroupNodes) NodeGroup {
	first := g.Nodes[0]
	group := NodeGroup{
		Name:              g.Group.Name,
		NodeType:          first.NodeType,
		Nodes:             len(g.Nodes),
		Image:             first.Image,
		ReservedCloudlets: first.ReservedCloudlets,
		DynamicCloudlets:  first.DynamicCloudlets,
		DiskGB:            first.DiskGB,
	}
	for _, n := range g.Nodes {
		group.PublicIPv4 += len(n.PublicIPv4)
		group.PublicIPv6 += len(n.PublicIPv6)
		if n.Virtualization == "VM" && strings.HasPrefix(strings.ToUpper(n.OS), "WIN") {
			group.WindowsVM = true
		}
	}
	return group
}

// In adds how other environments depend on an environment.
func (e Environment) In(s Surroundings) Environment {
	for _, m := range s.Mounts {
		e.Mounts = added(e.Mounts, m)
	}
	for _, d := range s.Dependents {
		e.Dependents = added(e.Dependents, d)
	}
	e.Surrounded = true
	return e
}

// surroundings returns how others depend on an environment: which of them mount a directory from one of its nodes or
// are linked to one. A mount names its source by the node, by the host's address or by its name. It is not verified
// that a link to another environment starts with the node's ID.
func surroundings(own platform.Environment, others []platform.Environment) (s Surroundings) {
	for _, other := range others {
		if other.Name == own.Name {
			continue
		}
		for _, m := range other.Mounts {
			nodeGroup, ours := sourceNodeGroup(own, m)
			if !ours {
				continue
			}
			s.Mounts = added(s.Mounts, Mount{NodeGroup: nodeGroup, Path: m.SourcePath, Protocol: m.Protocol})
			s.Dependents = added(s.Dependents,
				Dependent{Kind: DependentMount, Environment: other.Name, NodeGroup: m.NodeGroup, Name: m.Path})
		}
		for _, n := range other.Nodes {
			for _, link := range n.Links {
				source, alias, _ := strings.Cut(link, ":")
				if slices.ContainsFunc(own.Nodes, func(n platform.Node) bool { return strconv.FormatInt(n.ID, 10) == source }) {
					s.Dependents = added(s.Dependents,
						Dependent{Kind: DependentLink, Environment: other.Name, NodeGroup: n.NodeGroup, Name: alias})
				}
			}
		}
	}
	return s
}

// added appends what is missing and does not modify the original list, which others may hold.
func added[T comparable](all []T, one T) []T {
	if slices.Contains(all, one) {
		return all
	}
	return append(slices.Clip(all), one)
}

// sourceNodeGroup finds the environment's node group from which another environment mounts.
func sourceNodeGroup(env platform.Environment, m platform.Mount) (nodeGroup string, found bool) {
	for _, n := range env.Nodes {
		if m.SourceNodeID != 0 && m.SourceNodeID == n.ID {
			return n.NodeGroup, true
		}
		if m.SourceHost != "" && (m.SourceHost == n.InternalIP || slices.Contains(n.PublicIPv4, m.SourceHost) ||
			slices.Contains(n.PublicIPv6, m.SourceHost)) {
			return n.NodeGroup, true
		}
	}
	if m.SourceHost != "" && env.Domain != "" &&
		(m.SourceHost == env.Domain || strings.HasSuffix(m.SourceHost, "-"+env.Domain) ||
			strings.HasSuffix(m.SourceHost, "."+env.Domain)) {
		return m.SourceNodeGroup, true
	}
	return "", false
}
