package platform

import (
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func (s EnvironmentSpec) env() wire.EnvSpec {
	return wire.EnvSpec{ShortDomain: s.Name, Region: s.Region, DisplayName: s.DisplayName, SSLState: s.BuiltInSSL}
}

func (s EnvironmentSpec) nodes() []wire.NodeSpec {
	all := make([]wire.NodeSpec, 0, len(s.NodeGroups))
	for _, g := range s.NodeGroups {
		all = append(all, g.node())
	}
	return all
}

// secrets returns the values that may be secret, such as variables.
func (g NodeGroupSpec) secrets() []string {
	return append(slices.Collect(maps.Values(g.Env)), g.RegistryPassword)
}

func (g NodeGroupSpec) node() wire.NodeSpec {
	n := wire.NodeSpec{
		NodeType:          g.NodeType,
		NodeGroup:         g.Name,
		Count:             g.Count,
		FixedCloudlets:    g.ReservedCloudlets,
		FlexibleCloudlets: g.DynamicCloudlets,
		DiskLimit:         g.DiskGB,
		DisplayName:       g.DisplayName,
		Tag:               g.Tag,
		ExtIP:             g.PublicIPv4Count > 0,
		ExtIPv4:           g.PublicIPv4Count,
		ExtIPv6:           g.PublicIPv6Count,
		Env:               g.Env,
		Volumes:           g.Volumes,
		Links:             g.Links,
		ScalingMode:       g.ScalingMode,
		Cmd:               g.Cmd,
	}
	if g.RegistryURL != "" || g.RegistryUser != "" || g.RegistryPassword != "" {
		n.Registry = &wire.RegistrySpec{URL: g.RegistryURL, User: g.RegistryUser, Password: g.RegistryPassword}
	}
	n.Image = g.Image
	n.Docker = dockerOf(n)
	for _, m := range g.Mounts {
		if n.VolumeMounts == nil {
			n.VolumeMounts = map[string]wire.MountPoint{}
		}
		n.VolumeMounts[m.Path] = wire.MountPoint{
			Protocol: m.Protocol, ReadOnly: m.ReadOnly, SourceNodeID: m.SourceNodeID,
			SourceNodeGroup: m.SourceNodeGroup, SourcePath: m.SourcePath, SourceHost: m.SourceHost,
		}
	}
	return n
}

// dockerOf repeats the description of a container in the only form that the API reference documents. Other clients are
// seen to send both forms.
func dockerOf(n wire.NodeSpec) *wire.DockerSpec {
	if n.Image == "" {
		return nil
	}
	reference := n.Image
	if n.Tag != "" && !strings.Contains(reference, "@") {
		reference += ":" + n.Tag
	}
	return &wire.DockerSpec{Image: reference, Cmd: n.Cmd, Env: n.Env, Links: n.Links, Registry: n.Registry}
}
