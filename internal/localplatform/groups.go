package localplatform

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

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
		"creategroup":         {run: (*call).createGroup, required: []string{"envGroup"}},
		"editgroup":           {run: (*call).editGroup, required: []string{"srcGroupName"}},
		"removegroup":         {run: (*call).removeGroup, required: []string{"envGroup"}},
		"attachenv":           {run: (*call).attachEnvGroup, required: []string{"envGroup", "targetAppid"}},
		"detachenv":           {run: (*call).detachEnvGroup, required: []string{"envGroup", "targetAppid"}},
		"setenv":              {run: (*call).setEnvGroup, required: []string{"envGroup", "targetAppid"}},
		"setisolationenabled": {run: (*call).setIsolation, required: []string{"groupName", "enabled"}},
	})
}

// group is a folder of environments in an account; its name shows its place in the hierarchy by slashes.
type group struct {
	Name       string `json:"name"`
	Color      string `json:"color,omitempty"`
	Icon       string `json:"icon,omitempty"`
	Visibility string `json:"visibility,omitempty"`
	IsIsolated bool   `json:"isIsolated"`
	UID        int64  `json:"uid,omitempty"`
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

// regroup takes the groups from envGroup, or from envGroups as some clients spell it, and the environment also from
// targetAppid as the group service does. A group that does not exist comes into being.
func (c *call) regroup(change func(present, sent []string) []string) (any, error) {
	parameter := "envGroup"
	if !c.has(parameter) {
		parameter = "envGroups"
	}
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
	return c.amend(wire.ActionChangeSettings, settled, func(t *tx, env *environment) error {
		env.Groups = change(env.Groups, sent)
		return t.addGroups(env.Owner, env.Groups)
	})
}

func (t *tx) addGroups(uid int64, names []string) error {
	for _, name := range names {
		key := groupKey(uid, name)
		if t.bolt.Bucket(bucketGroups).Get(key) == nil {
			if err := put(t.bolt.Bucket(bucketGroups), key, group{Name: name, Visibility: "SHOW", UID: uid}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *call) getGroups() (any, error) {
	list := []group{}
	err := c.view(func(t *tx) error {
		only, err := c.groupsOfTarget(t)
		if err != nil {
			return err
		}
		prefix := groupPrefix(c.owner.UID)
		cursor := t.bolt.Bucket(bucketGroups).Cursor()
		for key, _ := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, _ = cursor.Next() {
			g, _, err := get[group](t.bolt.Bucket(bucketGroups), key)
			if err != nil {
				return err
			}
			if only == nil || slices.Contains(*only, g.Name) {
				list = append(list, g)
			}
		}
		return nil
	})
	return arrayAnswer{Array: list}, err
}

// groupsOfTarget is nil where the call names no environment.
func (c *call) groupsOfTarget(t *tx) (*[]string, error) {
	target := c.value("targetAppid")
	if target == "" {
		return nil, nil // no limit
	}
	env, err := c.environmentNamed(t, target)
	if err != nil {
		return nil, err
	}
	return &env.Groups, nil
}

func (c *call) createGroup() (any, error) {
	return c.changeGroup("", "", func(t *tx, g *group) error {
		g.Name, g.Visibility, g.UID = c.value("envGroup"), "SHOW", c.owner.UID
		if t.bolt.Bucket(bucketGroups).Get(groupKey(c.owner.UID, g.Name)) != nil {
			return invalid("envGroup", "group [%s] already exists", g.Name)
		}
		return nil
	})
}

func (c *call) editGroup() (any, error) {
	return c.changeGroup("srcGroupName", c.value("dstGroupName"), func(*tx, *group) error { return nil })
}

func (c *call) setIsolation() (any, error) {
	enabled, err := c.boolean("enabled")
	if err != nil {
		return nil, err
	}
	return c.changeGroup("groupName", "", func(_ *tx, g *group) error {
		g.IsIsolated = enabled
		return nil
	})
}

// changeGroup changes the group that the parameter names (a new one if it names none), with the properties in data,
// and gives it, if not empty, another name.
func (c *call) changeGroup(parameter, rename string, change func(*tx, *group) error) (any, error) {
	return nil, c.updateAccount(func(t *tx) error {
		b := t.bolt.Bucket(bucketGroups)
		var g group
		if parameter != "" {
			found, ok, err := get[group](b, groupKey(c.owner.UID, c.value(parameter)))
			if err != nil {
				return err
			}
			if !ok {
				return refuse(wire.ResultObjectNotFound, "group [%s] not found", c.value(parameter))
			}
			g = found
		}
		old := g.Name
		if c.value("data") != "" {
			if err := c.decode("data", &g); err != nil {
				return err
			}
			g.Name = old
		}
		if err := change(t, &g); err != nil {
			return err
		}
		if rename != "" && rename != old {
			g.Name = rename
			if err := b.Delete(groupKey(c.owner.UID, old)); err != nil {
				return err
			}
			if err := c.renameInEnvironments(t, old, rename); err != nil {
				return err
			}
		}
		return put(b, groupKey(c.owner.UID, g.Name), g)
	})
}

func (c *call) removeGroup() (any, error) {
	return nil, c.updateAccount(func(t *tx) error {
		key := groupKey(c.owner.UID, c.value("envGroup"))
		if t.bolt.Bucket(bucketGroups).Get(key) == nil {
			return refuse(wire.ResultObjectNotFound, "group [%s] not found", c.value("envGroup"))
		}
		if err := t.bolt.Bucket(bucketGroups).Delete(key); err != nil {
			return err
		}
		return c.renameInEnvironments(t, c.value("envGroup"), "")
	})
}

// updateAccount is for what belongs to the account rather than to one environment.
func (c *call) updateAccount(f func(*tx) error) error {
	if c.owner != c.account && c.owner.collaborator(c.account.UID).Role != RoleAdmin {
		return refuse(wire.ResultPermissionDenied, "permission denied: account [%d]", c.owner.UID)
	}
	return c.platform.update(f)
}

// renameInEnvironments also reaches into the operations that are going on. An empty name takes the group away.
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
