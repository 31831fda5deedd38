package localplatform

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"time"
)

// bucketHistory holds what environments were before they changed, while reads may lag: the instant of the change and a
// sequence, both big-endian, then the name -> environment, or nothing where there was none. Stores do not have it before
// it is needed.
var bucketHistory = []byte("history")

// historyKeyHead is the length of a key without the name.
const historyKeyHead = 16

// remember keeps what the environment is before it changes, for as long as twice the longest lag.
func (t *tx) remember(name string) error {
	if !anyFaults(t.bolt) {
		return nil
	}
	longest, err := t.longestLag()
	if err != nil || longest == 0 {
		return err
	}
	b, err := t.bolt.CreateBucketIfNotExists(bucketHistory)
	if err != nil {
		return err
	}
	cursor := b.Cursor()
	oldest := instantKey(t.now.Add(-longest).Add(-longest))
	for key, _ := cursor.First(); key != nil && bytes.Compare(key, oldest) < 0; key, _ = cursor.First() {
		if err := cursor.Delete(); err != nil {
			return err
		}
	}
	sequence, err := b.NextSequence()
	if err != nil {
		return err
	}
	at := t.effective
	if at.IsZero() {
		at = t.now
	}
	key := append(binary.BigEndian.AppendUint64(instantKey(at), sequence), name...)
	return b.Put(key, bytes.Clone(t.bolt.Bucket(bucketEnvironments).Get([]byte(name))))
}

func (t *tx) forgetHistory() error {
	if t.bolt.Bucket(bucketHistory) == nil {
		return nil
	}
	return t.bolt.DeleteBucket(bucketHistory)
}

// longestLag is 0 where nothing in the folder makes a read lag.
func (t *tx) longestLag() (time.Duration, error) {
	longest := Duration(0)
	b := t.bolt.Bucket(bucketFaults)
	err := b.ForEach(func(key, _ []byte) error {
		f, _, err := get[armedFault](b, key)
		if f.Kind == FaultLag || f.Kind == traceLag {
			longest = max(longest, f.Delay)
		}
		return err
	})
	return time.Duration(longest), err
}

// past is what those environments were as long ago as lag says that have changed since; nil for one that was not there.
func (t *tx) past(lag func(name string) time.Duration) (map[string]*environment, error) {
	list := map[string]*environment{}
	b := t.bolt.Bucket(bucketHistory)
	if b == nil {
		return list, nil
	}
	// The first change after an instant tells what was there at it.
	cursor := b.Cursor()
	for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
		name := string(key[historyKeyHead:])
		if _, found := list[name]; found || bytes.Compare(key[:8], instantKey(t.now.Add(-lag(name)))) <= 0 {
			continue
		}
		if len(value) == 0 {
			list[name] = nil
			continue
		}
		var env environment
		if err := json.Unmarshal(value, &env); err != nil {
			return nil, err
		}
		list[name] = &env
	}
	return list, nil
}

// instantKey sorts by time. Nothing happened before 1970.
func instantKey(at time.Time) []byte {
	if at.Before(time.Unix(0, 0)) {
		at = time.Unix(0, 0)
	}
	return binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano())) // not negative
}
