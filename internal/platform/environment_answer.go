package platform

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// environmentAnswer is the payload of getenvinfo and an element of getenvs.
type environmentAnswer struct {
	Right       text              `json:"right"`
	Env         envAnswer         `json:"env"`
	EnvGroups   texts             `json:"envGroups"`
	NodeGroups  []nodeGroupAnswer `json:"nodeGroups"`
	Nodes       []nodeAnswer      `json:"nodes"`
	MountPoints mountsAnswer      `json:"mountpoints"`
}

type envAnswer struct {
	AppID             text                `json:"appid"`
	EnvName           text                `json:"envName"`
	ShortDomain       text                `json:"shortdomain"`
	Domain            text                `json:"domain"`
	DisplayName       text                `json:"displayName"`
	Status            number              `json:"status"`
	HardwareNodeGroup text                `json:"hardwareNodeGroup"`
	HostGroup         text                `json:"hostGroup"`
	UID               number              `json:"uid"`
	CreatorUID        number              `json:"creatorUid"`
	CreatedOn         text                `json:"createdOn"`
	SSLState          flag                `json:"sslstate"`
	Engine            loose[engineAnswer] `json:"engine"`
	IsHAEnabled       flag                `json:"ishaenabled"`
	IsTransferring    flag                `json:"isTransferring"`
	IsBroken          flag                `json:"isBroken"`
	ExtDomains        texts               `json:"extdomains"`
}

type engineAnswer struct {
	Keyword text `json:"keyword"`
}

type nodeGroupAnswer struct {
	Name        text `json:"name"`
	DisplayName text `json:"displayName"`
	ScalingMode text `json:"scalingMode"`
	VType       text `json:"vType"`
}

type nodeAnswer struct {
	ID                number            `json:"id"`
	Name              text              `json:"name"`
	DisplayName       text              `json:"displayName"`
	NodeType          text              `json:"nodeType"`
	NodeGroup         text              `json:"nodeGroup"`
	NodeMission       text              `json:"nodemission"`
	Version           text              `json:"version"`
	Status            *number           `json:"status"`
	IsMaster          flag              `json:"ismaster"`
	IntIP             text              `json:"intIP"`
	ExtIPs            texts             `json:"extIPs"`
	ExtIPsV6          texts             `json:"extipsv6"`
	URL               text              `json:"url"`
	AdminURL          text              `json:"adminUrl"`
	FixedCloudlets    number            `json:"fixedCloudlets"`
	FlexibleCloudlets number            `json:"flexibleCloudlets"`
	DiskLimit         number            `json:"diskLimit"`
	OSType            text              `json:"osType"`
	VType             text              `json:"vType"`
	CustomItem        loose[itemAnswer] `json:"customitem"`
	Endpoints         json.RawMessage   `json:"endpoints"`
	AddOns            addOnsAnswer      `json:"addons"`
}

type itemAnswer struct {
	DockerName        text                  `json:"dockerName"`
	DockerTag         text                  `json:"dockerTag"`
	DockerVolumes     texts                 `json:"dockerVolumes"`
	DockerVolumesFrom texts                 `json:"dockerVolumesFrom"`
	DockerLinks       json.RawMessage       `json:"dockerLinks"`
	DockerManifest    loose[manifestAnswer] `json:"dockerManifest"`
}

type manifestAnswer struct {
	Cmd verbatim `json:"cmd"`
}

type linkAnswer struct {
	Type         text   `json:"type"`
	SourceNodeID number `json:"sourceNodeId"`
	Alias        text   `json:"alias"`
}

type endpointAnswer struct {
	ID          number `json:"id"`
	Name        text   `json:"name"`
	Domain      text   `json:"domain"`
	PrivatePort number `json:"privatePort"`
	PublicPort  number `json:"publicPort"`
	Protocol    text   `json:"protocol"`
}

type mountAnswer struct {
	NodeGroup       text   `json:"nodeGroup"`
	Path            text   `json:"path"`
	Protocol        text   `json:"protocol"`
	ReadOnly        flag   `json:"readOnly"`
	SourceNodeID    number `json:"sourceNodeId"`
	SourceNodeGroup text   `json:"sourceNodeGroup"`
	SourcePath      text   `json:"sourcePath"`
	SourceHost      text   `json:"sourceHost"`
}

