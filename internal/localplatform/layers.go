package localplatform

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// groupSettings are the settings of a node group. nil means the default.
type groupSettings struct {
	IsSLBAccessEnabled     *boolValue      `json:"isSLBAccessEnabled,omitempty"`
	IsSequentialDeploy     *boolValue      `json:"isSequentialDeploy,omitempty"`
	RestartNodeDelay       *intValue       `json:"restartNodeDelay,omitempty"`
	RestartContainerDelay  *intValue       `json:"restartContainerDelay,omitempty"`
	RedeployContainerDelay *intValue       `json:"redeployContainerDelay,omitempty"`
	RedeployContextDelay   *intValue       `json:"redeployContextDelay,omitempty"`
	Cluster                json.RawMessage `json:"cluster,omitempty"`
}

// complete returns the settings with defaults filled in. The defaults are those of a recorded answer. Delays are in
// seconds.
func (g groupSettings) complete() groupSettings {
	g.IsSLBAccessEnabled = orDefault(g.IsSLBAccessEnabled, true)
	g.IsSequentialDeploy = orDefault(g.IsSequentialDeploy, false)
	g.RestartNodeDelay = orDefault(g.RestartNodeDelay, 0)
	g.RestartContainerDelay = orDefault(g.RestartContainerDelay, 0)
	g.RedeployContainerDelay = orDefault(g.RedeployContainerDelay, 30)
	g.RedeployContextDelay = orDefault(g.RedeployContextDelay, 30)
	return g
}

func orDefault[T any](value *T, otherwise T) *T {
	if value == nil {
		return &otherwise
	}
	return value
}

// Defaults for what a node group request leaves out. The figures are our choice. Reserved cloudlets default to none
// (certain: a recorded answer).
const (
	defaultFlexible = 8
	defaultDiskGB   = 10
)

var layerPattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]*$`)

// layers checks each requested node group and fills in defaults.
func (c *Catalogue) layers(specs []layerSpec, region *Region) ([]layer, error) {
	var list []layer
	for i := range specs {
		l, err := c.layer(&specs[i], region)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list, func(other layer) bool { return other.Name == l.Name }) {
			return nil, invalid("nodeGroup", "layer [%s] is there twice", l.Name)
		}
		list = append(list, l)
	}
	return list, nil
}

func (c *Catalogue) layer(spec *layerSpec, region *Region) (layer, error) {
	l := spec.layer()
	if l.NodeType == "" {
		return l, invalid("nodeType", "a node without a type")
	}
	s := c.stack(l.NodeType)
	if s == nil {
		return l, refuse(wire.ResultNodeTypeNotAllowed, "node type [%s] is not supported", l.NodeType)
	}
	l.NodeType = s.NodeType
	if !slices.Contains(region.virtualization(), s.virtualization()) {
		return l, refuse(wire.ResultNodeTypeNotAllowed, "node type [%s] is not supported in hardware node group [%s]",
			l.NodeType, region.Name)
	}
	if l.Name == "" {
		l.Name = s.Layers[0]
	}
	if !layerPattern.MatchString(l.Name) {
		return l, invalid("nodeGroup", "[%s] must be made of letters, digits, hyphens and underscores", l.Name)
	}
	if s.AnyImage && l.envGiven {
		l.Env = l.variables(s)
	}
	return l, l.complete(s)
}

// complete fills in defaults and checks the values against the stack.
func (l *layer) complete(s *Stack) error {
	if err := l.completeImage(s); err != nil {
		return err
	}
	l.Flexible = cmp.Or(l.Flexible, max(defaultFlexible, s.MinimumCloudlets, l.Fixed))
	l.DiskGB = cmp.Or(l.DiskGB, defaultDiskGB)
	switch {
	case l.Fixed < 0 || l.Flexible < l.Fixed:
		return invalid("flexibleCloudlets", "layer [%s] has %d, less than its %d fixed cloudlets", l.Name, l.Flexible,
			l.Fixed)
	case l.Flexible < s.MinimumCloudlets:
		return invalid("flexibleCloudlets", "layer [%s] has %d, node type [%s] needs at least %d", l.Name, l.Flexible,
			l.NodeType, s.MinimumCloudlets)
	case l.count < 0 || l.DiskGB < 0 || l.ExtIPv4 < 0 || l.ExtIPv6 < 0:
		return invalid("nodes", "layer [%s] has a negative figure", l.Name)
	}
	return l.completeScalingMode(s)
}

func (l *layer) completeImage(s *Stack) error {
	if s.AnyImage {
		if l.Image == "" {
			return invalid("image", "layer [%s] names no image", l.Name)
		}
		name, tag := splitImage(l.Image)
		l.Image, l.Tag = name, cmp.Or(l.Tag, tag)
	}
	switch {
	case !s.AnyImage && l.Tag == "" && len(s.Tags) > 0:
		l.Tag = s.Tags[0]
	case !s.AnyImage && len(s.Tags) > 0 && !slices.Contains(s.Tags, l.Tag):
		return invalid("tag", "node type [%s] has no tag [%s], only [%s]", l.NodeType, l.Tag, strings.Join(s.Tags, ", "))
	}
	return nil
}

func (l *layer) completeScalingMode(s *Stack) error {
	switch l.ScalingMode {
	case "":
		l.ScalingMode = "STATELESS"
		if s.Stateful {
			l.ScalingMode = "STATEFUL"
		}
	case "STATELESS", "STATEFUL":
	default:
		return invalid("scalingMode", "[%s] is neither STATELESS nor STATEFUL", l.ScalingMode)
	}
	return nil
}

// WrongRegistryPassword is a password that every registry rejects.
const WrongRegistryPassword = "wrong-password"

// pullable checks that the node group's image can be pulled. An image under private/ needs credentials, with any
// password but WrongRegistryPassword. The platform has several codes for images and registries; which of them means
// this is not public.
func (l *layer) pullable() error {
	private := strings.HasPrefix(l.Image, "private/") || strings.Contains(l.Image, "/private/")
	if private && (l.registry.User == "" || l.registry.Password == "" || l.registry.Password == WrongRegistryPassword) {
		return refuse(wire.ResultRegistryRefused, "unauthorized: image [%s] of layer [%s] cannot be pulled", l.Image, l.Name)
	}
	return nil
}

// sameContainers says whether existing containers can stay, so that only new ones need the image.
func (l *layer) sameContainers(old *layer) bool {
	return old != nil && old.NodeType == l.NodeType && old.Image == l.Image && old.Tag == l.Tag
}
