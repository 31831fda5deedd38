package localplatform

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// expectDamage checks that the error of a damaged store names the file and says what to do.
func expectDamage(t *testing.T, what string, err error, path string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	for _, says := range []string{path, "is damaged", "Put a copy of the file back, delete it"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %q does not contain %q", what, err, says)
		}
	}
	for _, never := range []string{"another process", "goroutine", ".go:", "\n"} {
		if strings.Contains(err.Error(), never) {
			t.Errorf("%s: %q contains %q", what, err, never)
		}
	}
}

// A store that is cut off, emptied or overwritten gives one clear error, both when it is opened and in calls to an
// open platform. No lock remains: a copy that is put back can be read at once.
func TestDamagedStores(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	p, c := open(t, Options{Directory: directory})
	for i := range 20 {
		p.seed(t, "shop-"+string(rune('a'+i)))
	}
	whole, err := os.ReadFile(p.store.path)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	overwritten := func(from, to int, with byte) []byte {
		data := bytes.Clone(whole)
		for i := max(0, from); i < min(to, len(data)); i++ {
			data[i] = with
		}
		return data
	}
	rows := map[string][]byte{
		"empty": {}, "a byte": whole[:1], "no whole page": whole[:page/2], "one page": whole[:page],
		"two pages": whole[:2*page], "three pages and a bit": whole[:3*page+100],
		"half": whole[:len(whole)/2], "no database": bytes.Repeat([]byte("not a store. "), 2000),
		"zeros":        make([]byte, len(whole)),
		"no page left": overwritten(2*page, len(whole), 0), "other pages": overwritten(2*page, len(whole), 0xff),
		"other bytes": overwritten(2*page, len(whole), 'x'),
	}
	for what, data := range rows {
		if err := os.WriteFile(p.store.path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(Options{Directory: directory})
		expectDamage(t, what+", opened", err, p.store.path)
		answer, err := c.post(control+"getenvs", "envName", "shop-a")
		if err != nil || effective(answer) != 99 {
			t.Errorf("%s: a call of an open platform: %v %v", what, answer, err)
			continue
		}
		expectDamage(t, what+", called", errors.New(words(answer)), p.store.path)
		answer, err = c.post(control+"setenvdisplayname", "envName", "shop-a", "displayName", "x")
		if err != nil || effective(answer) != 99 {
			t.Errorf("%s: a change in an open platform: %v %v", what, answer, err)
			continue
		}
		expectDamage(t, what+", changed", errors.New(words(answer)), p.store.path)

		if err := os.WriteFile(p.store.path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		if list := c.ok(control + "getenvs")["infos"].([]any); len(list) != 20 {
			t.Errorf("%s: %d environments after the copy was restored", what, len(list))
		}
	}
}

// Records that are not valid JSON count as damage, too.
func TestDamagedRecords(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	err := p.store.update(func(b *bbolt.Tx) error {
		return errors.Join(b.Bucket(bucketEnvironments).Put([]byte("shop-1"), []byte(`{"Name":`)),
			b.Bucket(bucketActions).Put(idKey(1), []byte("x")))
	})
	if err != nil {
		t.Fatal(err)
	}
	for method, parameters := range map[string][]string{
		"getenvinfo": {"envName", "shop-1"}, "getenvs": nil, "setenvdisplayname": {"envName",
			"shop-1"}, "stopenv": {"envName", "shop-1"},
	} {
		expectDamage(t, method, errors.New(words(c.code(99, control+method, parameters...))), p.store.path)
	}
	expectDamage(t, "log", errors.New(words(c.code(99, "environment.tracking.getuidactions"))), p.store.path)
}

// A bug in a transaction still panics, but releases the lock at once.
func TestPanicReleasesLock(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	for name, run := range map[string]func(func(*bbolt.Tx) error) error{"reading": p.store.view,
		"writing": p.store.update} {
		func() {
			defer func() {
				if cause := recover(); cause != "a mistake" {
					t.Errorf("%s: recovered %v", name, cause)
				}
			}()
			_ = run(func(*bbolt.Tx) error { panic("a mistake") })
		}()
		c.ok(control+"setenvdisplayname", "envName", "shop-1", "displayName", name)
	}
}

// If the end of a migration cannot be recorded, because the disk is full or the mail cannot be written, reads show it
// anyway. The mail is sent exactly once, as soon as that is possible.
func TestReadsOfReadOnlyStore(t *testing.T) {
	t.Parallel()
	clock := newClock()
	directory := t.TempDir()
	p, c := open(t, Options{Directory: directory, Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	before := nodes(c.info("shop-1"), "cp")[0]["intIP"]
	answers := c.begin("shop-1", 10, control+"migrate", "envName", "shop-1", "hardwareNodeGroup", "south-standard",
		"isOnline", "false")
	outbox := filepath.Join(directory, OutboxName)
	if err := os.WriteFile(outbox, []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	clock.advance(time.Hour)
	if answer := <-answers; effective(answer) != 0 {
		t.Fatalf("the migration: %v", answer)
	}
	for range 2 {
		info := c.info("shop-1")
		if status(info) != 1 || env(info)["hardwareNodeGroup"] != "south-standard" ||
			nodes(info, "cp")[0]["intIP"] == before {
			t.Errorf("the environment: %v", info)
		}
		if past := c.actions("environment.tracking.getuidactions"); len(past) != 1 || past[0]["result"] != 0.0 ||
			len(c.actions("environment.tracking.getcurrentactions")) != 0 {
			t.Errorf("the log: %v", past)
		}
	}
	region, busy, exists, err := p.Place("shop-1")
	if region != "south-standard" || busy || !exists || err != nil {
		t.Errorf("Place: %s %t %t %v", region, busy, exists, err)
	}
	c.code(99, control+"setenvdisplayname", "envName", "shop-1", "displayName", "x")
	address := nodes(c.info("shop-1"), "cp")[0]["intIP"]
	if err := os.Remove(outbox); err != nil {
		t.Fatal(err)
	}
	if nodes(c.info("shop-1"), "cp")[0]["intIP"] != address {
		t.Error("the recorded state differs from the expected one")
	}
	c.ok(control+"setenvdisplayname", "envName", "shop-1", "displayName", "x")
	mails, err := os.ReadDir(outbox)
	if err != nil || len(mails) != 1 {
		t.Errorf("mails: %v %v", mails, err)
	}
}