// mountsAnswer reads a list of mounts, or lists of them under keys such as node groups or paths. The shape is
// unverified. A mount affects how an environment can move, so an element that cannot be read still counts as a mount.
type mountsAnswer []mountAnswer

func (m *mountsAnswer) UnmarshalJSON(data []byte) error {
	*m = nil
	var list []json.RawMessage
	var object map[string]json.RawMessage
	var one mountAnswer
	switch {
	case bytes.Equal(data, []byte("null")):
	case json.Unmarshal(data, &list) == nil:
		m.add("", list)
	case json.Unmarshal(data, &object) == nil && !hasAny(object, "path", "sourcePath", "protocol"):
		keys := make([]string, 0, len(object))
		for key := range object {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			if json.Unmarshal(object[key], &list) != nil {
				list = []json.RawMessage{object[key]}
			}
			m.add(newText(key), list)
		}
	default:
		_ = lenient(data, &one)
		*m = append(*m, one)
	}
	return nil
}

// add appends mounts. under is the key that they were found below: a path if it looks like one, otherwise a node group.
func (m *mountsAnswer) add(under text, list []json.RawMessage) {
	for _, element := range list {
		var one mountAnswer
		_ = lenient(element, &one) // an element that cannot be read counts as a mount with empty fields
		isPath := strings.HasPrefix(string(under), "/")
		if isPath && one.Path == "" {
			one.Path = under
		} else if !isPath && one.NodeGroup == "" {
			one.NodeGroup = under
		}
		*m = append(*m, one)
	}
}

// places are the node groups and paths with mounts.
func (m mountsAnswer) places() map[[2]string]bool {
	all := make(map[[2]string]bool, len(m))
	for _, one := range m {
		all[[2]string{string(one.NodeGroup), string(one.Path)}] = true
	}
	return all
}

func hasAny(object map[string]json.RawMessage, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return object[key] != nil })
}

func (a environmentAnswer) environment() Environment {
	status := Status(a.Env.Status)
	e := Environment{
		Name:             string(cmp.Or(a.Env.EnvName, a.Env.ShortDomain)),
		AppID:            string(a.Env.AppID),
		DisplayName:      string(a.Env.DisplayName),
		Domain:           string(a.Env.Domain),
		Status:           status,
		Region:           string(cmp.Or(a.Env.HardwareNodeGroup, a.Env.HostGroup)),
		Right:            string(a.Right),
		OwnerUID:         int64(a.Env.UID),
		CreatorUID:       int64(a.Env.CreatorUID),
		CreatedAt:        parseTime(a.Env.CreatedOn),
		Groups:           a.EnvGroups.sorted(),
		BuiltInSSL:       bool(a.Env.SSLState),
		HighAvailability: bool(a.Env.IsHAEnabled),
		Transferring:     bool(a.Env.IsTransferring),
		Broken:           bool(a.Env.IsBroken) || status == StatusBroken,
		CustomDomains:    a.Env.ExtDomains.sorted(),
	}
	order := map[string]int{}
	for i, g := range a.NodeGroups {
		order[string(g.Name)] = i
		e.NodeGroups = append(e.NodeGroups, NodeGroup{
			Name: string(g.Name), DisplayName: string(g.DisplayName),
			ScalingMode: string(g.ScalingMode), Virtualization: string(g.VType),
		})
	}
	nodeGroupOf, mounted := a.nodeGroupOf(), a.MountPoints.places()
	for _, n := range a.Nodes {
		if n.ID != 0 || n.NodeGroup != "" || n.NodeMission != "" {
			one := n.node(status)
			one.Links = n.CustomItem.value.links(nodeGroupOf)
			one.Volumes = slices.DeleteFunc(n.CustomItem.value.DockerVolumes.sorted(), func(path string) bool {
				return mounted[[2]string{n.nodeGroup(), path}]
			})
			e.Nodes = append(e.Nodes, one)
		}
	}
	slices.SortStableFunc(e.Nodes, func(x, y Node) int {
		return cmp.Or(cmp.Compare(place(order, x), place(order, y)), cmp.Compare(x.NodeGroup, y.NodeGroup),
			cmp.Compare(x.ID, y.ID))
	})
	for _, m := range a.MountPoints {
		e.Mounts = append(e.Mounts, Mount{
			NodeGroup: string(m.NodeGroup), Path: string(m.Path), Protocol: string(m.Protocol), ReadOnly: bool(m.ReadOnly),
			SourceNodeID: int64(m.SourceNodeID), SourceNodeGroup: string(m.SourceNodeGroup),
			SourcePath: string(m.SourcePath), SourceHost: string(m.SourceHost),
		})
	}
	return e
}

