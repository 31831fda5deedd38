package localplatform

import (
	"errors"
	"fmt"
	"slices"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// world has the changes to the catalogue that are stored in the folder. They apply to every process that shares it.
type world struct {
	Regions       map[string]regionChange     `json:",omitempty"`
	Datacenters   map[string]datacenterChange `json:"DataCenters,omitempty"`
	Collaborators map[int64][]Collaborator    `json:",omitempty"` // by owner; replaces the list
	// Expired holds fingerprints of tokens and sessions that are no longer accepted.
	Expired []string `json:",omitempty"`
}

type regionChange struct {
	Enabled, Maintenance *bool `json:",omitempty"`
}

type datacenterChange struct {
	MigrationAllowed, Maintenance *bool           `json:",omitempty"`
	Exhausted                     map[family]bool `json:",omitempty"`
}

var worldKey = []byte("world")

// applyTo returns a changed copy.
func (w *world) applyTo(base *Catalogue) *Catalogue {
	c := *base
	c.Datacenters = slices.Clone(base.Datacenters)
	for i := range c.Datacenters {
		dc := &c.Datacenters[i]
		dc.Regions = slices.Clone(dc.Regions)
		change := w.Datacenters[dc.Name]
		override(&dc.MigrationAllowed, change.MigrationAllowed)
		override(&dc.Maintenance, change.Maintenance)
		dc.exhausted = change.Exhausted
		for j := range dc.Regions {
			r := &dc.Regions[j]
			override(&r.Enabled, w.Regions[r.Name].Enabled)
			override(&r.Maintenance, w.Regions[r.Name].Maintenance)
		}
	}
	c.link()
	c.Accounts = slices.Clone(base.Accounts)
	for i := range c.Accounts {
		if list, changed := w.Collaborators[c.Accounts[i].UID]; changed {
			c.Accounts[i].Collaborators = list
		}
	}
	c.expired = w.Expired
	return &c
}

func override(value *bool, change *bool) {
	if change != nil {
		*value = *change
	}
}

func (p *Platform) changeWorld(change func(*Catalogue, *world) error) error {
	return p.update(func(t *tx) error {
		meta := t.bolt.Bucket(bucketMeta)
		w, _, err := get[world](meta, worldKey)
		if err != nil {
			return err
		}
		if err := change(t.catalogue, &w); err != nil {
			return err
		}
		return put(meta, worldKey, w)
	})
}

// SetRegionEnabled opens or closes an environment region for all accounts.
func (p *Platform) SetRegionEnabled(region string, enabled bool) error {
	return p.changeRegion(region, func(c *regionChange) { c.Enabled = &enabled })
}

// SetRegionMaintenance puts an environment region into maintenance or takes it out.
func (p *Platform) SetRegionMaintenance(region string, maintenance bool) error {
	return p.changeRegion(region, func(c *regionChange) { c.Maintenance = &maintenance })
}

func (p *Platform) changeRegion(name string, change func(*regionChange)) error {
	return p.changeWorld(func(c *Catalogue, w *world) error {
		if c.region(name) == nil {
			return fmt.Errorf("there is no region %q", name)
		}
		if w.Regions == nil {
			w.Regions = map[string]regionChange{}
		}
		r := w.Regions[name]
		change(&r)
		w.Regions[name] = r
		return nil
	})
}

// SetMigrationAllowed says whether environments may be moved from and to the regions of a data centre.
func (p *Platform) SetMigrationAllowed(datacenter string, allowed bool) error {
	return p.changeDatacenter(datacenter, func(c *datacenterChange) { c.MigrationAllowed = &allowed })
}

// SetDatacenterMaintenance puts a whole data centre into maintenance or takes it out.
func (p *Platform) SetDatacenterMaintenance(datacenter string, maintenance bool) error {
	return p.changeDatacenter(datacenter, func(c *datacenterChange) { c.Maintenance = &maintenance })
}

// ExhaustAddresses makes a data centre assign no more addresses of the kinds ("internal", "ipv4", "ipv6"). Without
// kinds, it makes all kinds available again.
func (p *Platform) ExhaustAddresses(datacenter string, kinds ...string) error {
	exhausted := map[family]bool{}
	for _, kind := range kinds {
		f := family(kind)
		if f != internalAddress && f != publicIPv4 && f != publicIPv6 {
			return fmt.Errorf("there is no kind of address %q", kind)
		}
		exhausted[f] = true
	}
	return p.changeDatacenter(datacenter, func(c *datacenterChange) { c.Exhausted = exhausted })
}

func (p *Platform) changeDatacenter(name string, change func(*datacenterChange)) error {
	return p.changeWorld(func(c *Catalogue, w *world) error {
		if c.datacenter(name) == nil {
			return fmt.Errorf("there is no data centre %q", name)
		}
		if w.Datacenters == nil {
			w.Datacenters = map[string]datacenterChange{}
		}
		dc := w.Datacenters[name]
		change(&dc)
		w.Datacenters[name] = dc
		return nil
	})
}

// SetCollaborators replaces the accounts that the owner's environments are shared with.
func (p *Platform) SetCollaborators(owner int64, list ...Collaborator) error {
	return p.changeWorld(func(c *Catalogue, w *world) error {
		if c.account(owner) == nil {
			return fmt.Errorf("there is no account %d", owner)
		}
		if w.Collaborators == nil {
			w.Collaborators = map[int64][]Collaborator{}
		}
		w.Collaborators[owner] = append([]Collaborator{}, list...)
		return nil
	})
}

// ExpireToken ends a token or session: calls with it answer 702 from now on.
func (p *Platform) ExpireToken(token string) error {
	return p.changeWorld(func(_ *Catalogue, w *world) error {
		w.Expired = append(w.Expired, fingerprint(token))
		return nil
	})
}

// Place returns an environment's real region, whatever calls show, and whether an operation runs on it. exists is
// false if there is no such environment, or not yet.
func (p *Platform) Place(name string) (region string, busy, exists bool, err error) {
	err = p.view(func(t *tx) error {
		env, err := t.load(name)
		if env != nil {
			region, busy, exists = env.Region, env.Op != nil, true
		}
		return err
	})
	return region, busy, exists, err
}

// SetStatus sets a stable status of an environment: 1 running, 2 stopped, 4 sleeping, 5 suspended, 11 broken. A
// running operation ends as failed.
func (p *Platform) SetStatus(name string, status int) error {
	if !slices.Contains([]int{wire.StatusRunning, wire.StatusDown, wire.StatusSleep, wire.StatusUnknown,
		wire.StatusBroken}, status) {
		return fmt.Errorf("%d is not a stable status", status)
	}
	return p.changeExternally(name, func(_ *tx, env *environment) error {
		env.Status = status
		return nil
	})
}

// SetDomain changes the domain of an environment.
func (p *Platform) SetDomain(name, domain string) error {
	return p.changeExternally(name, func(_ *tx, env *environment) error {
		env.Domain = domain
		return nil
	})
}

// MoveOutside moves an environment instantly and adds the move to the action log, as if somebody used the dashboard.
// The move is live if possible, else offline with new addresses and domain.
func (p *Platform) MoveOutside(name, region string) error {
	return p.changeExternally(name, func(t *tx, env *environment) error {
		to := t.catalogue.region(region)
		if to == nil {
			return fmt.Errorf("there is no region %q", region)
		}
		from := t.catalogue.region(env.Region)
		live := from != nil && t.catalogue.livePossible(from, to)
		if err := t.relocate(env, from, to, live); err != nil {
			return err
		}
		_, err := t.addAction(action{
			UID: env.Owner, Owner: env.Owner, Kind: wire.ActionMigrate, AppID: env.AppID, Env: env.Name, Region: region,
			Service: "environment.control", Key: "migrate", Start: t.now, End: t.now,
		})
		return err
	})
}

// EndOperation ends an environment's operation now, with its planned result.
func (p *Platform) EndOperation(name string) error {
	return p.update(func(t *tx) error {
		env, err := t.load(name)
		switch {
		case err != nil:
			return err
		case env == nil || env.Op == nil:
			return fmt.Errorf("nothing is at work on an environment %q", name)
		}
		if hooks.Armed(t.bolt) {
			if err := hooks.Ended(t, name, env.Op.End); err != nil {
				return err
			}
		}
		env.Op.End = t.now
		return t.finish(env)
	})
}

// DeleteOutside deletes an environment instantly, as if somebody used the dashboard, even if an operation runs on it.
func (p *Platform) DeleteOutside(name string) error {
	return p.update(func(t *tx) error {
		env, err := t.interrupted(name)
		if err != nil {
			return err
		}
		_, err = t.addAction(action{
			UID: env.Owner, Owner: env.Owner, Kind: wire.ActionDelete, AppID: env.AppID, Env: env.Name,
			Service: "environment.control", Key: "deleteenv", Start: t.now, End: t.now,
		})
		return errors.Join(err, t.remove(env))
	})
}

// changeExternally changes an environment from outside the API.
func (p *Platform) changeExternally(name string, change func(*tx, *environment) error) error {
	return p.update(func(t *tx) error {
		env, err := t.interrupted(name)
		if err != nil {
			return err
		}
		next := env.copy()
		if err := change(t, next); err != nil {
			return err
		}
		return t.put(next)
	})
}

// interrupted loads an environment and ends its operation as failed, but only in the action log.
func (t *tx) interrupted(name string) (*environment, error) {
	env, err := t.load(name)
	if err != nil {
		return nil, err
	}
	if env == nil {
		return nil, fmt.Errorf("there is no environment %q", name)
	}
	if env.Op == nil {
		return env, nil
	}
	return env, t.endAction(env.Op.ID, t.now, wire.ResultFailed, "interrupted")
}
