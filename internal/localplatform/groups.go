package localplatform

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"attachenvgroup": {run: (*call).attachEnvGroup, required: []string{"envName"}},
		"detachenvgroup": {run: (*call).detachEnvGroup, required: []string{"envName"}},
		"setenvgroup":    {run: (*call).setEnvGroup, required: []string{"envName"}},
	})
	register("environment/group", map[string]*method{
		"getgroups":           {run: (*call).getGroups, reads: true},
		"creategroup":         {run: (*call).createGroup},
		"editgroup":           {run: (*call).editGroup},
		"removegroup":         {run: (*call).removeGroup},
		"attachenv":           {run: (*call).attachEnvGroup},
		"detachenv":           {run: (*call).detachEnvGroup},
		"setenv":              {run: (*call).setEnv},
		"setisolationenabled": {run: (*call).setIsolation, required: []string{"enabled"}},
	})
}

// group is a group of environments in an account. Slashes in the name separate the levels of the hierarchy. Clients
// read id, name, isIsolated and visibility of every group (likely).
type group struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name"`
	Color      string     `json:"color,omitempty"`
	Icon       string     `json:"icon,omitempty"`
	Visibility visibility `json:"visibility"`
	IsIsolated boolValue  `json:"isIsolated"`
	UID        int64      `json:"uid"`
}

// visibility is written as the index of its name in the API description (likely). Both index and name are read.
type visibility int

var visibilities = []string{"SHOW", "HIDE", "SHOW_IF_NOT_EMPTY"}

func (v *visibility) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	if err != nil {
		return err
	}
	if i := slices.Index(visibilities, strings.ToUpper(text)); i >= 0 || text == "" {
		*v = visibility(max(i, 0))
		return nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 || number >= len(visibilities) {
		return fmt.Errorf("visibility [%s] is neither of %s nor the number of one", text, strings.Join(visibilities, ", "))
	}
	*v = visibility(number)
	return nil
}

func groupPrefix(uid int64) []byte { return fmt.Appendf(nil, "%d/", uid) }

func groupKey(uid int64, name string) []byte { return append(groupPrefix(uid), name...) }

func (c *call) attachEnvGroup() (any, error) {
	return c.regroup(func(present, sent []string) []string {
		for _, name := range sent {
			if !slices.Contains(present, name) {
				present = append(present, name)
			}
		}
		return present
	})
}

func (c *call) detachEnvGroup() (any, error) {
	return c.regroup(func(present, sent []string) []string {
		return slices.DeleteFunc(present, func(name string) bool { return slices.Contains(sent, name) })
	})
}

func (c *call) setEnvGroup() (any, error) {
	return c.regroup(func(_, sent []string) []string { return sent })
}

// setEnv is setEnvGroup in the group service, which returns the groups.
func (c *call) setEnv() (any, error) {
	if _, err := c.setEnvGroup(); err != nil {
		return nil, err
	}
	var list []group
	err := c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err == nil {
			list, err = t.groups(env.Owner, env.Groups)
		}
		return err
	})
	return arrayAnswer{Array: list}, err
}

// first returns the name of the first parameter that was sent. Clients spell some parameters in several ways.
func (c *call) first(names ...string) string {
	for _, name := range names {
		if c.has(name) {
			return name
		}
	}
	return names[0]
}

// groupName reads the required parameter that names a group.
func (c *call) groupName(names ...string) (string, error) {
	name := c.value(c.first(names...))
	if name == "" {
		return "", refuseOuter(wire.ResultInvalidParameter, "required parameter [%s] is missing", names[0])
	}
	return name, nil
}

