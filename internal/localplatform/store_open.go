package localplatform

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// reader is the database opened for reading. Mapping and unmapping the file costs more than the read itself, so a
// reader stays open between transactions, without the lock. The mapped memory shows what other processes write, as long
// as the file is the same and has the same size.
type reader struct {
	db   *bbolt.DB
	file *os.File
	info fs.FileInfo // of the file when it was opened
}

// openReader returns a reader that holds the lock.
func (s *store) openReader() (*reader, error) {
	s.mu.Lock()
	r := s.idle
	s.idle = nil
	s.mu.Unlock()
	if r != nil {
		if err := s.waitForLock(func() error { return lockShared(r.file) }); err != nil {
			return nil, errors.Join(err, r.db.Close())
		}
		info, err := os.Stat(s.path)
		if err == nil && os.SameFile(info, r.info) && info.Size() == r.info.Size() {
			return r, nil
		}
		if err := r.db.Close(); err != nil {
			return nil, err
		}
	}
	r = &reader{}
	var err error
	if r.db, err = s.openAs(&r.file, true); err != nil {
		return nil, err
	}
	r.info, err = r.file.Stat()
	if err != nil {
		return nil, errors.Join(err, r.db.Close())
	}
	return r, nil
}

// release gives up the reader's lock and keeps one reader open, if the system can unlock a file without closing it.
func (s *store) release(r *reader) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.idle != nil || !unlock(r.file) {
		return r.db.Close()
	}
	s.idle = r
	return nil
}

// close closes the idle reader. Later transactions still work and leave nothing open.
func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.idle == nil {
		return nil
	}
	defer func() { s.idle = nil }()
	return s.idle.db.Close()
}

// errLocked: another process keeps the file locked.
var errLocked = errors.New("locked by another process")

// openAs opens the file and takes its lock. It sets file, so that the caller can close it in any state of the database.
func (s *store) openAs(file **os.File, readOnly bool) (db *bbolt.DB, err error) {
	err = s.waitForLock(func() error {
		db, err = s.tryOpen(file, readOnly)
		return err
	})
	return db, err
}

// waitForLock polls for the file's lock faster than bbolt does.
func (s *store) waitForLock(try func() error) error {
	deadline := time.Now().Add(lockPatience)
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 5*time.Millisecond) {
		if err := try(); !errors.Is(err, bolterrors.ErrTimeout) {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the store %s has been %w for %s", s.path, errLocked, lockPatience)
		}
		time.Sleep(pause + rand.N(pause))
	}
}

func (s *store) tryOpen(file **os.File, readOnly bool) (db *bbolt.DB, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			closeLocked(*file)
			db, err = nil, s.damagedBy(cause)
		}
	}()
	// Only create makes a new store. Opening for writing must not create an empty one.
	existing := func(name string, flag int, mode os.FileMode) (*os.File, error) {
		opened, err := os.OpenFile(name, flag&^os.O_CREATE, mode)
		if err != nil {
			return nil, err
		}
		if info, err := opened.Stat(); err == nil && info.Size() == 0 {
			return nil, errors.Join(s.damaged("it is empty"), opened.Close())
		}
		*file = opened
		return opened, nil
	}
	// Without syncing, writes survive the end of the process but not a crash of the machine.
	db, err = bbolt.Open(s.path, 0o600, &bbolt.Options{Timeout: 1, ReadOnly: readOnly, OpenFile: existing, NoSync: true})
	var path *fs.PathError
	var damaged *damagedError
	switch {
	case err == nil || errors.Is(err, bolterrors.ErrTimeout) || errors.As(err, &damaged):
		return db, err
	case errors.As(err, &path):
		return nil, fmt.Errorf("the store of the local platform cannot be opened: %w", err)
	}
	return nil, s.damaged(err.Error())
}
