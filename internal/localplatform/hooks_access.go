package localplatform

import (
	"encoding/json"
	"net/http"
	"time"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// Types that hooks read and change.
type (
	// Tx is a transaction at one instant.
	Tx = tx
	// Call is one request on its way through the API.
	Call = call
	// Environment is the stored record.
	Environment = environment
	// Operation is a change that takes time.
	Operation = operation
	// Action is an entry of the action log.
	Action = action
	// Failure is the outcome of an operation that fails.
	Failure = failure
)

// View runs f on the current state.
func (p *Platform) View(f func(*Tx) error) error { return p.view(f) }

// Update runs f on the current state and keeps its changes unless it returns an error.
func (p *Platform) Update(f func(*Tx) error) error { return p.update(f) }

// armed says whether there is a hook that may change a call.
func (p *Platform) armed() (armed bool, err error) {
	if hooks == (noHooks{}) {
		return false, nil // skip opening the store, which is most of the cost of a call
	}
	err = p.store.view(func(b *bbolt.Tx) error { armed = hooks.Armed(b); return nil })
	return armed, err
}

// Now is the instant of the transaction.
func (t *tx) Now() time.Time { return t.now }

// Bolt is the store's transaction. Hooks must not change the platform's own buckets.
func (t *tx) Bolt() *bbolt.Tx { return t.bolt }

// NameOf returns the name of the environment with the appid, or an empty string if there is none.
func (t *tx) NameOf(appID string) string {
	return string(t.bolt.Bucket(bucketAppIDs).Get([]byte(appID)))
}

// Exists says whether an environment has this name now.
func (t *tx) Exists(name string) bool {
	return t.bolt.Bucket(bucketEnvironments).Get([]byte(name)) != nil
}

// Operating says whether an operation runs on the named environment, or on any if name is empty.
func (t *tx) Operating(name string) bool {
	b := t.bolt.Bucket(bucketRunning)
	if name != "" {
		return b.Get([]byte(name)) != nil
	}
	key, _ := b.Cursor().First()
	return key != nil
}

// Renumber gives the nodes new ids and updates the mounts inside the environment that refer to them.
func (t *tx) Renumber(env *Environment) error {
	ids := map[int64]int64{}
	for i := range env.Nodes {
		id, err := t.newNodeID()
		if err != nil {
			return err
		}
		ids[env.Nodes[i].ID] = nodeIDBase + id
		env.Nodes[i].ID, env.Nodes[i].CTID = nodeIDBase+id, containerIDBase+id
	}
	for i := range env.Layers {
		for path, m := range env.Layers[i].Mounts {
			if id, ours := ids[m.SourceNodeID]; ours {
				m.SourceNodeID = id
				env.Layers[i].Mounts[path] = m
			}
		}
	}
	return nil
}

// Copy is a deep copy without the operation.
func (e *environment) Copy() *Environment { return e.copy() }

// ShowAddressesOf gives the nodes the addresses that they have in old, an earlier record of the environment. It also
// works if the nodes have new ids since.
func (e *environment) ShowAddressesOf(old *Environment) {
	for i := range e.Nodes {
		n, before := &e.Nodes[i], old.node(e.Nodes[i].ID)
		if before == nil && len(old.Nodes) == len(e.Nodes) {
			before = &old.Nodes[i]
		}
		if before != nil {
			n.IntIP, n.IPv4, n.IPv6 = before.IntIP, before.IPv4, before.IPv6
		}
	}
}

// RenewAppID gives the environment a new appid and the creation time.
func (e *environment) RenewAppID(created time.Time) { e.AppID, e.Created = newAppID(), created }

// Creates says whether the operation creates an environment.
func (o *operation) Creates() bool { return o.Kind == wire.ActionCreate || o.Kind == wire.ActionClone }

// Platform is the called platform.
func (c *call) Platform() *Platform { return c.platform }

// Name is the lower-case name, for example "environment/control/migrate".
func (c *call) Name() string { return c.name }

// Value returns a parameter, or an empty string if it was not sent.
func (c *call) Value(parameter string) string { return c.value(parameter) }

// Reads says whether the method only reads, without a rehearsal.
func (c *call) Reads() bool { return c.method.looks() }

// Lists says whether the call lists environments.
func (c *call) Lists() bool {
	return c.name == "environment/control/getenvs" || c.name == "environment/control/getbasicenvsinfo"
}

// Subject is the name or appid of the environment that the call is about, or an empty string if the request names
// none.
func (c *call) Subject() string {
	for _, name := range []string{"envName", "srcEnvName", "dstEnvName"} {
		if v := c.value(name); v != "" {
			return v
		}
	}
	var spec envSpec
	if _ = json.Unmarshal([]byte(c.value("env")), &spec); spec.ShortDomain != "" {
		return string(spec.ShortDomain)
	}
	return c.target()
}

// Sleep returns an error early if the client disconnects or the platform is closed.
func (c *call) Sleep(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	case <-c.platform.closed:
		return http.ErrServerClosed
	}
}

// Refusal returns an unsuccessful answer of the platform.
func Refusal(code int, words string) error {
	return &refusal{Code: code, Source: "JEL", Words: words}
}

// NotAuthenticated is the answer to an unknown or expired token.
func NotAuthenticated() error {
	return refuseOuter(wire.ResultNotAuthenticated, "user not authenticated")
}