// regroup reads the groups from envGroup, envGroups or groupName, and the environment also from targetAppid as in the
// group service. It creates missing groups.
func (c *call) regroup(change func(present, sent []string) []string) (any, error) {
	parameter := c.first("envGroup", "envGroups", "groupName")
	if !c.has(parameter) {
		return nil, refuseOuter(wire.ResultInvalidParameter, "required parameter [envGroup] is missing")
	}
	sent, err := c.names(parameter)
	if err != nil {
		return nil, err
	}
	if target := c.value("targetAppid"); target != "" {
		c.form["envname"] = target
	}
	if c.target() == "" {
		return nil, refuseOuter(wire.ResultInvalidParameter, "required parameter [envName] is missing")
	}
	return c.changeInstantly(wire.ActionChangeSettings, idleStatuses, func(t *tx, env *environment) error {
		env.Groups = change(env.Groups, sent)
		return t.addGroups(env.Owner, env.Groups)
	})
}

func (t *tx) addGroups(uid int64, names []string) error {
	for _, name := range names {
		if t.bolt.Bucket(bucketGroups).Get(groupKey(uid, name)) != nil {
			continue
		}
		if err := t.putGroup(&group{Name: name, UID: uid}); err != nil {
			return err
		}
	}
	return nil
}

// putGroup stores the group and assigns an id to a new one.
func (t *tx) putGroup(g *group) error {
	b := t.bolt.Bucket(bucketGroups)
	if g.ID == 0 {
		id, err := b.NextSequence()
		if err != nil {
			return err
		}
		g.ID = int64(id)
	}
	return put(b, groupKey(g.UID, g.Name), g)
}

// groups lists an account's groups by name. If only is not nil, it lists only those.
func (t *tx) groups(uid int64, only []string) ([]group, error) {
	list, prefix := []group{}, groupPrefix(uid)
	cursor := t.bolt.Bucket(bucketGroups).Cursor()
	for key, _ := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, _ = cursor.Next() {
		g, _, err := get[group](t.bolt.Bucket(bucketGroups), key)
		if err != nil {
			return nil, err
		}
		if only == nil || slices.Contains(only, g.Name) {
			list = append(list, g)
		}
	}
	return list, nil
}

func (c *call) getGroups() (any, error) {
	var list []group
	err := c.view(func(t *tx) error {
		only, err := c.groupsOfTarget(t)
		if err == nil {
			list, err = t.groups(c.owner.UID, only)
		}
		return err
	})
	return arrayAnswer{Array: list}, err
}

// groupsOfTarget returns nil if the call names no environment.
func (c *call) groupsOfTarget(t *tx) ([]string, error) {
	target := cmp.Or(c.value("targetAppid"), c.target())
	if target == "" {
		return nil, nil // no limit
	}
	env, err := c.environmentNamed(t, target)
	if err != nil {
		return nil, err
	}
	return append([]string{}, env.Groups...), nil
}

// groupData applies the data parameter, which may also name the group.
func (c *call) groupData(g *group) error {
	if c.value("data") == "" {
		return nil
	}
	kept := *g
	if err := c.decode("data", g); err != nil {
		return err
	}
	g.ID, g.UID = kept.ID, kept.UID
	return nil
}

func (c *call) createGroup() (any, error) {
	return c.changeGroup(func(t *tx) (*group, error) {
		g := &group{UID: c.owner.UID}
		if err := c.groupData(g); err != nil {
			return nil, err
		}
		g.Name = cmp.Or(c.value("envGroup"), c.value("groupName"), g.Name)
		if g.Name == "" {
			return nil, refuseOuter(wire.ResultInvalidParameter, "required parameter [envGroup] is missing")
		}
		if t.bolt.Bucket(bucketGroups).Get(groupKey(c.owner.UID, g.Name)) != nil {
			return nil, invalid("envGroup", "group [%s] already exists", g.Name)
		}
		return g, nil
	})
}

