package localplatform

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// envInfo is the answer about one environment, including fields that our own client ignores. A lazy answer has only
// the environment itself (likely).
type envInfo struct {
	Result      int             `json:"result"`
	Name        string          `json:"name,omitempty"` // in answers to createenvironment
	AppID       string          `json:"appid,omitempty"`
	Right       string          `json:"right,omitempty"`
	Env         envView         `json:"env"`
	EnvGroups   []string        `json:"envGroups"`
	NodeGroups  []nodeGroupView `json:"nodeGroups,omitzero"`
	Nodes       []nodeView      `json:"nodes,omitzero"`
	MountPoints []mountView     `json:"mountpoints,omitempty"`
	NodesData   []struct{}      `json:"nodesData,omitzero"`
	Internal    []struct{}      `json:"nodesInternalDomains,omitzero"`
}

// lazy leaves out everything but the environment itself.
func (i *envInfo) lazy() {
	i.NodeGroups, i.Nodes, i.MountPoints, i.NodesData, i.Internal = nil, nil, nil, nil, nil
}

// basic leaves out what getbasicenvsinfo lacks: endpoints, packages, and the manifests and volumes of containers.
func (i *envInfo) basic() {
	for k := range i.Nodes {
		n := &i.Nodes[k]
		n.Endpoints, n.Packages = nil, nil
		if n.CustomItem != nil {
			n.CustomItem.DockerManifest, n.CustomItem.DockerVolumes, n.CustomItem.DockerVolumesFrom = nil, nil, nil
		}
	}
}

type envView struct {
	wire.Env
	Contexts   []struct{} `json:"contexts"`
	ExtDomains []string   `json:"extdomains"`
}

type nodeGroupView struct {
	wire.NodeGroup
	groupSettings
	Deployments []struct{} `json:"deployments"`
}

type nodeView struct {
	wire.Node
	GuestOSType         string     `json:"guestOSType"`
	HostOSType          string     `json:"hostOSType"`
	Packages            []struct{} `json:"packages,omitzero"`
	Messages            []struct{} `json:"messages"`
	Features            []string   `json:"features"`
	CanBeExported       bool       `json:"canBeExported"`
	IsClusterSupport    bool       `json:"isClusterSupport"`
	IsCustomSslSupport  bool       `json:"isCustomSslSupport"`
	IsHighAvailability  bool       `json:"isHighAvailability"`
	IsResetPassword     bool       `json:"isResetPassword"`
	IsVcsSupport        bool       `json:"isVcsSupport"`
	IsWebAccess         bool       `json:"isWebAccess"`
	HasPackages         bool       `json:"hasPackages"`
	SingleContext       bool       `json:"singleContext"`
	ContextValidatorReg string     `json:"contextValidatorRegex"`
	Password            string     `json:"password,omitempty"`
}

// PasswordPrefix starts every node password, so that tests can search for leaked passwords.
const PasswordPrefix = "node-password-"

// revealPasswords sets node passwords. Only the answer to a creation has them; they are neither stored nor used.
func (i *envInfo) revealPasswords() {
	for k := range i.Nodes {
		i.Nodes[k].Password = PasswordPrefix + rand.Text()
	}
}

// show returns the environment as the caller sees it now.
func (c *call) show(t *tx, env *environment) envInfo {
	info := t.show(env, c.account)
	info.Env.CreatedOn = env.Created.Add(c.hooks.ClockShift()).Format(wire.TimeLayout)
	return info
}

// show returns the environment as the account sees it at the instant of the record.
func (t *tx) show(env *environment, a *Account) envInfo {
	status := env.status(t.instantOf(env))
	region := &wire.HostGroup{UniqueName: env.Region, DisplayName: env.Region}
	if r := t.catalogue.region(env.Region); r != nil && r.DisplayName != "" {
		region.DisplayName = r.DisplayName
	}
	info := envInfo{
		Right: t.rightOn(a, env),
		Env: envView{
			Env: wire.Env{
				AppID: env.AppID, EnvName: env.Name, ShortDomain: env.Name, Domain: env.Domain, DisplayName: env.DisplayName,
				Status: status, HardwareNodeGroup: env.Region, HostGroup: region, UID: env.Owner, CreatorUID: env.Creator,
				SSLState: env.SSL, IsHAEnabled: env.HA, IsFirewallEnabled: true,
				IsBroken: status == wire.StatusBroken,
			},
			Contexts: []struct{}{}, ExtDomains: append([]string{}, env.ExtDomains...),
		},
		EnvGroups:  append([]string{}, env.Groups...),
		NodeGroups: []nodeGroupView{}, Nodes: []nodeView{}, NodesData: []struct{}{}, Internal: []struct{}{},
	}
	if env.Engine != "" {
		info.Env.Engine = &wire.Engine{Keyword: env.Engine, Name: env.Engine}
	}
	for i := range env.Layers {
		l := &env.Layers[i]
		s := t.catalogue.stackOf(l)
		info.NodeGroups = append(info.NodeGroups, t.showGroup(l))
		for _, n := range env.nodesOf(l.Name) {
			info.Nodes = append(info.Nodes, t.showNode(env, l, n, &s))
		}
		info.MountPoints = append(info.MountPoints, t.showMounts(env, l)...)
	}
	return info
}

func (t *tx) showGroup(l *layer) nodeGroupView {
	s := t.catalogue.stackOf(l)
	return nodeGroupView{
		NodeGroup: wire.NodeGroup{
			Name: l.Name, DisplayName: l.DisplayName, ScalingMode: l.ScalingMode, TemplateType: nativeType,
			VType: s.virtualization(), Features: []string{"FIREWALL"},
		},
		groupSettings: l.Settings.complete(), Deployments: []struct{}{},
	}
}

