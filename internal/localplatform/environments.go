package localplatform

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"regexp"
	"slices"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"getenvinfo":        {run: (*call).getEnvInfo, required: []string{"envName"}, reads: true},
		"getenvs":           {run: (*call).getEnvs, reads: true},
		"getbasicenvsinfo":  {run: (*call).getBasicEnvs, reads: true},
		"createenvironment": {run: (*call).createEnvironment, required: []string{"env", "nodes"}, nested: true},
		"deleteenv":         {run: (*call).deleteEnv, required: []string{"envName"}},
		"cloneenv":          {run: (*call).cloneEnv, required: []string{"srcEnvName", "dstEnvName"}},
	})
}

// How long operations take on the platform. The figures are our choice.
const (
	createBase    = 20 * time.Second
	createPerNode = 5 * time.Second
	deleteTime    = 10 * time.Second
	// redeployPerNode is for a changed tag or image of an existing container.
	redeployPerNode = 10 * time.Second
)

func (c *call) getEnvInfo() (any, error) {
	lazy, err := c.boolean("lazy")
	if err != nil {
		return nil, err
	}
	var info envInfo
	err = c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err != nil {
			return err
		}
		info = c.show(t, env)
		return nil
	})
	if lazy {
		info.lazy()
	}
	return info, err
}

type infosAnswer struct {
	Result int       `json:"result"`
	Infos  []envInfo `json:"infos"`
}

// getEnvs lists the caller's own environments and those shared with the caller. With ownerUid, it lists that owner's.
func (c *call) getEnvs() (any, error) {
	lazy, err := c.boolean("lazy")
	if err != nil {
		return nil, err
	}
	return c.listEnvs(func(i *envInfo) {
		if lazy {
			i.lazy()
		}
	})
}

func (c *call) getBasicEnvs() (any, error) { return c.listEnvs((*envInfo).basic) }

func (c *call) listEnvs(shorten func(*envInfo)) (any, error) {
	answer := infosAnswer{Infos: []envInfo{}}
	err := c.view(func(t *tx) error {
		return c.environments(t, func(env *environment) error {
			env = c.hooks.Appearance(t, env)
			if env != nil && t.rightOn(c.account, env) != "" && (c.owner == c.account || env.Owner == c.owner.UID) {
				info := c.show(t, env)
				shorten(&info)
				answer.Infos = append(answer.Infos, info)
			}
			return nil
		})
	})
	return answer, err
}

func (c *call) createEnvironment() (any, error) {
	var spec envSpec
	if err := c.decode("env", &spec); err != nil {
		return nil, err
	}
	specs, err := c.nodeSpecs()
	if err != nil {
		return nil, err
	}
	groups, err := c.names("envGroups")
	if err != nil {
		return nil, err
	}
	return c.startCreation(func(t *tx) (*environment, error) {
		if spec.ShortDomain == "" {
			spec.ShortDomain = textValue(fmt.Sprintf("env-%07d", mathrand.IntN(10_000_000)))
		}
		if c.owner != c.account && c.owner.collaborator(c.account.UID).Role != RoleAdmin {
			return nil, refuse(wire.ResultPermissionDenied, "permission denied: account [%d]", c.owner.UID)
		}
		region := t.catalogue.defaultRegion()
		if spec.Region != "" {
			region = t.catalogue.region(string(spec.Region))
		}
		if region == nil || !region.usable() {
			return nil, invalid("region", "hardware node group [%s] is not available", spec.Region)
		}
		layers, err := t.catalogue.layers(specs, region)
		if err != nil {
			return nil, err
		}
		for i := range layers {
			if err := layers[i].pullable(); err != nil {
				return nil, err
			}
		}
		env := c.newEnvironment(t, string(spec.ShortDomain))
		env.DisplayName, env.Region, env.HA, env.Groups = string(spec.DisplayName), region.Name, bool(
			spec.IsHAEnabled), groups
		env.SSL = spec.ssl()
		env.Engine = t.engine(string(spec.Engine), layers)
		env.Domain = env.Name + "." + region.datacenter.Domain
		return env, t.rebuild(env, layers)
	}, wire.ActionCreate, wire.StatusCreating)
}

