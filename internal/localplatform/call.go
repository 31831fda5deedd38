package localplatform

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// call is one API request in progress.
type call struct {
	platform *Platform
	ctx      context.Context // the call is the request
	name     string
	method   *method
	tx       *tx               // open while a reading method runs
	form     map[string]string // by lower-case name
	account  *Account          // whose token it is
	// owner is the account to act for: the caller's, or with ownerUid an account that shares with the caller.
	owner  *Account
	hooks  CallHooks
	logged string
	begun  bool // the effect has begun
}

func newCall(p *Platform, r *http.Request, name string, m *method) *call {
	return &call{platform: p, ctx: r.Context(), name: name, method: m, form: lowerCaseNames(r.Form), hooks: noCallHooks{}}
}

func lowerCaseNames(form url.Values) map[string]string {
	flat := make(map[string]string, len(form))
	for name, values := range form {
		flat[strings.ToLower(name)] = values[0]
	}
	return flat
}

// perform authenticates the caller and runs the method. A read-only method runs in the same transaction, because
// opening the store is most of the cost of a call.
func (c *call) perform() (answer any, err error) {
	armed, done := false, false
	err = c.platform.view(func(t *tx) error {
		if err := c.authenticate(t); err != nil {
			return err
		}
		if armed = hooks.Armed(t.bolt); armed || !c.method.reads || c.method.rehearses {
			return nil
		}
		c.tx, done = t, true
		defer func() { c.tx = nil }()
		var err error
		answer, err = c.run()
		return err
	})
	if err != nil || done {
		return answer, err
	}
	if armed {
		h, err := hooks.Call(c)
		if err != nil {
			return nil, err
		}
		c.hooks = h
		if err := c.hooks.Before(); err != nil {
			return nil, err
		}
	}
	return c.run()
}

func (c *call) run() (any, error) {
	for _, name := range c.method.required {
		if c.value(name) == "" && (name != "envName" || c.target() == "") {
			return nil, refuseOuter(wire.ResultInvalidParameter, "required parameter [%s] is missing", name)
		}
	}
	return c.method.run(c)
}

// view runs f in the call's transaction, if there is one.
func (c *call) view(f func(*tx) error) error {
	if c.tx != nil {
		return f(c.tx)
	}
	return c.platform.view(f)
}

func (c *call) value(name string) string { return c.form[strings.ToLower(name)] }

func (c *call) has(name string) bool { _, ok := c.form[strings.ToLower(name)]; return ok }

// integer returns 0 for a parameter that was not sent.
func (c *call) integer(name string) (int, error) {
	text := c.value(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, invalid(name, "[%s] is not a number", text)
	}
	return n, nil
}

// boolean returns false for a parameter that was not sent.
func (c *call) boolean(name string) (bool, error) {
	value, ok := parseBool(c.value(name))
	if !ok {
		return false, invalid(name, "[%s] is neither true nor false", c.value(name))
	}
	return value, nil
}

// decode reads a JSON parameter.
func (c *call) decode(name string, into any) error {
	if err := json.Unmarshal([]byte(c.value(name)), into); err != nil {
		return invalid(name, "not the JSON expected: %v", err)
	}
	return nil
}

// names reads a parameter that is either one name or a JSON array of names.
func (c *call) names(parameter string) ([]string, error) {
	text := strings.TrimSpace(c.value(parameter))
	if !strings.HasPrefix(text, "[") {
		if text == "" {
			return nil, nil
		}
		return []string{text}, nil
	}
	var list textList
	err := c.decode(parameter, &list)
	return list, err
}

// environment returns the environment that the call names by name or appid, if the caller may see it.
func (c *call) environment(t *tx) (*environment, error) { return c.environmentNamed(t, c.target()) }

// target returns the name or appid of the environment that the call names, or an empty string.
func (c *call) target() string {
	if name := c.value("envName"); name != "" {
		return name
	}
	switch appID := c.value("appid"); appID {
	case "1dd8d191d38fff45e62564fcf67fdcd6", "cluster", "dashboard", "appstore":
		return "" // old clients send this with every call to mean the whole account
	default:
		return appID
	}
}

func (c *call) environmentNamed(t *tx, name string) (*environment, error) {
	env, err := t.find(name)
	if err == nil && c.method.looks() {
		env, err = c.visibleEnvironment(t, name, env)
	}
	if err != nil {
		return nil, err
	}
	if env == nil {
		return nil, refuse(wire.ResultAppNotFound, "application [%s] not exist", name)
	}
	if t.rightOn(c.account, env) == "" {
		return nil, refuse(wire.ResultPermissionDenied, "permission denied: environment [%s]", name)
	}
	return env, nil
}

