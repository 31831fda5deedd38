package localplatform

import (
	"bytes"
	"reflect"
	"time"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// The usage of each environment is recorded at every change, which is enough to calculate later what it cost and
// used. Nothing is measured, because applications do not run: a running node counts as using a quarter of its
// cloudlet limit, but at least one, and a tenth of its disk.

// bucketUsage holds name/instant -> usage. A folder from an earlier version lacks it until the first change.
var bucketUsage = []byte("usage")

// usage is what an environment occupies from an instant on. Without node groups it occupies nothing.
type usage struct {
	Name, AppID, Region string
	Owner               int64
	At                  time.Time
	Layers              []layerUsage `json:",omitempty"`
}

// layerUsage is the total of a node group's nodes.
type layerUsage struct {
	Nodes, Reserved, Used, DiskGB, IPv4, IPv6 int `json:",omitempty"`
}

// usageOf returns what the environment occupies now. While it is being created, it occupies nothing.
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

// usageLayout has a fixed length, so that keys sort by time.
const usageLayout = "2006-01-02T15:04:05.000000000Z"

// noteUsage records a change in what the environment occupies, at the time of the change being recorded. next is nil
// if the environment is gone.
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

// span is a period during which an environment's usage did not change.
type span struct {
	usage usage
	To    time.Time
}

// spans calls f for each period with usage, sorted by environment name and time. The periods are cut to the interval
// from from to to, and end now at the latest.
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
