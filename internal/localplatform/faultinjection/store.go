// Package faultinjection applies faults to a local platform. Faults are stored in the platform's folder, so they
// affect every process that shares the folder and links this package.
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

// hooks implements localplatform.Hooks.
type hooks struct{}

// bucketFaults holds the faults: sequence, big-endian -> armedFault. Folders lack it until the first fault.
var bucketFaults = []byte("faults")

// armedFault is a fault with the number of matching calls so far, or the trace of an operation.
type armedFault struct {
	faults.Fault
	// Begun says that a call of the method Fault.Since has arrived.
	Begun bool `json:"begun,omitempty"`
	Seen  int  `json:"seen,omitempty"`
	trace
}

// Inject adds faults to the folder.
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

// Clear removes all faults and traces from the folder. Sessions that a fault has ended stay ended.
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

// matcher says whether a fault affects a call, and whether the call is the one that Fault.Since waits for.
type matcher struct {
	happens, begins func(*localplatform.Tx, *faults.Fault) bool
}

// take finds the faults that affect a call. It writes only if the number of calls matters.
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

// errToCount tells a reader that the call must be counted.
var errToCount = errors.New("the call is to be counted")

// match finds the faults that affect a call, and those whose record changes because of it.
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

// count counts a call for the faults that match it, and returns those that affect it.
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

// names says whether a fault's Method or Since includes the method of this name.
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

// counts says whether the number of calls matters for the fault.
func (f *armedFault) counts() bool { return f.Times != -1 || f.Nth > 1 || f.Kind == faults.Flap }

// keep stores the fault, or removes it after its last use, so that calls are cheap again.
func keep(t *localplatform.Tx, f armedFault, key []byte) error {
	b := t.Bolt().Bucket(bucketFaults)
	if f.over(t.Now()) || f.Times != -1 && f.Seen >= max(f.Nth, 1)+max(f.Times, 1)-1 {
		return b.Delete(key)
	}
	return put(b, key, f)
}

// call applies the faults that affect a call.
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

// isAbout says whether a call concerns the environment to which the fault is limited.
func isAbout(c *localplatform.Call, t *localplatform.Tx, f *faults.Fault) bool {
	return f.Environment == "" || f.Environment == c.Subject() || f.Environment == t.NameOf(c.Subject())
}

// has says whether a fault of the kind affects this call.
func (c *call) has(kind faults.Kind) bool {
	return slices.ContainsFunc(c.faults, func(f armedFault) bool { return f.Kind == kind })
}

// sum returns the total delay of the faults of a kind.
func (c *call) sum(kind faults.Kind) time.Duration {
	sum := faults.Duration(0)
	for i := range c.faults {
		if c.faults[i].Kind == kind {
			sum += c.faults[i].Delay
		}
	}
	return time.Duration(sum)
}
