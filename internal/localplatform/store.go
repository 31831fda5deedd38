package localplatform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sync/semaphore"
)

// storeName is the file in the folder that holds everything but the mails and the request log.
const storeName = "platform.db"

// storeFormat is written into a new store; a store of another format is refused.
const storeFormat = "1"

// lockPatience is how long a transaction waits for other processes to let go of the store.
const lockPatience = 30 * time.Second

var (
	bucketEnvironments = []byte("environments") // name -> environment
	bucketRunning      = []byte("running")      // name -> runningOperation, of environments with an operation
	bucketActions      = []byte("actions")      // id, big-endian -> action
	bucketAddresses    = []byte("addresses")    // address -> environment that has or is about to get it
	bucketCursors      = []byte("cursors")      // address block -> last address given out
	bucketCounters     = []byte("counters")     // what is counted -> number
	bucketDomains      = []byte("domains")      // custom domain -> environment
	bucketAppIDs       = []byte("appids")       // appid -> environment
	bucketGroups       = []byte("groups")       // uid/name -> group
	bucketSessions     = []byte("sessions")     // fingerprint -> session
	bucketMeta         = []byte("meta")         // format, world

	allBuckets = [][]byte{
		bucketEnvironments, bucketRunning, bucketActions, bucketAddresses, bucketCursors, bucketCounters,
		bucketDomains, bucketAppIDs, bucketGroups, bucketSessions, bucketMeta,
	}
)

// store opens the file for the length of one transaction only, because several processes share it: readers at once,
// a writer alone. The turns in memory keep the goroutines of this process from polling for the lock of the file. They
// are no mutex because whoever waits for the file has a turn: testing/synctest lets no time pass while others wait for a
// mutex.
type store struct {
	path  string
	turns *semaphore.Weighted
}

// everyTurn is what a writer takes, of which each reader takes one.
const everyTurn = 1 << 30

// openStore makes sure that the file exists and is of our format.
func openStore(directory string) (*store, error) {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of the local platform cannot be created: %w", err)
	}
	s := &store{path: filepath.Join(directory, storeName), turns: semaphore.NewWeighted(everyTurn)}
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		if err := s.create(); err != nil {
			return nil, fmt.Errorf("the store of the local platform cannot be created: %w", err)
		}
	}
	err := s.view(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if meta == nil || string(meta.Get([]byte("format"))) != storeFormat {
			return fmt.Errorf("%s was not written by this version of the local platform; use another folder", s.path)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// create builds the store beside its place and links it in, so that nobody ever meets half a file and of several
// processes that create at once the first one wins.
func (s *store) create() error {
	temporary, err := os.CreateTemp(filepath.Dir(s.path), storeName+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	if err := temporary.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(temporary.Name(), 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range allBuckets {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketMeta).Put([]byte("format"), []byte(storeFormat))
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := os.Link(temporary.Name(), s.path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// take waits for turns and returns what gives them back.
func (s *store) take(turns int64) (giveBack func()) {
	_ = s.turns.Acquire(context.Background(), turns) // which never ends
	return func() { s.turns.Release(turns) }
}

func (s *store) view(f func(*bbolt.Tx) error) error {
	defer s.take(1)()
	db, err := s.open(true)
	if err != nil {
		return err
	}
	return errors.Join(db.View(f), db.Close())
}

func (s *store) update(f func(*bbolt.Tx) error) error {
	defer s.take(everyTurn)()
	db, err := s.open(false)
	if err != nil {
		return err
	}
	return errors.Join(db.Update(f), db.Close())
}

// open polls for the file's lock faster than bbolt itself would.
func (s *store) open(readOnly bool) (*bbolt.DB, error) {
	// A new store is only ever made by create; opening for writing must not bring forth an empty one.
	exists := func(name string, flag int, mode os.FileMode) (*os.File, error) {
		return os.OpenFile(name, flag&^os.O_CREATE, mode)
	}
	deadline := time.Now().Add(lockPatience)
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 5*time.Millisecond) {
		db, err := bbolt.Open(s.path, 0o600, &bbolt.Options{Timeout: 1, ReadOnly: readOnly, OpenFile: exists})
		if !errors.Is(err, bolterrors.ErrTimeout) {
			if err != nil {
				return nil, fmt.Errorf("the store of the local platform cannot be opened: %w", err)
			}
			return db, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the store %s has been locked by another process for %s", s.path, lockPatience)
		}
		time.Sleep(pause + rand.N(pause))
	}
}

// get decodes the value of the key; ok is false where there is none.
func get[T any](b *bbolt.Bucket, key []byte) (value T, ok bool, err error) {
	data := b.Get(key)
	if data == nil {
		return value, false, nil
	}
	err = json.Unmarshal(data, &value)
	return value, err == nil, err
}

func put(b *bbolt.Bucket, key []byte, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return b.Put(key, data)
}
