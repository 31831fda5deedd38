// Package localplatform is a server for the HTTP API of the Virtuozzo Application Platform that needs no hosting
// provider. Use it to try things out without an account and to run tests.
//
// It uses the platform's wire format, so a client written for the real platform works unchanged. It keeps
// environments in a folder, enforces states and quotas, takes time to migrate, assigns addresses, and changes them
// when the data centre changes. No state is in memory: several processes may share a folder, and a process that is
// killed loses nothing that it acknowledged. Nothing runs in the background either: an operation is a record with a
// start and an end, and the current state is computed from the clock when a call reads it.
//
// Where the platform's behaviour is not public, the behaviour here is our choice, and a comment says so.
package localplatform

import (
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// Tokens of the accounts in the built-in catalogue. They are not secret: only a local platform without a token of its
// own accepts them.
const (
	// OwnerToken permits every method for the account that owns environments.
	OwnerToken = "localplatformownertoken00000000000000000"
	// CollaboratorToken permits every method for a second account, which the owner shares its environments with.
	CollaboratorToken = "localplatformcollaboratortoken0000000000"
	// ReadOnlyToken is a token of the owner that permits only methods that change nothing, which a plan needs.
	ReadOnlyToken = "localplatformreadonlytoken00000000000000"
)

// Options say where a platform keeps its state and how it behaves.
type Options struct {
	// Directory is the folder of the state. If it does not exist, it is created and readable only by the user.
	Directory string
	// Catalogue is the path of a JSON file in the format of type Catalogue. If it is empty, the built-in one is used.
	Catalogue string
	// TimeScale divides the durations of operations: with 60, a minute takes a second. 0 means 1.
	TimeScale float64
	// Token, if not empty, belongs to the first account. It replaces all tokens of the built-in catalogue, but is added
	// to those of a catalogue file.
	Token string
	// Strict also refuses folders and files that their group can write. Those that everyone can write are always
	// refused.
	Strict bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Platform is one process's access to the folder. It is safe for concurrent use.
type Platform struct {
	directory string
	store     *store
	base      *Catalogue
	scale     float64
	clock     func() time.Time
	fakeClock bool
	log       requestLog

	closed    chan struct{}
	closeOnce sync.Once
	server    *http.Server
}

// Open reads the catalogue and opens the store in the folder, which it creates if needed.
func Open(o Options) (*Platform, error) {
	if o.Directory == "" {
		return nil, errors.New("the local platform needs a folder")
	}
	if o.TimeScale < 0 {
		return nil, errors.New("the time scale of the local platform must not be negative")
	}
	directory, err := filepath.Abs(o.Directory)
	if err != nil {
		return nil, err
	}
	catalogue, err := LoadCatalogue(o.Catalogue)
	if err != nil {
		return nil, err
	}
	if o.Token != "" {
		catalogue.setToken(o.Token, o.Catalogue == "")
	}
	store, err := openStore(directory, o.Strict)
	if err != nil {
		return nil, err
	}
	p := &Platform{
		directory: directory, store: store, base: catalogue, scale: o.TimeScale, clock: o.Now,
		fakeClock: o.Now != nil, log: requestLog{path: filepath.Join(directory, requestLogName)}, closed: make(chan struct{}),
	}
	if p.scale == 0 {
		p.scale = 1
	}
	if p.clock == nil {
		p.clock = time.Now
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}
	return p, nil
}

// Close closes the connections made through Transport and ends every open call. The state stays in the folder.
func (p *Platform) Close() error {
	p.closeOnce.Do(func() { close(p.closed) })
	return errors.Join(p.server.Close(), p.store.close())
}

// now is in UTC and has no monotonic reading, because it is compared with times that other processes stored.
func (p *Platform) now() time.Time { return p.clock().Round(0).UTC() }

// scaled returns how long something takes here that takes d on the platform.
func (p *Platform) scaled(d time.Duration) time.Duration {
	return max(time.Duration(float64(d)/p.scale), time.Millisecond)
}

// currentCatalogue returns the catalogue with the changes stored in the folder.
func (p *Platform) currentCatalogue(b *bbolt.Tx) (*Catalogue, error) {
	w, changed, err := get[world](b.Bucket(bucketMeta), worldKey)
	if err != nil || !changed {
		return p.base, err
	}
	return w.applyTo(p.base), nil
}

// setToken gives the token to the first account. If alone is set, it removes all other tokens.
func (c *Catalogue) setToken(token string, alone bool) {
	if alone {
		for i := range c.Accounts {
			c.Accounts[i].Tokens = nil
		}
	}
	first := &c.Accounts[0]
	first.Tokens = append(first.Tokens, Token{Token: token, Methods: []string{"*"}})
}
