package localplatform

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// tx is a transaction at one instant. Operations that ended by that instant are already recorded.
type tx struct {
	bolt      *bbolt.Tx
	now       time.Time
	catalogue *Catalogue
	platform  *Platform
	// effective is when the change being recorded happened, if not now.
	effective time.Time
	// foreseeing: the transaction is rolled back, and nothing may be written outside the store.
	foreseeing bool
}

// errDue tells a reader that an operation has ended but its effects are not recorded yet.
var errDue = errors.New("an operation is due")

// view runs f on the current state. If an operation has ended, a writer records that first, so that its mail exists
// before anyone can see the result.
func (p *Platform) view(f func(*tx) error) error {
	for {
		err := p.store.view(func(b *bbolt.Tx) error {
			t, err := p.begin(b)
			if err != nil {
				return err
			}
			due, err := t.due()
			if err != nil {
				return err
			}
			if len(due) > 0 {
				return errDue
			}
			return f(t)
		})
		if !errors.Is(err, errDue) {
			return err
		}
		if err := p.update(func(*tx) error { return nil }); err != nil {
			return p.preview(f, err)
		}
	}
}

var errPreview = errors.New("preview")

// preview runs f on the state that should have been recorded but could not be, for example because the disk is full,
// so that reads keep working. The effects and the mail are written once there is space.
func (p *Platform) preview(f func(*tx) error, cause error) error {
	var damaged *damagedError
	if errors.As(cause, &damaged) || errors.Is(cause, errLocked) {
		return cause
	}
	var outcome error
	err := p.store.update(func(b *bbolt.Tx) error {
		t, err := p.begin(b)
		if err != nil {
			return err
		}
		t.foreseeing = true
		if err := t.finishDue(); err != nil {
			return err
		}
		outcome = f(t)
		return errPreview
	})
	if errors.Is(err, errPreview) {
		return outcome
	}
	return cause
}

// update runs f on the current state and keeps its changes unless it returns an error.
func (p *Platform) update(f func(*tx) error) error {
	return p.store.update(func(b *bbolt.Tx) error {
		t, err := p.begin(b)
		if err != nil {
			return err
		}
		if err := t.finishDue(); err != nil {
			return err
		}
		return f(t)
	})
}

func (p *Platform) begin(b *bbolt.Tx) (*tx, error) {
	catalogue, err := p.currentCatalogue(b)
	return &tx{bolt: b, now: p.now(), catalogue: catalogue, platform: p}, err
}

// due lists the environments whose operation has ended, in the order of the ends.
func (t *tx) due() ([]string, error) {
	ends := map[string]time.Time{}
	err := t.bolt.Bucket(bucketRunning).ForEach(func(name, _ []byte) error {
		op, _, err := get[runningOperation](t.bolt.Bucket(bucketRunning), name)
		if err == nil && !op.End.After(t.now) {
			ends[string(name)] = op.End
		}
		return err
	})
	return slices.SortedFunc(maps.Keys(ends), func(a, b string) int { return ends[a].Compare(ends[b]) }), err
}

func (t *tx) finishDue() error {
	due, err := t.due()
	if err != nil {
		return err
	}
	for _, name := range due {
		env, err := t.load(name)
		if err != nil {
			return err
		}
		if err := t.finish(env); err != nil {
			return err
		}
	}
	return nil
}

// finish records the effects of the environment's operation.
func (t *tx) finish(env *environment) error {
	op := env.Op
	next, result, words := op.After, wire.ResultOK, ""
	if f := op.Failure; f != nil {
		next, result, words = env.copy(), f.Code, f.Words
		switch {
		case f.Broken:
			next.Status = wire.StatusBroken
		case op.Kind == wire.ActionCreate || op.Kind == wire.ActionClone:
			next = nil // as before the operation
		}
	}
	if op.Kind == wire.ActionMigrate && op.Failure == nil && !t.foreseeing {
		if err := t.sendMigrationMail(env); err != nil {
			return err
		}
	}
	if err := t.endAction(op.ID, op.End, result, words); err != nil {
		return err
	}
	t.effective = op.End
	defer func() { t.effective = time.Time{} }()
	if next == nil {
		return t.remove(env)
	}
	return t.put(next)
}

// start starts the operation on the environment and adds its entry to the action log.
func (t *tx) start(env *environment, op operation, entry action) (int64, error) {
	entry.Kind, entry.Start, entry.Running = op.Kind, op.Start, true
	id, err := t.addAction(entry)
	if err != nil {
		return 0, err
	}
	op.ID = id
	env.Op = &op
	return id, t.put(env)
}

// load returns nil if there is no such environment.
func (t *tx) load(name string) (*environment, error) {
	env, ok, err := get[environment](t.bolt.Bucket(bucketEnvironments), []byte(name))
	if !ok {
		return nil, err
	}
	return &env, nil
}

