package localplatform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sync/semaphore"
)

// storeName is the file with all state except the mails and the request log.
const storeName = "platform.db"

// storeFormat is the format of the store. Stores of other formats are refused.
const storeFormat = "1"

// lockPatience is how long a transaction waits for the lock of the store.
const lockPatience = 30 * time.Second

var (
	bucketEnvironments = []byte("environments") // name -> environment
	bucketRunning      = []byte("running")      // name -> runningOperation, of environments with an operation
	bucketActions      = []byte("actions")      // id, big-endian -> action
	bucketAddresses    = []byte("addresses")    // address -> environment that has or is about to get it
	bucketCursors      = []byte("cursors")      // address block -> last address given out
	bucketCounters     = []byte("counters")     // counter -> number
	bucketDomains      = []byte("domains")      // custom domain -> environment
	bucketAppIDs       = []byte("appids")       // appid -> environment
	bucketGroups       = []byte("groups")       // uid/name -> group
	bucketSessions     = []byte("sessions")     // fingerprint -> session
	bucketMeta         = []byte("meta")         // format, world

	allBuckets = [][]byte{
		bucketEnvironments, bucketRunning, bucketActions, bucketAddresses, bucketCursors, bucketCounters,
		bucketDomains, bucketAppIDs, bucketGroups, bucketSessions, bucketMeta, bucketUsage,
	}
)

// store locks its file for only one transaction at a time, because several processes share the file: many readers or
// one writer. The turns keep the goroutines of this process from polling for the file's lock. They are not a mutex,
// because the goroutine that waits for the file holds a turn, and testing/synctest does not advance time while others
// wait for a mutex.
type store struct {
	path  string
	turns *semaphore.Weighted

	mu     sync.Mutex
	idle   *reader // open, but without its lock; nil if there is none
	closed bool
}

// everyTurn is the number of turns that a writer takes. A reader takes one.
const everyTurn = 1 << 30

// openStore makes sure that the file exists and has the expected format.
func openStore(directory string, strict bool) (*store, error) {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of the local platform cannot be created: %w", err)
	}
	if err := checkFolder(directory, strict); err != nil {
		return nil, err
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

// create builds the store in a temporary file and links it into place, so that no process ever sees an incomplete
// file. If several processes create it at once, the first one wins.
func (s *store) create() error {
	temporary, err := os.CreateTemp(filepath.Dir(s.path), storeName+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	if err := temporary.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(temporary.Name(), 0o600, &bbolt.Options{NoSync: true})
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

// acquireTurns waits for turns and returns a function that gives them back.
func (s *store) acquireTurns(turns int64) (giveBack func()) {
	_ = s.turns.Acquire(context.Background(), turns) // which never ends
	return func() { s.turns.Release(turns) }
}

func (s *store) view(f func(*bbolt.Tx) error) error {
	defer s.acquireTurns(1)()
	r, err := s.openReader()
	if err != nil {
		return err
	}
	return s.transact(r.db, r.file, (*bbolt.DB).View, f, func() error { return s.release(r) })
}

func (s *store) update(f func(*bbolt.Tx) error) error {
	defer s.acquireTurns(everyTurn)()
	var file *os.File
	db, err := s.openAs(&file, false)
	if err != nil {
		return err
	}
	return s.transact(db, file, (*bbolt.DB).Update, f, db.Close)
}

// transact always releases the file, so that a panic never leaves its lock behind. Damage to the file becomes an error;
// a bug of ours still panics.
func (s *store) transact(db *bbolt.DB, file *os.File, run func(*bbolt.DB, func(*bbolt.Tx) error) error,
	f func(*bbolt.Tx) error, release func() error,
) (err error) {
	// Reading mapped memory faults if the file is shorter than its header says.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var began *bbolt.Tx
	panicked := true
	defer func() {
		if panicked && (began == nil || began.DB() != nil) {
			closeLocked(file) // the database may hold locks of its own, and closing it would wait for them forever
			err = s.damagedBy(recover())
			return
		}
		err = errors.Join(err, release())
		if panicked {
			err = s.damagedBy(recover())
		}
	}()
	err = run(db, func(tx *bbolt.Tx) error {
		began = tx
		if info, err := file.Stat(); err == nil && info.Size() < tx.Size() {
			return s.damaged(fmt.Sprintf("it is cut off: %d bytes of %d are there", info.Size(), tx.Size()))
		}
		return f(tx)
	})
	panicked = false
	var record *recordError
	if errors.As(err, &record) {
		err = s.damaged(err.Error())
	}
	return err
}

// damagedError says that the content of the file is not what was written.
type damagedError struct{ path, what string }

func (e *damagedError) Error() string {
	return fmt.Sprintf("the store %s of the local platform is damaged (%s). Put a copy of the file back, "+
		"delete it to begin with an empty platform, or use another folder", e.path, e.what)
}

func (s *store) damaged(what string) error { return &damagedError{path: s.path, what: what} }

// damagedBy turns a panic into an error if the file is damaged or was cut off. Other panics continue. Call it while
// the stack of the panic is still there.
func (s *store) damagedBy(cause any) error {
	if cause == nil {
		return nil // runtime.Goexit, not a panic
	}
	if _, fault := cause.(interface{ Addr() uintptr }); fault {
		return s.damaged("a part of it cannot be read")
	}
	if panicsIn("go.etcd.io/bbolt") {
		text, _, _ := strings.Cut(fmt.Sprint(cause), "\n")
		return s.damaged(fmt.Sprintf("%.120s", text))
	}
	panic(cause)
}

// panicsIn says whether the panicking function is in a package with this prefix.
func panicsIn(prefix string) bool {
	counters := make([]uintptr, 64)
	frames := runtime.CallersFrames(counters[:runtime.Callers(1, counters)])
	panicking := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panicking = true
		case panicking && !strings.HasPrefix(frame.Function, "runtime."):
			return strings.HasPrefix(frame.Function, prefix)
		}
		if !more {
			return false
		}
	}
}

// recordError says that a record cannot be decoded.
type recordError struct {
	key   string
	cause error
}

func (e *recordError) Error() string { return fmt.Sprintf("the record %.60q: %v", e.key, e.cause) }

// get decodes the value of the key. ok is false if there is none.
func get[T any](b *bbolt.Bucket, key []byte) (value T, ok bool, err error) {
	data := b.Get(key)
	if data == nil {
		return value, false, nil
	}
	if err := json.Unmarshal(data, &value); err != nil {
		return value, false, &recordError{string(key), err}
	}
	return value, true, nil
}

func put(b *bbolt.Bucket, key []byte, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return b.Put(key, data)
}
