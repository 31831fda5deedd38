package platform

import (
	"fmt"
	"maps"
	"slices"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/sanitize"
)

// structured lists the parameters that are not names; request.names holds the names within them.
var structured = []string{"env", "nodes", "vars", "envGroup", "envGroups", "session"}

// name is a text that identifies something.
type name struct{ what, text string }

// namesOf holds texts of one kind.
func namesOf(what string, texts ...string) []name {
	var all []name
	for _, text := range texts {
		all = append(all, name{what, text})
	}
	return all
}

// sendable refuses a request with a name that was altered when it was read, or would be altered when it comes back:
// whatever has that name is not what the caller means.
func (r request) sendable() error {
	names := r.names
	for _, parameter := range slices.Sorted(maps.Keys(r.parameters)) {
		if !slices.Contains(structured, parameter) {
			names = append(names, namesOf("the parameter "+parameter, r.parameters[parameter]...)...)
		}
	}
	i := slices.IndexFunc(names, func(n name) bool { return sanitize.IsAltered(n.text) })
	if i < 0 {
		return nil
	}
	return &Error{Class: ClassInvalid, Method: r.method, Environment: sanitize.Clean(r.environment), Cause: fmt.Errorf(
		"nothing was sent, because %s is %.100q: it has characters that cannot be seen or shown, so it is not certain "+
			"what it names",
		names[i].what, sanitize.Clean(names[i].text))}
}

// namesOfEnvironment returns the names in the parameter env.
func namesOfEnvironment(e wire.EnvSpec) []name {
	return slices.Concat(namesOf("the name of the environment", e.ShortDomain), namesOf("its region", e.Region),
		namesOf("its display name", e.DisplayName), namesOf("its engine", e.Engine))
}

// namesOfNodeGroup returns the names in an element of the parameter nodes. Variables, credentials and commands are not
// names.
func namesOfNodeGroup(n wire.NodeSpec) []name {
	of := " of the layer " + sanitize.Clean(n.NodeGroup)
	all := slices.Concat(namesOf("the name of a layer", n.NodeGroup), namesOf("the display name"+of, n.DisplayName),
		namesOf("the node type"+of, n.NodeType), namesOf("the mission"+of, n.Mission), namesOf("the tag"+of, n.Tag),
		namesOf("the image"+of, n.Image), namesOf("the scaling mode"+of, n.ScalingMode), namesOf("a link"+of, n.Links...),
		namesOf("a volume"+of, n.Volumes...), namesOf("a node that volumes are taken from"+of, n.VolumesFrom...))
	for _, path := range slices.Sorted(maps.Keys(n.VolumeMounts)) {
		m := n.VolumeMounts[path]
		all = append(all, namesOf("a mount"+of, path, m.SourceNodeGroup, m.SourcePath, m.SourceHost)...)
	}
	return all
}