func (c *call) editGroup() (any, error) {
	name, err := c.groupName("srcGroupName", "groupName", "envGroup")
	if err != nil {
		return nil, err
	}
	return c.changeGroup(func(t *tx) (*group, error) {
		g, err := c.group(t, name)
		if err != nil {
			return nil, err
		}
		if err := c.groupData(g); err != nil {
			return nil, err
		}
		g.Name = cmp.Or(c.value("dstGroupName"), g.Name, name)
		if g.Name == name {
			return g, nil
		}
		if t.bolt.Bucket(bucketGroups).Get(groupKey(c.owner.UID, g.Name)) != nil {
			return nil, invalid("dstGroupName", "group [%s] already exists", g.Name)
		}
		if err := t.bolt.Bucket(bucketGroups).Delete(groupKey(c.owner.UID, name)); err != nil {
			return nil, err
		}
		return g, c.renameInEnvironments(t, name, g.Name)
	})
}

func (c *call) setIsolation() (any, error) {
	name, err := c.groupName("groupName", "envGroup")
	if err != nil {
		return nil, err
	}
	enabled, err := c.boolean("enabled")
	if err != nil {
		return nil, err
	}
	_, err = c.changeGroup(func(t *tx) (*group, error) {
		g, err := c.group(t, name)
		if err == nil {
			g.IsIsolated = boolValue(enabled)
		}
		return g, err
	})
	return nil, err
}

func (c *call) group(t *tx, name string) (*group, error) {
	g, ok, err := get[group](t.bolt.Bucket(bucketGroups), groupKey(c.owner.UID, name))
	if err == nil && !ok {
		err = refuse(wire.ResultObjectNotFound, "group [%s] not found", name)
	}
	return &g, err
}

// changeGroup stores the group that change returns. The answer lists the account's groups, this one first.
func (c *call) changeGroup(change func(*tx) (*group, error)) (any, error) {
	var list []group
	err := c.updateAccount(func(t *tx) error {
		g, err := change(t)
		if err != nil {
			return err
		}
		if err := t.putGroup(g); err != nil {
			return err
		}
		if list, err = t.groups(c.owner.UID, nil); err != nil {
			return err
		}
		others := slices.DeleteFunc(list, func(other group) bool { return other.Name == g.Name })
		list = append([]group{*g}, others...)
		return nil
	})
	return arrayAnswer{Array: list}, err
}

func (c *call) removeGroup() (any, error) {
	name, err := c.groupName("envGroup", "groupName")
	if err != nil {
		return nil, err
	}
	return nil, c.updateAccount(func(t *tx) error {
		if _, err := c.group(t, name); err != nil {
			return err
		}
		if err := t.bolt.Bucket(bucketGroups).Delete(groupKey(c.owner.UID, name)); err != nil {
			return err
		}
		return c.renameInEnvironments(t, name, "")
	})
}

// updateAccount is for changes to an account rather than to one environment.
func (c *call) updateAccount(f func(*tx) error) error {
	if c.owner != c.account && c.owner.collaborator(c.account.UID).Role != RoleAdmin {
		return refuse(wire.ResultPermissionDenied, "permission denied: account [%d]", c.owner.UID)
	}
	return c.platform.update(f)
}

// renameInEnvironments also changes environments in running operations. An empty name removes the group.
func (c *call) renameInEnvironments(t *tx, old, name string) error {
	changed := map[string]*environment{}
	replace := func(groups []string) []string {
		i := slices.Index(groups, old)
		switch {
		case i < 0:
			return groups
		case name == "":
			return slices.Delete(slices.Clone(groups), i, i+1)
		}
		groups = slices.Clone(groups)
		groups[i] = name
		return groups
	}
	err := t.environments(func(env *environment) error {
		if env.Owner != c.owner.UID || !slices.Contains(env.Groups, old) {
			return nil
		}
		env.Groups = replace(env.Groups)
		if env.Op != nil && env.Op.After != nil {
			env.Op.After.Groups = replace(env.Op.After.Groups)
		}
		changed[env.Name] = env
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if err := t.put(changed[name]); err != nil {
			return err
		}
	}
	return nil
}
