package localplatform

import (
	"bytes"
	"reflect"
	"time"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// What an environment occupied, and where, is kept from change to change: that is all it takes to tell afterwards what
// it has cost and used. Nothing is measured: the applications are not run. A running node is taken to use a quarter of
// its limit of cloudlets, but at least one, and a tenth of its disk.

// bucketUsage holds name/instant -> usage. A folder of an earlier version does not have it before something changes.
var bucketUsage = []byte("usage")

// usage is what an environment occupies from an instant on. Without layers it occupies nothing.
type usage struct {
	Name, AppID, Region string
	Owner               int64
	At                  time.Time
	Layers              []layerUsage `json:",omitempty"`
}

// layerUsage is the sum of a layer's nodes.
type layerUsage struct {
	Nodes, Reserved, Used, DiskGB, IPv4, IPv6 int `json:",omitempty"`
}

// usageOf is what the environment occupies as it is; an environment that is being made occupies nothing yet.
func usageOf(env *environment, at time.Time) usage {
	u := usage{Name: env.Name, AppID: env.AppID, Region: env.Region, Owner: env.Owner, At: at}
	if env.Op != nil && env.Op.Creates() {
		return u
	}
	runs := env.Status == wire.StatusRunning && (env.Op == nil || !env.Op.NodesDown)
	for i := range env.Layers {
		l := &env.Layers[i]
		var sum layerUsage
		for _, n := range env.nodesOf(l.Name) {
			sum.Nodes++
			sum.Reserved += n.Fixed
			sum.DiskGB += l.DiskGB
			sum.IPv4 += len(n.IPv4)
			sum.IPv6 += len(n.IPv6)
			if runs {
				sum.Used += max(1, (n.Flexible+3)/4)
			}
		}
		u.Layers = append(u.Layers, sum)
	}
	return u
}

func usagePrefix(name string) []byte { return append([]byte(name), '/') }

// usageLayout has one length, so that keys are in the order of time.
const usageLayout = "2006-01-02T15:04:05.000000000Z"

// noteUsage writes down what the environment occupies from now on, or from when what is being written down happened, if
// that has changed. next is nil where the environment is gone.
func (t *tx) noteUsage(name string, next *environment) error {
	b, err := t.bolt.CreateBucketIfNotExists(bucketUsage)
	if err != nil {
		return err
	}
	at := t.now
	if !t.effective.IsZero() {
		at = t.effective
	}
	last, there, err := lastUsage(b, name)
	if err != nil {
		return err
	}
	u := usage{Name: last.Name, AppID: last.AppID, Region: last.Region, Owner: last.Owner, At: at}
	if next != nil {
		u = usageOf(next, at)
	}
	same := last
	same.At = u.At
	if there && reflect.DeepEqual(same, u) || !there && next == nil {
		return nil
	}
	return put(b, append(usagePrefix(name), at.UTC().Format(usageLayout)...), u)
}

func lastUsage(b *bbolt.Bucket, name string) (u usage, there bool, err error) {
	prefix := usagePrefix(name)
	cursor := b.Cursor()
	cursor.Seek(append([]byte(name), '/'+1))
	key, _ := cursor.Prev()
	if key == nil {
		key, _ = cursor.Last()
	}
	if !bytes.HasPrefix(key, prefix) {
		return u, false, nil
	}
	u, there, err = get[usage](b, key)
	return u, there, err
}

// span is a time in which an environment occupied the same.
type span struct {
	usage usage
	To    time.Time
}

// spans calls f for each time in which an environment occupied something, cut to the time from one instant to another,
// in the order of the environments' names and of time. Nothing is told of the future.
func (t *tx) spans(from, to time.Time, f func(span)) error {
	b := t.bolt.Bucket(bucketUsage)
	if b == nil {
		return nil
	}
	if to.After(t.now) {
		to = t.now
	}
	var open *usage
	emit := func(end time.Time) {
		if open == nil {
			return
		}
		s := span{usage: *open, To: end}
		if s.usage.At.Before(from) {
			s.usage.At = from
		}
		if s.To.After(to) {
			s.To = to
		}
		if len(s.usage.Layers) > 0 && s.usage.At.Before(s.To) {
			f(s)
		}
	}
	err := b.ForEach(func(key, _ []byte) error {
		u, _, err := get[usage](b, key)
		if err != nil {
			return err
		}
		if open != nil && open.Name == u.Name {
			emit(u.At)
		} else {
			emit(to)
		}
		open = &u
		return nil
	})
	emit(to)
	return err
}
