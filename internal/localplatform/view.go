package localplatform

import (
	"crypto/rand"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// envInfo is the answer about one environment, with the fields that the platform sends and our own client ignores.
type envInfo struct {
	Result      int               `json:"result"`
	Name        string            `json:"name,omitempty"` // in answers to createenvironment
	AppID       string            `json:"appid,omitempty"`
	Right       string            `json:"right,omitempty"`
	Env         envView           `json:"env"`
	EnvGroups   []string          `json:"envGroups"`
	NodeGroups  []nodeGroupView   `json:"nodeGroups"`
	Nodes       []nodeView        `json:"nodes"`
	MountPoints []wire.MountPoint `json:"mountpoints,omitempty"`
	NodesData   []struct{}        `json:"nodesData"`
	Internal    []struct{}        `json:"nodesInternalDomains"`
}

type envView struct {
	wire.Env
	Contexts   []struct{} `json:"contexts"`
	ExtDomains []string   `json:"extdomains"`
}

type nodeGroupView struct {
	wire.NodeGroup
	IsSequentialDeploy     bool       `json:"isSequentialDeploy"`
	RestartNodeDelay       int        `json:"restartNodeDelay"`
	RestartContainerDelay  int        `json:"restartContainerDelay"`
	RedeployContainerDelay int        `json:"redeployContainerDelay"`
	RedeployContextDelay   int        `json:"redeployContextDelay"`
	Deployments            []struct{} `json:"deployments"`
}

type nodeView struct {
	wire.Node
	GuestOSType         string     `json:"guestOSType"`
	HostOSType          string     `json:"hostOSType"`
	Addons              []struct{} `json:"addons"`
	Packages            []struct{} `json:"packages"`
	Messages            []struct{} `json:"messages"`
	Features            []string   `json:"features"`
	Endpoints           []struct{} `json:"endpoints"`
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

// PasswordPrefix begins every node password, so that a test can search for them where none may be.
const PasswordPrefix = "node-password-"

// revealPasswords gives the nodes passwords, as the answer to a creation has them, and only that. Nothing takes them
// and nothing keeps them.
func (i *envInfo) revealPasswords() {
	for k := range i.Nodes {
		i.Nodes[k].Password = PasswordPrefix + rand.Text()
	}
}

// show is the environment as the account sees it now.
func (t *tx) show(env *environment, a *Account) envInfo {
	status := env.status(t.now)
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
				CreatedOn: env.Created.Format(wire.TimeLayout), SSLState: env.SSL, IsHAEnabled: env.HA, IsFirewallEnabled: true,
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
		info.NodeGroups = append(info.NodeGroups, nodeGroupView{
			NodeGroup: wire.NodeGroup{
				Name: l.Name, DisplayName: l.DisplayName, ScalingMode: l.ScalingMode, TemplateType: s.templateType(),
				VType: s.virtualization(), IsSLBAccessEnabled: true, Features: []string{"FIREWALL"},
			},
			IsSequentialDeploy: true, RestartNodeDelay: 30, RestartContainerDelay: 30, RedeployContainerDelay: 30,
			RedeployContextDelay: 30, Deployments: []struct{}{},
		})
		for _, n := range env.nodesOf(l.Name) {
			info.Nodes = append(info.Nodes, t.showNode(env, l, n, &s))
		}
		for _, path := range slices.Sorted(maps.Keys(l.Mounts)) {
			m := l.Mounts[path]
			m.NodeGroup, m.Path = l.Name, path
			info.MountPoints = append(info.MountPoints, m)
		}
	}
	return info
}

func (t *tx) showNode(env *environment, l *layer, n *node, s *Stack) nodeView {
	v := nodeView{
		Node: wire.Node{
			ID: n.ID, CTID: n.CTID, Name: s.Name, DisplayName: n.DisplayName, NodeType: l.NodeType, NodeGroup: l.Name, NodeMission: l.Name,
			Type: s.templateType(), Version: l.Tag, Status: t.nodeStatus(env), IsMaster: n.Master, Address: n.IntIP, IntIP: n.IntIP,
			ExtIPs: n.IPv4, ExtIPsV6: n.IPv6, URL: nodeURL("http", n, env.Domain, ""), AdminURL: nodeURL("https", n, env.Domain, ":4848"),
			FixedCloudlets: n.Fixed, FlexibleCloudlets: n.Flexible, MaxChanks: 128, DiskLimit: l.DiskGB * 1000,
			DiskIoLimit: 100000, DiskIopsLimit: 1000, BandwidthLimit: 100000, Port: 22, User: "root", OSType: s.os(), VType: s.virtualization(),
		},
		GuestOSType: s.os(), HostOSType: "LINUX", Addons: []struct{}{}, Packages: []struct{}{}, Messages: []struct{}{},
		Features: []string{"FIREWALL"}, Endpoints: []struct{}{}, CanBeExported: true, IsResetPassword: true, IsWebAccess: true,
	}
	if len(n.IPv4) > 0 {
		v.Address = n.IPv4[0]
	}
	if s.AnyImage {
		name, tag := splitImage(l.Image)
		if l.Tag != "" {
			tag = l.Tag
		}
		v.Name, v.Version = name, tag
		v.CustomItem = &wire.CustomItem{DockerName: name, DockerTag: tag, DockerOS: "linux", DockerVolumes: l.Volumes, DockerVolumesFrom: l.VolumesFrom}
	}
	return v
}

// nodeStatus uses the numbers of environments: whether nodes know others is not public.
func (t *tx) nodeStatus(env *environment) int {
	if op := env.Op; op != nil && !t.now.Before(op.Shown) {
		switch {
		case op.NodesDown:
			return wire.StatusDown
		case op.Kind == wire.ActionCreate || op.Kind == wire.ActionClone:
			return op.Status
		}
	}
	return env.Status
}

func nodeURL(scheme string, n *node, domain, port string) string {
	return scheme + "://node" + strconv.FormatInt(n.ID, 10) + "-" + domain + port
}

// splitImage separates the tag of an image reference from its name.
func splitImage(image string) (name, tag string) {
	if colon := strings.LastIndex(image, ":"); colon > strings.LastIndex(image, "/") {
		return image[:colon], image[colon+1:]
	}
	return image, "latest"
}

// stackOf also answers for a stack that is no longer in the catalogue.
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
