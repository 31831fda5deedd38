package localplatform

import (
	"errors"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"checkmigrationpossibility": {run: (*call).checkMigrationPossibility, required: []string{"envName"}, reads: true,
			rehearses: true},
		"migrate": {run: (*call).migrate, required: []string{"envName", "hardwareNodeGroup"}},
	})
}

// movable are the statuses in which an environment can be moved. A stopped one can (documented). For a sleeping one
// that is not documented; here it can, and it stays asleep.
var movable = []int{wire.StatusRunning, wire.StatusDown, wire.StatusSleep}

// usable says whether environments can be placed in the region.
func (r *Region) usable() bool { return r.Enabled && !r.Maintenance && !r.datacenter.Maintenance }

// route returns both ends of a move, or the reason why it is not possible.
func (c *call) route(t *tx, env *environment) (from, to *Region, err error) {
	from = t.catalogue.region(env.Region)
	name := c.value("hardwareNodeGroup")
	to = t.catalogue.region(name)
	switch {
	case from == nil || !from.datacenter.MigrationAllowed:
		return nil, nil, refuse(wire.ResultMigrationNotAllowed, "environment migration is not allowed from hardware node "+
			"group [%s]", env.Region)
	case name == "":
		return from, nil, nil
	case to == nil:
		return nil, nil, invalid("hardwareNodeGroup", "[%s] does not exist", name)
	case to == from:
		return nil, nil, invalid("hardwareNodeGroup", "environment [%s] is in [%s] already", env.Name, name)
	case !to.datacenter.MigrationAllowed:
		return nil, nil, refuse(wire.ResultMigrationNotAllowed, "environment migration is not allowed to hardware node "+
			"group [%s]", name)
	case !to.Enabled:
		return nil, nil, refuse(wire.ResultMigrationNotAllowed, "hardware node group [%s] is not available for this account",
			name)
	case !to.usable():
		return nil, nil, refuse(wire.ResultMigrationNotAllowed,
			"hardware node group [%s] is in maintenance and not available for migration", name)
	}
	if t.catalogue.windowsIn(env) {
		return nil, nil, refuse(wire.ResultMigrationNotAllowed, "environments with Windows nodes cannot be migrated")
	}
	for i := range env.Layers {
		s := t.catalogue.stackOf(&env.Layers[i])
		if !slices.Contains(to.virtualization(), s.virtualization()) {
			return nil, nil, refuse(wire.ResultNodeTypeNotAllowed, "node type [%s] is not supported in hardware node group [%s]",
				s.NodeType, name)
		}
	}
	return from, to, t.checkCapacity(to, env.cloudlets())
}

// windowsIn: the platform does not clone or migrate environments with Windows nodes.
func (c *Catalogue) windowsIn(env *environment) bool {
	return slices.ContainsFunc(env.Layers, func(l layer) bool {
		s := c.stackOf(&l)
		return s.os() == "WINDOWS"
	})
}

// addressesKept: addresses change only in a move between data centres, or between regions of one data centre in
// different layer-3 networks.
func addressesKept(from, to *Region) bool {
	return from.datacenter == to.datacenter && (from.L3Group == to.L3Group || from.L3Group == "" || to.L3Group == "")
}

// relocate changes env to its state in the new region. A live move keeps addresses and domain.
func (t *tx) relocate(env *environment, from, to *Region, live bool) error {
	env.Region = to.Name
	if live || from == nil {
		return nil
	}
	if from.datacenter != to.datacenter {
		env.Domain = env.Name + "." + to.datacenter.Domain
	}
	if addressesKept(from, to) {
		return nil
	}
	for i := range env.Nodes {
		n := &env.Nodes[i]
		ipv4, ipv6 := len(n.IPv4), len(n.IPv6)
		n.IntIP, n.IPv4, n.IPv6 = "", nil, nil
		if err := t.address(n, to.datacenter, env.Name, ipv4, ipv6); err != nil {
			return err
		}
	}
	return nil
}

// errDryRun rolls back a check.
var errDryRun = errors.New("dry run")

// checkMigrationPossibility tries the whole move, including the addresses, and rolls it back. Like the platform's
// method, it does not distinguish live from offline.
func (c *call) checkMigrationPossibility() (any, error) {
	err := c.platform.update(func(t *tx) error {
		env, err := c.writable(t, movable...)
		if err != nil {
			return err
		}
		from, to, err := c.route(t, env)
		if err != nil || to == nil {
			return firstError(err, errDryRun)
		}
		return firstError(t.relocate(env.copy(), from, to, false), errDryRun)
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return nil, err
}

func (c *call) migrate() (any, error) {
	online, err := c.boolean("isOnline")
	if err != nil {
		return nil, err
	}
	return c.change(movable, func(t *tx, env *environment) (operation, time.Duration, error) {
		from, to, err := c.route(t, env)
		if err != nil {
			return operation{}, 0, err
		}
		live := online && env.Status == wire.StatusRunning && !c.hooks.Offline()
		if online {
			if err := t.checkLive(env, from, to); err != nil {
				return operation{}, 0, err
			}
		}
		after := env.copy()
		if err := t.relocate(after, from, to, live); err != nil {
			return operation{}, 0, err
		}
		op := operation{Kind: wire.ActionMigrate, Status: wire.StatusMigrating, NodesDown: !live, Live: live, After: after}
		var length time.Duration
		for i := range env.Nodes {
			d := containerTime(env, &env.Nodes[i], live, from.datacenter != to.datacenter)
			op.Containers = append(op.Containers, containerMove{NodeID: env.Nodes[i].ID, Share: d})
			length += d
		}
		return op, length, nil
	})
}

// checkLive: the platform's code for an unavailable live move is not public. Migration not allowed is our choice.
func (t *tx) checkLive(env *environment, from, to *Region) error {
	if !t.catalogue.livePossible(from, to) {
		return refuse(wire.ResultMigrationNotAllowed, "live migration is not available between [%s] and [%s]", from.Name,
			to.Name)
	}
	for i := range env.Layers {
		if env.Layers[i].NodeType == "storage" {
			return refuse(wire.ResultMigrationNotAllowed, "live migration is not available for environments with Shared "+
				"Storage containers")
		}
	}
	return nil
}

// containerTime is the time to move one container: a fixed part, its disk, and its memory if it runs. A live move
// copies the memory twice. A move between data centres takes twice as long.
func containerTime(env *environment, n *node, live, far bool) time.Duration {
	const fixed, perCloudlet, perGB = 5 * time.Second, 500 * time.Millisecond, 400 * time.Millisecond
	d := fixed
	if l := env.layer(n.Layer); l != nil {
		d += time.Duration(l.DiskGB) * perGB
	}
	if env.Status == wire.StatusRunning {
		memory := time.Duration(n.Flexible) * perCloudlet
		if live {
			memory *= 2
		}
		d += memory
	}
	if far {
		d *= 2
	}
	return d
}
