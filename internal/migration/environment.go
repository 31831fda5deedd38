package migration

import (
	"slices"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Environment is what a migration has to know of the environment that moves. It is stored in Terraform's private
// state beside the facts about regions, so that a plan is a pure function of what was read before it.
type Environment struct {
	Name   string          `json:"n"`
	Region string          `json:"r"`
	Domain string          `json:"d,omitempty"`
	Status platform.Status `json:"s"`
	Layers []Layer         `json:"l,omitempty"`
	Mounts []Mount         `json:"mt,omitempty"`
	Nodes  []NodeRef       `json:"no,omitempty"`
}

// Layer is a node group with what decides about the kind of a move and its cost. Cloudlets and disk are per node.
type Layer struct {
	Name     string `json:"n"`
	NodeType string `json:"t,omitempty"`
	Image    string `json:"i,omitempty"`
	Nodes    int    `json:"c,omitempty"`
	// ReservedCloudlets are always paid for, DynamicCloudlets is the limit up to which a node may grow.
	ReservedCloudlets int `json:"rc,omitempty"`
	DynamicCloudlets  int `json:"dc,omitempty"`
	DiskGB            int `json:"g,omitempty"`
	// PublicIPv4 and PublicIPv6 count the addresses of the whole layer.
	PublicIPv4 int `json:"v4,omitempty"`
	PublicIPv6 int `json:"v6,omitempty"`
}

// Mount is a directory of a layer that another node serves.
type Mount struct {
	Layer    string `json:"l,omitempty"`
	Path     string `json:"p,omitempty"`
	Protocol string `json:"pr,omitempty"`
}

// NodeRef is a node with the number of its public addresses.
type NodeRef struct {
	ID         int64 `json:"i"`
	PublicIPv4 int   `json:"v4,omitempty"`
	PublicIPv6 int   `json:"v6,omitempty"`
}

// Describe takes from the platform's description of an environment what a migration has to know of it.
func Describe(env platform.Environment) Environment {
	e := Environment{Name: env.Name, Region: env.Region, Domain: env.Domain, Status: env.Status}
	if env.Broken {
		e.Status = platform.StatusBroken
	}
	for _, n := range env.Nodes {
		e.Nodes = append(e.Nodes, NodeRef{ID: n.ID, PublicIPv4: len(n.PublicIPv4), PublicIPv6: len(n.PublicIPv6)})
		i := slices.IndexFunc(e.Layers, func(l Layer) bool { return l.Name == n.NodeGroup })
		if i < 0 {
			e.Layers = append(e.Layers, Layer{
				Name:              n.NodeGroup,
				NodeType:          n.NodeType,
				Image:             n.Image,
				ReservedCloudlets: n.ReservedCloudlets,
				DynamicCloudlets:  n.DynamicCloudlets,
				DiskGB:            n.DiskGB,
			})
			i = len(e.Layers) - 1
		}
		e.Layers[i].Nodes++
		e.Layers[i].PublicIPv4 += len(n.PublicIPv4)
		e.Layers[i].PublicIPv6 += len(n.PublicIPv6)
	}
	for _, m := range env.Mounts {
		e.Mounts = append(e.Mounts, Mount{Layer: m.NodeGroup, Path: m.Path, Protocol: m.Protocol})
	}
	return e
}
