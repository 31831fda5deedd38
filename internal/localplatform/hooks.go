package localplatform

import (
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

// Hooks change what happens to calls. The platform has none of its own: package faultinjection registers its own where
// it is linked, which is in tests and in tools/localplatform, not in the provider as it is shipped.
type Hooks interface {
	// Armed says whether the folder holds anything that may change a call. As long as it does not, no other hook is
	// called.
	Armed(b *bbolt.Tx) bool
	// Unreachable counts a request that is about to be sent, and says whether it cannot reach the platform.
	Unreachable(p *Platform, method string) (bool, error)
	// Call returns what changes this call. The caller has been authenticated.
	Call(c *Call) (CallHooks, error)
	// Changing is called before an environment changes: record is what is stored of it, or nil, and at is when the
	// change happens.
	Changing(t *Tx, name string, record []byte, at time.Time) error
	// Ended is called when the operation on an environment is ended from outside, before its planned end.
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
	// After is called when the call is done. operated says whether Started was called.
	After(operated bool) Disturbance

	// AnswersAtOnce says whether the call does not wait for the end of its operation.
	AnswersAtOnce() bool
	// Offline says whether a live migration is done offline.
	Offline() bool
	// OldEnvelope says whether the answer is in the old envelope.
	OldEnvelope() bool

	// Lags says whether the call reads what was so in the past, Lag how long ago for the environment of this name.
	Lags() bool
	Lag(name string) time.Duration
	// Past is what those environments were then that have changed since; nil for one that did not exist.
	Past(t *Tx) (map[string]*Environment, error)
	// Appearance is what the call sees of the environment; nil if it does not see it.
	Appearance(t *Tx, env *Environment) *Environment
	// ClockShift is how far the platform's clock is ahead, LogShift how far the times in the action log are.
	ClockShift() time.Duration
	LogShift() time.Duration
}

// Disturbance takes the place of an answer. As an error it ends a call.
type Disturbance interface {
	error
	// Kind is what the request log calls it.
	Kind() string
	// Serve writes to the connection, or aborts it by a panic. body is the answer that it replaces; nil if there is none.
	Serve(c *Call, w http.ResponseWriter, body []byte)
}

var hooks Hooks = noHooks{}

// RegisterHooks is called before any platform is opened.
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
