package localplatform

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// envSpec is the env parameter of createenvironment and changetopology.
type envSpec struct {
	ShortDomain textValue  `json:"shortdomain"`
	Region      textValue  `json:"region"`
	DisplayName textValue  `json:"displayName"`
	Engine      textValue  `json:"engine"`
	IsHAEnabled boolValue  `json:"ishaenabled"`
	SSLState    *boolValue `json:"sslstate"`
}

// ssl is true only if the request asks for the certificate.
func (s *envSpec) ssl() bool { return s.SSLState != nil && bool(*s.SSLState) }

// layerSpec is a node group in a request. Requests vary: most fields can also be below docker, the older description
// of a container.
type layerSpec struct {
	containerSpec
	groupSettings
	NodeType          textValue      `json:"nodeType"`
	Count             intValue       `json:"count"`
	FixedCloudlets    intValue       `json:"fixedCloudlets"`
	FlexibleCloudlets intValue       `json:"flexibleCloudlets"`
	DiskLimit         intValue       `json:"diskLimit"` // GB
	ExtIP             intValue       `json:"extip"`     // each of the three may be a boolean or a count
	ExtIPv4           intValue       `json:"extipv4"`
	ExtIPv6           intValue       `json:"extipv6"`
	ScalingMode       textValue      `json:"scalingMode"`
	Docker            *containerSpec `json:"docker"`
	RestartDelay      *intValue      `json:"restartDelay"` // answers call it restartNodeDelay
}

// containerSpec has the fields of a container, in a node or below its docker field.
type containerSpec struct {
	NodeGroup    textValue            `json:"nodeGroup"`
	DisplayName  textValue            `json:"displayName"`
	Image        textValue            `json:"image"`
	Tag          textValue            `json:"tag"`
	Cmd          textList             `json:"cmd"`
	Entrypoint   textList             `json:"entrypoint"`
	Env          textMap              `json:"env"`
	Links        textList             `json:"links"`
	Volumes      textList             `json:"volumes"`
	VolumesFrom  textList             `json:"volumesFrom"`
	VolumeMounts map[string]mountSpec `json:"volumeMounts"`
	Registry     *registrySpec        `json:"registry"`
	Manifest     *manifestSpec        `json:"dockerManifest"`
}

// manifestSpec is what an image declares, as far as the client sends it. Images are not read.
type manifestSpec struct {
	Cmd        textList    `json:"cmd"`
	Entrypoint textList    `json:"entrypoint"`
	Env        assignments `json:"env"`
	Volumes    textList    `json:"volumes"`
	Workdir    textValue   `json:"workdir"`
}

type registrySpec struct {
	URL      textValue `json:"url"`
	User     textValue `json:"user"`
	Password textValue `json:"password"`
}

type mountSpec struct {
	Name              textValue `json:"name"`
	Protocol          textValue `json:"protocol"`
	ReadOnly          boolValue `json:"readOnly"`
	SourceAddressType textValue `json:"sourceAddressType"`
	SourceNodeID      intValue  `json:"sourceNodeId"`
	SourceNodeGroup   textValue `json:"sourceNodeGroup"`
	SourcePath        textValue `json:"sourcePath"`
	SourceHost        textValue `json:"sourceHost"`
}

func (m *mountSpec) mount() mount {
	return mount{Name: string(m.Name), MountPoint: wire.MountPoint{
		Protocol: string(m.Protocol), ReadOnly: bool(m.ReadOnly),
		SourceAddressType: string(m.SourceAddressType), SourceNodeID: int64(m.SourceNodeID),
		SourceNodeGroup: string(m.SourceNodeGroup), SourcePath: string(m.SourcePath), SourceHost: string(m.SourceHost),
	}}
}

// adopt fills empty fields from the older description.
func (s *containerSpec) adopt(older *containerSpec) {
	if older == nil {
		return
	}
	s.NodeGroup, s.DisplayName = cmp.Or(s.NodeGroup, older.NodeGroup), cmp.Or(s.DisplayName, older.DisplayName)
	s.Image, s.Tag = cmp.Or(s.Image, older.Image), cmp.Or(s.Tag, older.Tag)
	for _, pair := range []struct{ to, from *textList }{
		{&s.Cmd, &older.Cmd}, {&s.Entrypoint, &older.Entrypoint}, {&s.Links, &older.Links}, {&s.Volumes,
			&older.Volumes}, {&s.VolumesFrom, &older.VolumesFrom},
	} {
		if *pair.to == nil {
			*pair.to = *pair.from
		}
	}
	if s.Env == nil {
		s.Env = older.Env
	}
	if s.VolumeMounts == nil {
		s.VolumeMounts = older.VolumeMounts
	}
	s.Registry, s.Manifest = cmp.Or(s.Registry, older.Registry), cmp.Or(s.Manifest, older.Manifest)
}

