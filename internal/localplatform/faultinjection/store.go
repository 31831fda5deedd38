// Package faultinjection makes a local platform obey faults. They are kept in the platform's folder, so that every
// process that shares it and links this package obeys.
package faultinjection

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

func init() { localplatform.RegisterHooks(hooks{}) }

// hooks are the platform's hooks.
type hooks struct{}

// bucketFaults holds the faults: sequence, big-endian -> armedFault. Folders do not have it before the first fault.
var bucketFaults = []byte("faults")

// armedFault is a fault with the number of matching calls so far, or what an operation has left behind.
type armedFault struct {
	faults.Fault
	// Begun says that a call of the method Fault.Since has arrived.
	Begun bool `json:"begun,omitempty"`
	Seen  int  `json:"seen,omitempty"`
	trace
}

// Inject adds faults to those in the folder.
func Inject(p *localplatform.Platform, list ...faults.Fault) error {
	for i := range list {
		if err := list[i].Check(); err != nil {
			return err
		}
	}
	return p.Update(func(t *localplatform.Tx) error {
		for _, f := range list {
			if err := arm(t, armedFault{Fault: f}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Clear takes all faults out of the folder, with what operations show of them. A session that one of them has ended
// stays ended.
func Clear(p *localplatform.Platform) error {
	return p.Update(func(t *localplatform.Tx) error {
		for _, name := range [][]byte{bucketFaults, bucketHistory} {
			if t.Bolt().Bucket(name) == nil {
				continue
			}
			if err := t.Bolt().DeleteBucket(name); err != nil {
				return err
			}
		}
		return nil
	})
}

// arm stores a fault.
func arm(t *localplatform.Tx, f armedFault) error {
	b, err := t.Bolt().CreateBucketIfNotExists(bucketFaults)
	if err != nil {
		return err
	}
	id, err := b.NextSequence()
	if err != nil {
		return err
	}
	return put(b, binary.BigEndian.AppendUint64(nil, id), f)
}

func put(b *bbolt.Bucket, key []byte, f armedFault) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return b.Put(key, data)
}

// each calls do with every fault in the folder.
func each(b *bbolt.Tx, do func(key []byte, f armedFault)) error {
	bucket := b.Bucket(bucketFaults)
	if bucket == nil {
		return nil
	}
	return bucket.ForEach(func(key, value []byte) error {
		var f armedFault
		if err := json.Unmarshal(value, &f); err != nil {
			return err
		}
		do(key, f)
		return nil
	})
}

// Armed implements localplatform.Hooks.
func (hooks) Armed(b *bbolt.Tx) bool {
	bucket := b.Bucket(bucketFaults)
	if bucket == nil {
		return false
	}
	key, _ := bucket.Cursor().First()
	return key != nil
}

// Unreachable implements localplatform.Hooks.
func (hooks) Unreachable(p *localplatform.Platform, method string) (bool, error) {
	list, err := take(p, matcher{happens: func(_ *localplatform.Tx, f *faults.Fault) bool {
		return f.Kind == faults.Unreachable && names(f.Method, method)
	}})
	return len(list) > 0, err
}

// matcher says whether a fault is for a call, and whether a call that has arrived is the one since which a fault
// counts.
type matcher struct {
	happens, begins func(*localplatform.Tx, *faults.Fault) bool
}

// take finds the faults that happen to a call. It writes only if it matters how many calls there were.
func take(p *localplatform.Platform, matches matcher) (happening []armedFault, err error) {
	err = p.View(func(t *localplatform.Tx) error {
		list, changed, err := match(t, matches)
		if err == nil && len(changed) > 0 {
			return errToCount
		}
		happening = list
		return err
	})
	if errors.Is(err, errToCount) {
		err = p.Update(func(t *localplatform.Tx) error {
			var err error
			happening, err = count(t, matches)
			return err
		})
	}
	return happening, err
}

// errToCount tells a reader that the call is to be written down.
var errToCount = errors.New("the call is to be counted")

// match finds those faults in the folder that happen to a call, and those that have changed by it.
func match(t *localplatform.Tx, matches matcher) (happening []armedFault, changed map[string]armedFault, err error) {
	changed = map[string]armedFault{}
	err = each(t.Bolt(), func(key []byte, f armedFault) {
		switch {
		case f.over(t.Now()):
			changed[string(key)] = f
		case f.Since != "" && !f.Begun:
			if f.Begun = matches.begins != nil && matches.begins(t, &f.Fault); f.Begun {
				changed[string(key)] = f
			}
		case matches.happens(t, &f.Fault):
			f.Seen++
			if f.counts() {
				changed[string(key)] = f
			}
			if f.happens() {
				happening = append(happening, f)
			}
		}
	})
	return happening, changed, err
}

// count counts a call against those faults in the folder that match it, and returns those that happen to it.
func count(t *localplatform.Tx, matches matcher) ([]armedFault, error) {
	happening, changed, err := match(t, matches)
	if err != nil {
		return nil, err
	}
	for key, f := range changed {
		if err := keep(t, f, []byte(key)); err != nil {
			return nil, err
		}
	}
	return happening, nil
}

// names says whether a fault's Method or Since means the method of this name.
func names(method, name string) bool {
	method = strings.ToLower(strings.ReplaceAll(method, ".", "/"))
	return method == "" || method == "*" || method == name || strings.HasSuffix(name, "/"+method)
}

func (f *armedFault) happens() bool {
	first := max(f.Nth, 1)
	if f.Kind == faults.Flap && (f.Seen-first)%2 != 0 {
		return false
	}
	return f.Seen >= first && (f.Times == -1 || f.Seen < first+max(f.Times, 1))
}

// counts says whether it matters how many calls there were.
func (f *armedFault) counts() bool { return f.Times != -1 || f.Nth > 1 || f.Kind == faults.Flap }

// keep stores the fault, or takes it away after its last time, so that calls are cheap again.
func keep(t *localplatform.Tx, f armedFault, key []byte) error {
	b := t.Bolt().Bucket(bucketFaults)
	if f.over(t.Now()) || f.Times != -1 && f.Seen >= max(f.Nth, 1)+max(f.Times, 1)-1 {
		return b.Delete(key)
	}
	return put(b, key, f)
}

// call is what the faults that happen to a call do to it.
type call struct {
	request *localplatform.Call
	faults  []armedFault
}

// Call implements localplatform.Hooks.
func (hooks) Call(c *localplatform.Call) (localplatform.CallHooks, error) {
	list, err := take(c.Platform(), matcher{
		happens: func(t *localplatform.Tx, f *faults.Fault) bool { return matches(c, t, f) },
		begins: func(t *localplatform.Tx, f *faults.Fault) bool {
			return names(f.Since, c.Name()) && isAbout(c, t, f)
		},
	})
	return &call{request: c, faults: list}, err
}

func matches(c *localplatform.Call, t *localplatform.Tx, f *faults.Fault) bool {
	switch {
	case f.Kind == faults.Unreachable || !names(f.Method, c.Name()):
		return false
	case slices.Contains(readKinds, f.Kind):
		return matchesRead(c, t, f)
	}
	return isAbout(c, t, f)
}

// isAbout says whether a call is about the environment to which the fault is limited.
func isAbout(c *localplatform.Call, t *localplatform.Tx, f *faults.Fault) bool {
	return f.Environment == "" || f.Environment == c.Subject() || f.Environment == t.NameOf(c.Subject())
}

// has says whether a fault of the kind happens to this call.
func (c *call) has(kind faults.Kind) bool {
	return slices.ContainsFunc(c.faults, func(f armedFault) bool { return f.Kind == kind })
}

// sum is how long the faults of the kind delay together.
func (c *call) sum(kind faults.Kind) time.Duration {
	sum := faults.Duration(0)
	for i := range c.faults {
		if c.faults[i].Kind == kind {
			sum += c.faults[i].Delay
		}
	}
	return time.Duration(sum)
}
