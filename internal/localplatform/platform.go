// Package localplatform is a server of the Virtuozzo Application Platform's HTTP API that needs no hosting provider:
// for trying things out without an account, for users' own tests, and for ours.
//
// It answers on the wire as the platform does, so that a client written for the real one works on it unchanged. It
// keeps environments in a folder, enforces states and quotas, takes time to migrate, gives out addresses, and changes
// them when the data centre changes. Nothing lives in memory: several processes may share a folder, and one that is
// killed at any instant loses nothing that it has acknowledged. Nothing runs in the background either: an operation is
// a record with a start and an end, and what has happened by now is computed from the clock when somebody asks.
//
// What it does where the platform's behaviour is not public is our choice, and marked as such where it is made.
package localplatform

import (
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// Tokens of the accounts in the built-in catalogue. There is nothing secret about them: only a local platform that
// was given no token of its own takes them.
const (
	// OwnerToken may do everything with the account that owns environments.
	OwnerToken = "localplatformownertoken00000000000000000"
	// CollaboratorToken may do everything with a second account, to which the owner's environments are shared.
	CollaboratorToken = "localplatformcollaboratortoken0000000000"
	// ReadOnlyToken belongs to the owner and permits only what a plan needs: methods that change nothing.
	ReadOnlyToken = "localplatformreadonlytoken00000000000000"
)

// Options say where a platform keeps its state and how it behaves.
type Options struct {
	// Directory is the folder of the state, created (readable by the user only) if it does not exist.
	Directory string
	// Catalogue is the path of a JSON file as described at type Catalogue; empty means the built-in one.
	Catalogue string
	// TimeScale shortens what takes time: 60 makes a minute a second. 0 means 1.
	TimeScale float64
	// Token, if not empty, takes the place of every token of the built-in catalogue's first account and of all others
	// in it. A catalogue file of one's own keeps its tokens.
	Token string
	// Strict refuses a folder and files that a group can write, too; those that everybody can write are always refused.
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

// Open reads the catalogue and makes sure that the folder holds a store.
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

// Close ends the connections made through Transport and every call that is held open. The state stays in the folder.
func (p *Platform) Close() error {
	p.closeOnce.Do(func() { close(p.closed) })
	return errors.Join(p.server.Close(), p.store.close())
}

// now is in UTC and without the monotonic reading, because it is compared with times that other processes stored.
func (p *Platform) now() time.Time { return p.clock().Round(0).UTC() }

// scaled is how long something takes here that takes d on the platform.
func (p *Platform) scaled(d time.Duration) time.Duration {
	return max(time.Duration(float64(d)/p.scale), time.Millisecond)
}

// presentCatalogue is the catalogue with the changes that the folder holds.
func (p *Platform) presentCatalogue(b *bbolt.Tx) (*Catalogue, error) {
	w, changed, err := get[world](b.Bucket(bucketMeta), worldKey)
	if err != nil || !changed {
		return p.base, err
	}
	return w.applyTo(p.base), nil
}

// setToken makes the token the first account's. If alone, no other token is taken any more.
func (c *Catalogue) setToken(token string, alone bool) {
	if alone {
		for i := range c.Accounts {
			c.Accounts[i].Tokens = nil
		}
	}
	first := &c.Accounts[0]
	first.Tokens = append(first.Tokens, Token{Token: token, Methods: []string{"*"}})
}