// place sorts nodes of node groups that the answer does not list after all others.
func place(order map[string]int, n Node) int {
	if i, ok := order[n.NodeGroup]; ok {
		return i
	}
	return math.MaxInt
}

func (n nodeAnswer) node(environment Status) Node {
	// A node without a status of its own takes the environment's.
	status := environment
	if n.Status != nil {
		status = Status(*n.Status)
	}
	addresses := append(n.ExtIPs.strings(), n.ExtIPsV6.strings()...)
	return Node{
		ID:                int64(n.ID),
		NodeGroup:         n.nodeGroup(),
		NodeType:          string(n.NodeType),
		Name:              string(n.Name),
		DisplayName:       string(n.DisplayName),
		Tag:               string(cmp.Or(n.CustomItem.value.DockerTag, n.Version)),
		Image:             string(n.CustomItem.value.DockerName),
		Status:            status,
		Master:            bool(n.IsMaster),
		InternalIP:        string(n.IntIP),
		PublicIPv4:        family(addresses, false),
		PublicIPv6:        family(addresses, true),
		URL:               string(n.URL),
		AdminURL:          string(n.AdminURL),
		ReservedCloudlets: int(n.FixedCloudlets),
		DynamicCloudlets:  int(n.FlexibleCloudlets),
		DiskGB:            diskGB(n.DiskLimit),
		Virtualization:    string(n.VType),
		OS:                string(n.OSType),
		Endpoints:         n.endpoints(),
		AddOns:            n.AddOns.addOns(),
	}
}

func (n nodeAnswer) nodeGroup() string { return string(cmp.Or(n.NodeGroup, n.NodeMission)) }

func (n nodeAnswer) endpoints() []Endpoint {
	answers, _ := decodeList[endpointAnswer](n.Endpoints) // anything but a list counts as none
	var all []Endpoint
	for _, e := range answers {
		all = append(all, Endpoint{
			ID: int64(e.ID), Name: string(e.Name), Domain: string(e.Domain), PrivatePort: int(e.PrivatePort),
			PublicPort: int(e.PublicPort), Protocol: string(e.Protocol),
		})
	}
	slices.SortFunc(all, func(x, y Endpoint) int { return cmp.Compare(x.ID, y.ID) })
	return all
}

// nodeGroupOf maps each node of the environment to its node group.
func (a environmentAnswer) nodeGroupOf() map[int64]string {
	nodeGroups := make(map[int64]string, len(a.Nodes))
	for _, n := range a.Nodes {
		nodeGroups[int64(n.ID)] = n.nodeGroup()
	}
	return nodeGroups
}

// links returns the links to other nodes. Links to several nodes of a node group count once.
func (i itemAnswer) links(nodeGroupOf map[int64]string) []string {
	answers, _ := decodeList[linkAnswer](i.DockerLinks)
	var all []string
	for _, l := range answers {
		if !strings.EqualFold(string(l.Type), "IN") && l.Type != "" {
			continue // another node's use of this one
		}
		source, ok := nodeGroupOf[int64(l.SourceNodeID)]
		if !ok {
			source = strconv.FormatInt(int64(l.SourceNodeID), 10)
		}
		all = append(all, source+":"+string(l.Alias))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// family returns the addresses of one IP version. The first is the primary address and stays first; the rest is sorted,
// because the platform promises no order and people compare lists.
func family(addresses []string, v6 bool) []string {
	var all []string
	for _, a := range addresses {
		if strings.Contains(a, ":") == v6 && (len(all) == 0 || a != all[0]) {
			all = append(all, a)
		}
	}
	if len(all) > 1 {
		slices.Sort(all[1:])
	}
	return slices.Compact(all)
}

// diskGB converts the MB of an answer. The platform returns 50000 for 50 GB; multiples of 1024 that are not multiples
// of 1000 are read as binary.
func diskGB(mb number) int {
	if mb%1000 != 0 && mb%1024 == 0 {
		return int(mb / 1024)
	}
	return int(math.Round(float64(mb) / 1000))
}