// find returns nil if no environment has this name or appid.
func (t *tx) find(name string) (*environment, error) {
	env, err := t.load(name)
	if err != nil || env != nil {
		return env, err
	}
	if byAppID := t.bolt.Bucket(bucketAppIDs).Get([]byte(name)); byAppID != nil {
		return t.load(string(byAppID))
	}
	return nil, nil
}

// writable returns the environment for a method that changes it. The caller's role must permit the method, and the
// environment must have one of the statuses.
func (c *call) writable(t *tx, statuses ...int) (*environment, error) {
	env, err := c.environment(t)
	if err != nil {
		return nil, err
	}
	if err := c.permitted(t, env); err != nil {
		return nil, err
	}
	if status := env.currentStatus(t.now); !slices.Contains(statuses, status) {
		return nil, wrongStatus(env, status, statuses)
	}
	return env, nil
}

// currentStatus is the status that decides what is allowed: that of a running operation, even if reads do not show it
// yet.
func (e *environment) currentStatus(now time.Time) int {
	if e.Op != nil {
		return e.Op.Status
	}
	return e.status(now)
}

// idleStatuses are the statuses of environments without a running operation.
var idleStatuses = []int{wire.StatusRunning, wire.StatusDown, wire.StatusSleep, wire.StatusUnknown, wire.StatusBroken}

// operate starts an operation of the given length on the environment. Hooks may change it.
func (c *call) operate(t *tx, env *environment, op operation, length time.Duration) (int64, error) {
	op.Start = t.now
	op.End = t.now.Add(c.platform.scaled(length))
	entry := c.action(env)
	if err := c.hooks.Operation(t, env, &op, &entry); err != nil {
		return 0, err
	}
	if op.Start.After(t.now) {
		if err := t.markUnordered(); err != nil {
			return 0, err
		}
	}
	return t.start(env, op, entry)
}

// logInstant logs an action that takes no time.
func (c *call) logInstant(t *tx, env *environment, kind int) error {
	a := c.action(env)
	a.Kind, a.Start, a.End = kind, t.now, t.now
	_, err := t.addAction(a)
	return err
}

func (c *call) action(env *environment) action {
	service, key := c.name[:strings.LastIndex(c.name, "/")], c.name[strings.LastIndex(c.name, "/")+1:]
	a := action{
		UID: c.account.UID, Owner: env.Owner, Email: c.account.Email, AppID: env.AppID, Env: env.Name,
		Region:  c.value("hardwareNodeGroup"),
		Service: strings.ReplaceAll(service, "/", "."), Key: key, RequestKey: c.value("ruk"),
	}
	if key == "migrate" {
		a.Args = map[string]string{"envName": env.Name, "hardwareNodeGroup": a.Region, "isOnline": c.value("isOnline")}
	}
	c.hooks.Action(&a)
	return a
}

// await holds the call open until the operation ends, as the platform does, and returns its outcome.
func (c *call) await(name string, id int64) error {
	c.begun = true
	if d := c.hooks.Started(); d != nil {
		return d
	}
	if c.hooks.AnswersAtOnce() {
		return nil
	}
	began := time.Now()
	for {
		var wait time.Duration
		var outcome error
		err := c.view(func(t *tx) error {
			running, ok, err := get[runningOperation](t.bolt.Bucket(bucketRunning), []byte(name))
			if err != nil {
				return err
			}
			if ok && running.ID == id {
				wait = max(running.End.Sub(t.now), time.Millisecond)
				return nil
			}
			a, _, err := get[action](t.bolt.Bucket(bucketActions), idKey(id))
			if a.Result != wire.ResultOK {
				outcome = refuse(a.Result, "%s", a.Words)
			}
			return err
		})
		if err != nil || wait == 0 {
			return firstError(err, outcome)
		}
		if err := c.pause(wait, time.Since(began)); err != nil {
			return err
		}
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// pause waits, but only briefly compared with the time already waited, because the operation may be ended from
// outside and an injected clock may jump.
func (c *call) pause(wait, waited time.Duration) error {
	ceiling := max(100*time.Millisecond, waited/8)
	if c.platform.fakeClock {
		ceiling = time.Millisecond
	}
	return c.Sleep(min(wait, ceiling))
}