// layer returns the requested node group, unchecked.
func (s *layerSpec) layer() layer {
	said := s.containerSpec
	said.adopt(s.Docker)
	l := layer{
		Name: string(said.NodeGroup), NodeType: string(s.NodeType), DisplayName: string(said.DisplayName),
		Tag: string(said.Tag), Image: string(said.Image),
		Cmd: commandOf(said.Cmd), Entrypoint: said.Entrypoint, Fixed: int(s.FixedCloudlets),
		Flexible: int(s.FlexibleCloudlets), DiskGB: int(s.DiskLimit),
		ExtIPv4: int(cmp.Or(s.ExtIPv4, s.ExtIP)), ExtIPv6: int(s.ExtIPv6),
		ScalingMode: strings.ToUpper(string(s.ScalingMode)), Env: said.Env, Links: said.Links,
		Volumes: said.Volumes, VolumesFrom: said.VolumesFrom, Mounts: map[string]mount{},
		Settings: s.groupSettings, count: int(s.Count),
		unsaidDisk: s.DiskLimit == 0, envGiven: said.Env != nil,
	}
	if l.NodeType == "" && l.Image != "" {
		l.NodeType = "docker"
	}
	for path, m := range said.VolumeMounts {
		l.Mounts[path] = m.mount()
	}
	if l.Settings.RestartNodeDelay == nil {
		l.Settings.RestartNodeDelay = s.RestartDelay
	}
	if r := said.Registry; r != nil {
		l.registry = wire.RegistrySpec{URL: string(r.URL), User: string(r.User), Password: string(r.Password)}
	}
	l.RegistryURL, l.RegistryUserName = l.registry.URL, l.registry.User // the password is not stored
	if m := said.Manifest; m != nil {
		l.Declared = declaration{
			Cmd: m.Cmd, Entrypoint: m.Entrypoint, Env: m.Env, Volumes: m.Volumes, Workdir: string(m.Workdir),
		}
	}
	return l
}

// commandOf returns the start command as stored: a single text unchanged, several arguments as a JSON list.
func commandOf(list textList) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	data, err := json.Marshal([]string(list))
	if err != nil {
		return strings.Join(list, " ")
	}
	return string(data)
}

// arguments splits a stored start command.
func arguments(command string) []string {
	var list []string
	if strings.HasPrefix(command, "[") && json.Unmarshal([]byte(command), &list) == nil {
		return list
	}
	return strings.Fields(command)
}

// declaration is what is known about a container's image.
type declaration struct {
	Cmd, Entrypoint, Volumes []string          `json:",omitempty"`
	Env                      map[string]string `json:",omitempty"`
	Workdir                  string            `json:",omitempty"`
}

// imagePath is the PATH of a container whose image declares none. Every image has a PATH; this is the usual one.
const imagePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// variables are the variables of a new container: those of the image, overridden by the requested ones.
func (l *layer) variables(s *Stack) map[string]string {
	if !s.AnyImage {
		return maps.Clone(l.Env)
	}
	all := l.declared()
	maps.Copy(all, l.Env)
	return all
}

// declared returns the variables of the node group's image.
func (l *layer) declared() map[string]string {
	all := map[string]string{"PATH": imagePath}
	maps.Copy(all, l.Declared.Env)
	return all
}

// manifest describes the containers of the node group, without the variables that users set. It is certain that every
// container of an image has a manifest, with env and entrypoint (a recorded answer). The rest is likely.
func (l *layer) manifest() *wire.DockerManifest {
	m := &wire.DockerManifest{
		Cmd: l.Declared.Cmd, Entrypoint: append([]string{}, l.Declared.Entrypoint...), Env: []string{},
		Volumes: append([]string{}, l.Declared.Volumes...),
		Workdir: l.Declared.Workdir, OS: "linux",
	}
	if l.Cmd != "" {
		m.Cmd = arguments(l.Cmd)
	}
	if len(l.Entrypoint) > 0 {
		m.Entrypoint = l.Entrypoint
	}
	declared := l.declared()
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		m.Env = append(m.Env, name+"="+declared[name])
	}
	return m
}

// nodeSpecs reads the list of node groups. The API description calls it one object, which is read as a list of one.
func (c *call) nodeSpecs() ([]layerSpec, error) {
	var specs []layerSpec
	if bytes.HasPrefix(bytes.TrimSpace([]byte(c.value("nodes"))), []byte("{")) {
		specs = make([]layerSpec, 1)
		if err := c.decode("nodes", &specs[0]); err != nil {
			return nil, err
		}
	} else if err := c.decode("nodes", &specs); err != nil {
		return nil, err
	}
	if len(specs) == 0 {
		return nil, invalid("nodes", "an environment needs at least one node")
	}
	return specs, nil
}
