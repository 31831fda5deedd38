package localplatform

import (
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

// Hooks change what happens to calls. The platform has none by default. Package faultinjection registers its hooks in
// programs that link it: tests and tools/localplatform, but not the released provider.
type Hooks interface {
	// Armed says whether the folder holds anything that may change a call. If not, no other hook is called.
	Armed(b *bbolt.Tx) bool
	// Unreachable is called before a request is sent. It counts the request and says whether it fails to reach the
	// platform.
	Unreachable(p *Platform, method string) (bool, error)
	// Call returns the hooks of this call. The caller is already authenticated.
	Call(c *Call) (CallHooks, error)
	// Changing is called before an environment changes at the instant at. record is its stored form, or nil if it does
	// not exist yet.
	Changing(t *Tx, name string, record []byte, at time.Time) error
	// Ended is called when an operation on an environment is ended from outside, before its planned end.
	Ended(t *Tx, name string, planned time.Time) error
}

// CallHooks change one call.
type CallHooks interface {
	// Before is called before the call does anything. An error ends the call; see Disturbance.
	Before() error
	// Operation changes an operation that is about to start on the environment, and its entry in the action log.
	Operation(t *Tx, env *Environment, op *Operation, entry *Action) error
	// Action changes an entry that is about to be added to the action log.
	Action(a *Action)
	// Started is called once the call's operation has begun.
	Started() Disturbance
	// After is called when the call is done. operated says whether the call started an operation.
	After(operated bool) Disturbance

	// AnswersAtOnce says whether the call returns without waiting for its operation.
	AnswersAtOnce() bool
	// Offline says whether a live migration is carried out offline instead.
	Offline() bool
	// OldEnvelope says whether the answer uses the old envelope.
	OldEnvelope() bool

	// Lags says whether the call reads past states. Lag is how old the state of the named environment is.
	Lags() bool
	Lag(name string) time.Duration
	// Past returns the old state of each environment that has changed since then, or nil for one that did not exist.
	Past(t *Tx) (map[string]*Environment, error)
	// Appearance returns the environment as the call sees it, or nil to hide it.
	Appearance(t *Tx, env *Environment) *Environment
	// ClockShift is how far the platform's clock is ahead. LogShift is how far the times in the action log are.
	ClockShift() time.Duration
	LogShift() time.Duration
}

// Disturbance replaces an answer. Returned as an error, it ends the call.
type Disturbance interface {
	error
	// Kind is its name in the request log.
	Kind() string
	// Serve writes to the connection, or panics to abort it. body is the replaced answer, or nil if there is none.
	Serve(c *Call, w http.ResponseWriter, body []byte)
}

var hooks Hooks = noHooks{}

// RegisterHooks must be called before any platform is opened.
func RegisterHooks(h Hooks) { hooks = h }

type noHooks struct{}

func (noHooks) Armed(*bbolt.Tx) bool                          { return false }
func (noHooks) Unreachable(*Platform, string) (bool, error)   { return false, nil }
func (noHooks) Call(*Call) (CallHooks, error)                 { return noCallHooks{}, nil }
func (noHooks) Changing(*Tx, string, []byte, time.Time) error { return nil }
func (noHooks) Ended(*Tx, string, time.Time) error            { return nil }

type noCallHooks struct{}

func (noCallHooks) Before() error                                          { return nil }
func (noCallHooks) Operation(*Tx, *Environment, *Operation, *Action) error { return nil }
func (noCallHooks) Action(*Action)                                         {}
func (noCallHooks) Started() Disturbance                                   { return nil }
func (noCallHooks) After(bool) Disturbance                                 { return nil }
func (noCallHooks) AnswersAtOnce() bool                                    { return false }
func (noCallHooks) Offline() bool                                          { return false }
func (noCallHooks) OldEnvelope() bool                                      { return false }
func (noCallHooks) Lags() bool                                             { return false }
func (noCallHooks) Lag(string) time.Duration                               { return 0 }
func (noCallHooks) Past(*Tx) (map[string]*Environment, error)              { return nil, nil }
func (noCallHooks) Appearance(_ *Tx, env *Environment) *Environment        { return env }
func (noCallHooks) ClockShift() time.Duration                              { return 0 }
func (noCallHooks) LogShift() time.Duration                                { return 0 }