// notifyChange tells the hooks that the environment is about to change.
func (t *tx) notifyChange(name string) error {
	if !hooks.Armed(t.bolt) {
		return nil
	}
	at := t.effective
	if at.IsZero() {
		at = t.now
	}
	return hooks.Changing(t, name, t.bolt.Bucket(bucketEnvironments).Get([]byte(name)), at)
}

// put stores the environment and updates all data derived from it.
func (t *tx) put(env *environment) error {
	old, err := t.load(env.Name)
	if err != nil {
		return err
	}
	if err := t.notifyChange(env.Name); err != nil {
		return err
	}
	if err := t.reindex(old, env); err != nil {
		return err
	}
	if err := t.noteUsage(env.Name, env); err != nil {
		return err
	}
	return put(t.bolt.Bucket(bucketEnvironments), []byte(env.Name), env)
}

func (t *tx) remove(env *environment) error {
	if err := t.notifyChange(env.Name); err != nil {
		return err
	}
	if err := t.reindex(env, nil); err != nil {
		return err
	}
	if err := t.noteUsage(env.Name, nil); err != nil {
		return err
	}
	return t.bolt.Bucket(bucketEnvironments).Delete([]byte(env.Name))
}

// reindex replaces the index entries of old with those of next. Either may be nil.
func (t *tx) reindex(old, next *environment) error {
	before, after := claimsOf(old), claimsOf(next)
	for key := range before.keys {
		// Another environment may have taken over the entry in the same transaction.
		if b := t.bolt.Bucket([]byte(key.bucket)); !after.keys[key] && string(b.Get([]byte(key.name))) == old.Name {
			if err := t.bolt.Bucket([]byte(key.bucket)).Delete([]byte(key.name)); err != nil {
				return err
			}
		}
	}
	for key := range after.keys {
		if err := t.bolt.Bucket([]byte(key.bucket)).Put([]byte(key.name), []byte(next.Name)); err != nil {
			return err
		}
	}
	for name, n := range before.counts {
		after.counts[name] -= n
	}
	for name, n := range after.counts {
		if err := t.count(name, n); err != nil {
			return err
		}
	}
	running := t.bolt.Bucket(bucketRunning)
	if next != nil && next.Op != nil {
		return put(running, []byte(next.Name), runningOperation{ID: next.Op.ID, End: next.Op.End})
	}
	if old != nil && old.Op != nil {
		return running.Delete([]byte(old.Name))
	}
	return nil
}

type claimKey struct{ bucket, name string }

// claims are what an environment occupies, and during an operation also what it will occupy afterwards.
type claims struct {
	keys   map[claimKey]bool
	counts map[string]int
}

func claimsOf(env *environment) claims {
	c := claims{keys: map[claimKey]bool{}, counts: map[string]int{}}
	if env == nil {
		return c
	}
	claim := func(bucket []byte, name string) { c.keys[claimKey{string(bucket), name}] = true }
	claim(bucketAppIDs, env.AppID)
	states := []*environment{env}
	if env.Op != nil && env.Op.After != nil {
		states = append(states, env.Op.After)
	}
	for _, state := range states {
		for _, address := range state.addresses() {
			claim(bucketAddresses, address)
		}
		for _, domain := range state.ExtDomains {
			claim(bucketDomains, domain)
		}
		key := counterCloudlets(state.Region)
		c.counts[key] = max(c.counts[key], state.cloudlets())
	}
	c.counts[counterEnvironments(env.Owner)] = 1
	return c
}

func counterCloudlets(region string) string  { return "cloudlets/" + region }
func counterEnvironments(owner int64) string { return fmt.Sprintf("environments/%d", owner) }

func (t *tx) counter(name string) int {
	n, _ := strconv.Atoi(string(t.bolt.Bucket(bucketCounters).Get([]byte(name))))
	return n
}

func (t *tx) count(name string, by int) error {
	if by == 0 {
		return nil
	}
	return t.bolt.Bucket(bucketCounters).Put([]byte(name), strconv.AppendInt(nil, int64(t.counter(name)+by), 10))
}

// environments calls f for each environment, sorted by name.
func (t *tx) environments(f func(*environment) error) error {
	b := t.bolt.Bucket(bucketEnvironments)
	return b.ForEach(func(name, _ []byte) error {
		env, _, err := get[environment](b, name)
		if err != nil {
			return err
		}
		return f(&env)
	})
}

func (t *tx) addAction(a action) (int64, error) {
	b := t.bolt.Bucket(bucketActions)
	sequence, err := b.NextSequence()
	if err != nil {
		return 0, err
	}
	a.ID = int64(sequence) // counts up from 1
	return a.ID, put(b, idKey(a.ID), a)
}

func (t *tx) endAction(id int64, end time.Time, result int, words string) error {
	b := t.bolt.Bucket(bucketActions)
	a, ok, err := get[action](b, idKey(id))
	if !ok {
		return err
	}
	a.Running, a.End, a.Result, a.Words = false, end, result, words
	return put(b, idKey(id), a)
}

func idKey(id int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(id)) // ids are positive
}