// nativeType is the type of every node and node group, including containers of any image (certain: a recorded
// answer). The list of stacks uses other values.
const nativeType = "NATIVE"

// showNode: isWebAccess is true and every other switch is false, adminUrl has no port, and maxchanks is the cloudlet
// limit (certain: a recorded answer and the tables of fields).
func (t *tx) showNode(env *environment, l *layer, n *node, s *Stack) nodeView {
	v := nodeView{
		Node: wire.Node{
			ID: n.ID, CTID: n.CTID, Name: s.Name, DisplayName: n.DisplayName, NodeType: l.NodeType,
			NodeGroup: l.Name, NodeMission: l.Name,
			Type: nativeType, Version: cmp.Or(n.Tag, l.Tag), Status: t.nodeStatus(env, n), IsMaster: n.Master,
			Address: n.IntIP, IntIP: n.IntIP,
			ExtIPs: n.IPv4, ExtIPsV6: n.IPv6, URL: nodeURL("http", n, env.Domain), AdminURL: nodeURL("https", n, env.Domain),
			FixedCloudlets: n.Fixed, FlexibleCloudlets: n.Flexible, MaxChanks: n.Flexible, DiskLimit: l.DiskGB * 1000,
			DiskIoLimit: 100000, DiskIopsLimit: 1000, BandwidthLimit: 100000, Port: 22, User: "root",
			OSType: s.os(), VType: s.virtualization(),
			Endpoints: showEndpoints(n, env.Domain), AddOns: append([]wire.AddOn{}, n.AddOns...),
		},
		GuestOSType: s.os(), HostOSType: "LINUX", Packages: []struct{}{}, Messages: []struct{}{},
		Features: []string{"FIREWALL"}, IsWebAccess: true,
	}
	if len(n.IPv4) > 0 {
		v.Address = n.IPv4[0]
	}
	links := env.links(l)
	if !s.AnyImage && l.Cmd == "" && len(l.Volumes)+len(l.VolumesFrom)+len(links) == 0 {
		return v
	}
	item := wire.CustomItem{
		DockerVolumes: append([]string{}, l.Volumes...), DockerVolumesFrom: append([]string{}, l.VolumesFrom...),
		DockerLinks: links,
	}
	if s.AnyImage {
		name, tag := splitImage(l.Image)
		v.Name, v.Version = name, cmp.Or(n.Tag, l.Tag, tag)
		item.DockerName, item.DockerTag, item.DockerOS = name, v.Version, "linux"
		item.DockerManifest = l.manifest()
	} else if l.Cmd != "" {
		item.DockerManifest = &wire.DockerManifest{Cmd: arguments(l.Cmd), Entrypoint: []string{}, Env: []string{},
			Volumes: []string{}}
	}
	v.CustomItem = &item
	return v
}

// links lists the nodes that the node group's links lead to. A link is written group:alias, or id:alias for a node of
// another environment.
func (e *environment) links(l *layer) []wire.DockerLink {
	var list []wire.DockerLink
	for _, link := range l.Links {
		source, alias, _ := strings.Cut(link, ":")
		if id, err := strconv.ParseInt(source, 10, 64); err == nil {
			list = append(list, wire.DockerLink{Type: "IN", SourceNodeID: id, Alias: alias})
		}
		for _, n := range e.nodesOf(source) {
			list = append(list, wire.DockerLink{Type: "IN", SourceNodeID: n.ID, Alias: alias})
		}
	}
	return list
}

// nodeStatus uses environment status numbers. Whether nodes have other ones is not public.
func (t *tx) nodeStatus(env *environment, n *node) int {
	if op := env.Op; op != nil && !t.instantOf(env).Before(op.Shown) {
		switch {
		case op.NodesDown, op.isDown(n.ID, t.instantOf(env)):
			return wire.StatusDown
		case op.Kind == wire.ActionCreate || op.Kind == wire.ActionClone:
			return op.Status
		}
	}
	return env.Status
}

// isDown says whether the operation has the node down at the instant.
func (o *operation) isDown(id int64, at time.Time) bool {
	length := o.End.Sub(o.Start)
	if length <= 0 {
		return false
	}
	passed := float64(at.Sub(o.Start)) / float64(length)
	return slices.ContainsFunc(o.Down, func(d nodeDown) bool {
		return d.NodeID == id && d.From <= passed && passed < d.To
	})
}

// nodeURL: both of a node's addresses have this form (certain).
func nodeURL(scheme string, n *node, domain string) string {
	return scheme + "://node" + strconv.FormatInt(n.ID, 10) + "-" + domain
}

// splitImage separates the tag of an image reference from its name.
func splitImage(image string) (name, tag string) {
	if colon := strings.LastIndex(image, ":"); colon > strings.LastIndex(image, "/") {
		return image[:colon], image[colon+1:]
	}
	return image, "latest"
}

// stackOf also works for stacks that are no longer in the catalogue.
func (c *Catalogue) stackOf(l *layer) Stack {
	if s := c.stack(l.NodeType); s != nil {
		return *s
	}
	return Stack{NodeType: l.NodeType, Name: l.NodeType, Layers: []string{l.Name}, AnyImage: l.Image != ""}
}

func (s *Stack) virtualization() string {
	if s.Virtualization == "" {
		return "CT"
	}
	return s.Virtualization
}

func (s *Stack) os() string {
	if s.OS == "" {
		return "LINUX"
	}
	return s.OS
}

func (s *Stack) templateType() string {
	if s.AnyImage {
		return "DOCKERIZED"
	}
	return "NATIVE"
}
