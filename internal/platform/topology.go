package platform

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// Topology is the complete list of an environment's node groups, as ChangeTopology sends it: the platform removes a
// node group that is missing and may reset a field that is missing. So a Topology is read from the platform, including
// settings that this package does not model, changed where needed, and sent whole. Variables are not part of it: they
// have their own calls. It is not safe for concurrent use.
type Topology struct {
	environment Environment
	env         wire.EnvSpec
	nodeGroups  []rawNodeGroup
	secrets     []string
}

// rawNodeGroup is a node group to send.
type rawNodeGroup struct {
	spec wire.NodeSpec
	// rest holds the settings that are not modelled, as read.
	rest map[string]json.RawMessage
}

// readOnly are the members of a node group in an answer that are modelled in wire.NodeSpec or cannot be set.
var readOnly = []string{"name", "displayName", "scalingMode", "templateType", "vType", "features", "deployments"}

// MarshalJSON writes the modelled fields over the others.
func (l rawNodeGroup) MarshalJSON() ([]byte, error) {
	all := maps.Clone(l.rest)
	if all == nil {
		all = map[string]json.RawMessage{}
	}
	modelled, err := json.Marshal(l.spec)
	if err == nil {
		err = json.Unmarshal(modelled, &all)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// Topology reads an environment in order to change its node groups. The error has ClassMalformed if the answer is not
// complete enough to send every node group back unchanged.
func (c *Client) Topology(ctx context.Context, environment string) (*Topology, error) {
	r := read(control+"getenvinfo", environment)
	var rest json.RawMessage
	nodes, err := callList(ctx, c, r, &rest, "nodes", keep[nodeAnswer])
	if err != nil {
		return nil, err
	}
	t, err := newTopology(rest, nodes)
	if err != nil {
		return nil, r.malformed(err)
	}
	return t, nil
}

// newTopology builds a topology from an answer without its nodes, and these nodes.
func newTopology(answer json.RawMessage, nodes []nodeAnswer) (*Topology, error) {
	var info environmentAnswer
	var raw struct {
		NodeGroups []map[string]json.RawMessage `json:"nodeGroups"`
	}
	_ = lenient(answer, &info) // it was read before
	_ = lenient(answer, &raw)
	info.Nodes = nodes
	e := info.environment()
	if e.Name == "" || e.Region == "" {
		return nil, errors.New("the answer does not say which environment it is about and where that is")
	}
	t := &Topology{environment: e, env: wire.EnvSpec{
		ShortDomain: e.Name, Region: e.Region, DisplayName: e.DisplayName, Engine: string(info.Env.Engine.value.Keyword),
		IsHAEnabled: e.HighAvailability, SSLState: &e.BuiltInSSL,
	}}
	nodesOf := map[string][]nodeAnswer{}
	for _, n := range info.Nodes {
		nodesOf[n.nodeGroup()] = append(nodesOf[n.nodeGroup()], n)
	}
	added := map[string]bool{}
	add := func(name string, rest map[string]json.RawMessage) error {
		nodes := nodesOf[name]
		if name == "" || len(nodes) == 0 || nodes[0].NodeType == "" {
			return fmt.Errorf("the answer tells too little about the layer %.60q to leave it as it is", name)
		}
		if added[name] {
			return fmt.Errorf("the answer lists the layer %.60q twice", name)
		}
		added[name] = true
		t.nodeGroups = append(t.nodeGroups, rawNodeGroup{e.nodeGroupSpec(name, nodes), rest})
		return nil
	}
	for i, g := range e.NodeGroups {
		rest := raw.NodeGroups[i]
		if delay, ok := rest["restartNodeDelay"]; ok {
			rest["restartDelay"] = delay // its name in requests
		}
		maps.DeleteFunc(rest, func(key string, _ json.RawMessage) bool { return slices.Contains(readOnly, key) })
		if err := add(g.Name, rest); err != nil {
			return nil, err
		}
	}
	for _, n := range info.Nodes {
		if !added[n.nodeGroup()] {
			if err := add(n.nodeGroup(), nil); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// nodeGroupSpec returns the request for an unchanged node group. If its nodes differ, the first one counts for all, but
// no disk shrinks and no node loses an address.
func (e Environment) nodeGroupSpec(name string, nodes []nodeAnswer) wire.NodeSpec {
	first := nodes[0]
	item := first.CustomItem.value
	spec := NodeGroupSpec{
		Name: name, NodeType: string(first.NodeType), Count: len(nodes),
		ReservedCloudlets: int(first.FixedCloudlets), DynamicCloudlets: int(first.FlexibleCloudlets),
		Tag: string(cmp.Or(item.DockerTag, first.Version)), Image: string(item.DockerName), Cmd: item.cmd(),
	}
	for _, g := range e.NodeGroups {
		if g.Name == name {
			spec.DisplayName, spec.ScalingMode = g.DisplayName, g.ScalingMode
		}
	}
	for _, n := range e.Nodes {
		if n.NodeGroup == name {
			spec.Links, spec.Volumes = n.Links, n.Volumes // of the last node: any would do
			spec.DiskGB = max(spec.DiskGB, n.DiskGB)
			spec.PublicIPv4Count, spec.PublicIPv6Count = max(spec.PublicIPv4Count, len(n.PublicIPv4)), max(spec.PublicIPv6Count,
				len(n.PublicIPv6))
		}
	}
	for _, m := range e.Mounts {
		if m.NodeGroup == name {
			spec.Mounts = append(spec.Mounts, m)
		}
	}
	wished := spec.node()
	wished.Mission, wished.VolumesFrom = string(first.NodeMission), item.DockerVolumesFrom.strings()
	return wished
}

// cmd returns the start command, "" if its arguments could not be told apart in one text.
func (i itemAnswer) cmd() string {
	arguments := i.DockerManifest.value.Cmd
	if len(arguments) > 1 && slices.ContainsFunc(arguments, func(a string) bool {
		return strings.ContainsAny(a, " \t\n'\"\\$")
	}) {
		return ""
	}
	return strings.Join(arguments, " ")
}

// Environment returns the environment as it was when the topology was read.
func (t *Topology) Environment() Environment { return t.environment }

// String names the topology only, because its contents may be secret.
func (t *Topology) String() string { return fmt.Sprintf("the topology of %q", t.environment.Name) }

// GoString is String, for the same reason.
func (t *Topology) GoString() string { return t.String() }

// Put changes the node group of that name, or adds it if there is none. Zero fields of spec leave an existing node
// group as read, except for what belongs to the old stack or image if spec changes that. Env applies to a new node
// group only. The platform never returns registry credentials, so set them whenever nodes may be recreated.
func (t *Topology) Put(spec NodeGroupSpec) {
	t.secrets = append(t.secrets, spec.secrets()...)
	i := slices.IndexFunc(t.nodeGroups, func(l rawNodeGroup) bool { return l.spec.NodeGroup == spec.Name })
	if i < 0 {
		t.nodeGroups = append(t.nodeGroups, rawNodeGroup{spec: spec.node()})
		return
	}
	spec.Env = nil
	l, wished := &t.nodeGroups[i].spec, spec.node()
	if wished.NodeType != "" && wished.NodeType != l.NodeType {
		l.Tag, l.Image, l.Cmd, l.Mission = "", "", "", ""
		t.forgetEngine(spec.Name)
	}
	if wished.Image != "" && wished.Image != l.Image {
		l.Tag, l.Cmd = "", ""
	}
	l.NodeType = cmp.Or(wished.NodeType, l.NodeType)
	l.Count = cmp.Or(wished.Count, l.Count)
	l.FixedCloudlets = cmp.Or(wished.FixedCloudlets, l.FixedCloudlets)
	l.FlexibleCloudlets = cmp.Or(wished.FlexibleCloudlets, l.FlexibleCloudlets)
	l.DiskLimit = cmp.Or(wished.DiskLimit, l.DiskLimit)
	l.DisplayName = cmp.Or(wished.DisplayName, l.DisplayName)
	l.Tag = cmp.Or(wished.Tag, l.Tag)
	l.Image = cmp.Or(wished.Image, l.Image)
	l.ScalingMode = cmp.Or(wished.ScalingMode, l.ScalingMode)
	l.Cmd = cmp.Or(wished.Cmd, l.Cmd)
	l.ExtIPv4 = cmp.Or(wished.ExtIPv4, l.ExtIPv4)
	l.ExtIPv6 = cmp.Or(wished.ExtIPv6, l.ExtIPv6)
	l.ExtIP = l.ExtIPv4 > 0
	l.Registry = cmp.Or(wished.Registry, l.Registry)
	if wished.Links != nil {
		l.Links = wished.Links
	}
	if wished.Volumes != nil {
		l.Volumes = wished.Volumes
	}
	if spec.Mounts != nil {
		l.VolumeMounts = wished.VolumeMounts
	}
	l.Docker = dockerOf(*l)
}

// Remove removes a node group, with its nodes and everything on them.
func (t *Topology) Remove(nodeGroup string) {
	t.nodeGroups = slices.DeleteFunc(t.nodeGroups, func(l rawNodeGroup) bool { return l.spec.NodeGroup == nodeGroup })
	t.forgetEngine(nodeGroup)
}

// forgetEngine leaves the language engine to the platform if the node group that determines it changes.
func (t *Topology) forgetEngine(nodeGroup string) {
	if nodeGroup == "cp" {
		t.env.Engine = ""
	}
}

// SetBuiltInSSL switches the platform's certificate for the environment's own domain on or off.
func (t *Topology) SetBuiltInSSL(on bool) { t.env.SSLState = &on }

// ChangeTopology gives an environment the node groups of the topology and waits until the platform has finished.
func (c *Client) ChangeTopology(ctx context.Context, t *Topology) error {
	r := write(control+"changetopology", t.environment.Name, "env", jsonText(t.env), "nodes", jsonText(t.nodeGroups))
	r.secrets, r.confidential = t.secrets, true // the answer may contain the passwords of new nodes
	r.names = namesOfEnvironment(t.env)
	for _, g := range t.nodeGroups {
		r.names = append(r.names, namesOfNodeGroup(g.spec)...)
	}
	return c.call(ctx, r, nil)
}
