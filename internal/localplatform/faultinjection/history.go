package faultinjection

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// bucketHistory holds past states of environments while reads may lag: the instant of the change and a sequence, both
// big-endian, then the name -> environment before the change, or nothing if it did not exist. Folders lack it until
// it is needed.
var bucketHistory = []byte("history")

// historyKeyHead is the length of a key without the name.
const historyKeyHead = 16

// Changing implements localplatform.Hooks: it keeps the record for twice the longest lag.
func (hooks) Changing(t *localplatform.Tx, name string, record []byte, at time.Time) error {
	longest, err := longestLag(t)
	if err != nil || longest == 0 {
		return err
	}
	b, err := t.Bolt().CreateBucketIfNotExists(bucketHistory)
	if err != nil {
		return err
	}
	cursor := b.Cursor()
	oldest := instantKey(t.Now().Add(-longest).Add(-longest))
	for key, _ := cursor.First(); key != nil && bytes.Compare(key, oldest) < 0; key, _ = cursor.First() {
		if err := cursor.Delete(); err != nil {
			return err
		}
	}
	sequence, err := b.NextSequence()
	if err != nil {
		return err
	}
	key := append(binary.BigEndian.AppendUint64(instantKey(at), sequence), name...)
	return b.Put(key, bytes.Clone(record))
}

// longestLag returns 0 if nothing in the folder makes reads lag.
func longestLag(t *localplatform.Tx) (time.Duration, error) {
	longest := faults.Duration(0)
	err := each(t.Bolt(), func(_ []byte, f armedFault) {
		if f.Kind == faults.Lag || f.Kind == traceLag {
			longest = max(longest, f.Delay)
		}
	})
	return time.Duration(longest), err
}

// Past implements localplatform.CallHooks.
func (c *call) Past(t *localplatform.Tx) (map[string]*localplatform.Environment, error) {
	list := map[string]*localplatform.Environment{}
	b := t.Bolt().Bucket(bucketHistory)
	if b == nil {
		return list, nil
	}
	// The first change after an instant holds the state at that instant.
	cursor := b.Cursor()
	for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
		name := string(key[historyKeyHead:])
		if _, found := list[name]; found || bytes.Compare(key[:8], instantKey(t.Now().Add(-c.Lag(name)))) <= 0 {
			continue
		}
		if len(value) == 0 {
			list[name] = nil
			continue
		}
		var env localplatform.Environment
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