// startCreation creates the environment that f returns, with a create or clone operation.
func (c *call) startCreation(f func(*tx) (*environment, error), kind, status int) (any, error) {
	var id int64
	var name string
	var info envInfo
	err := c.platform.update(func(t *tx) error {
		env, err := f(t)
		if err != nil {
			return err
		}
		if err := checkName(t, env.Name); err != nil {
			return err
		}
		if err := t.checkQuotas(c.owner, nil, env); err != nil {
			return err
		}
		name = env.Name
		length := createBase + time.Duration(len(env.Nodes))*createPerNode
		id, err = c.operate(t, env, operation{Kind: kind, Status: status, After: env.copy()}, length)
		info = c.showNamed(t, env)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := c.await(name, id); err != nil {
		return nil, err
	}
	if !c.hooks.AnswersAtOnce() {
		info, err = c.shown(name)
	}
	info.revealPasswords()
	return info, err
}

// shown returns the changed environment and its name, as the platform does for methods that it evaluates as scripts.
func (c *call) shown(name string) (envInfo, error) {
	var info envInfo
	err := c.view(func(t *tx) error {
		env, err := t.load(name)
		if err != nil {
			return err
		}
		if env == nil {
			return refuse(wire.ResultAppNotFound, "application [%s] not exist", name) // deleted meanwhile
		}
		info = c.showNamed(t, env)
		return nil
	})
	return info, err
}

// showNamed is show with the name and the appid at the top level.
func (c *call) showNamed(t *tx, env *environment) envInfo {
	info := c.show(t, env)
	info.Name, info.AppID = env.Name, env.AppID
	return info
}

func (c *call) newEnvironment(t *tx, name string) *environment {
	return &environment{
		Name: name, AppID: newAppID(), Owner: c.owner.UID, Creator: c.account.UID, Created: t.now, Status: wire.StatusRunning,
	}
}

func newAppID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	return hex.EncodeToString(id)
}

var envNamePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])$`)

// checkName: a minimum of 5 characters is documented. Sources differ on the maximum; 41 is the largest reported.
func checkName(t *tx, name string) error {
	if len(name) < 5 || len(name) > 41 || !envNamePattern.MatchString(name) {
		return invalid("shortdomain", "[%s] must have 5 to 41 lower-case letters, digits and hyphens", name)
	}
	present, err := t.load(name)
	if err == nil && present != nil {
		return refuse(wire.ResultNameTaken, "environment with name [%s] already exists", name)
	}
	return err
}

func (c *call) deleteEnv() (any, error) {
	return c.change(idleStatuses, func(t *tx, env *environment) (operation, time.Duration, error) {
		return operation{Kind: wire.ActionDelete, Status: wire.StatusStopping, NodesDown: true}, deleteTime, nil
	})
}

// change starts the operation that f returns on the environment that the call names, and waits for its end.
func (c *call) change(statuses []int, f func(*tx, *environment) (operation, time.Duration, error)) (any, error) {
	var id int64
	var name string
	err := c.platform.update(func(t *tx) error {
		env, err := c.writable(t, statuses...)
		if err != nil {
			return err
		}
		name = env.Name
		op, length, err := f(t, env)
		if err != nil {
			return err
		}
		id, err = c.operate(t, env, op, length)
		return err
	})
	if err != nil {
		return nil, err
	}
	return nil, c.await(name, id)
}

func (c *call) cloneEnv() (any, error) {
	return c.startCreation(func(t *tx) (*environment, error) {
		source, err := c.environmentNamed(t, c.value("srcEnvName"))
		if err != nil {
			return nil, err
		}
		if err := c.permitted(t, source); err != nil {
			return nil, err
		}
		stable := []int{wire.StatusRunning, wire.StatusDown, wire.StatusSleep}
		if status := source.currentStatus(t.now); !slices.Contains(stable, status) {
			return nil, wrongStatus(source, status, stable)
		}
		if t.catalogue.windowsIn(source) {
			return nil, refuse(wire.ResultFailed, "environments with Windows nodes cannot be cloned")
		}
		region := t.catalogue.region(source.Region)
		if region == nil || !region.usable() {
			return nil, refuse(wire.ResultFailed, "hardware node group [%s] is not available", source.Region)
		}
		env := c.newEnvironment(t, c.value("dstEnvName"))
		cp := source.copy()
		env.Region, env.SSL, env.HA, env.Engine, env.Groups = cp.Region, cp.SSL, cp.HA, cp.Engine, cp.Groups
		env.Domain = env.Name + "." + region.datacenter.Domain
		for i := range cp.Layers {
			cp.Layers[i].count = len(source.nodesOf(cp.Layers[i].Name))
		}
		return env, t.rebuild(env, cp.Layers)
	}, wire.ActionClone, wire.StatusCloning)
}
