package localplatform

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// OutboxName is the folder inside the platform's folder for notification mails.
const OutboxName = "outbox"

// sendMigrationMail writes the notification of a finished migration. Name and text depend only on the record, so a
// repeated write changes nothing if a process was killed before it recorded the end: there is exactly one mail for
// each migration.
func (t *tx) sendMigrationMail(env *environment) error {
	outbox := filepath.Join(t.platform.directory, OutboxName)
	if err := os.MkdirAll(outbox, 0o700); err != nil {
		return err
	}
	name := filepath.Join(outbox,
		fmt.Sprintf("%s-%06d-%s.eml", env.Op.End.Format("20060102T150405Z"), env.Op.ID, env.Name))
	if _, err := os.Stat(name); err == nil {
		return nil
	}
	temporary, err := os.CreateTemp(outbox, ".mail-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(t.migrationMail(env))
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(os.Remove(temporary.Name())))
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// migrationMail returns the whole mail (RFC 5322). It has details that the API does not show: the time that each
// container took and every changed parameter.
func (t *tx) migrationMail(env *environment) []byte {
	op, after := env.Op, env.Op.After
	to := "nobody@vap.test"
	if a := t.catalogue.account(env.Owner); a != nil {
		to = a.Email
	}
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\r\n", args...) }
	kind := "offline"
	if op.Live {
		kind = "live"
	}
	say("Environment %s was migrated from %s to %s (%s).", env.Name, env.Region, after.Region, kind)
	say("")
	say("Started:  %s", op.Start.Format(toTheMillisecond))
	say("Finished: %s", op.End.Format(toTheMillisecond))
	say("Duration: %s", formatDuration(op.End.Sub(op.Start)))
	say("")
	say("Containers:")
	durations := op.durations()
	for i := range env.Nodes {
		n := &env.Nodes[i]
		say("  node %d (%s): %s", n.ID, n.Layer, formatDuration(durations[n.ID]))
	}
	say("")
	say("Changed parameters:")
	for _, c := range changes(env, after) {
		say("  %s: %s -> %s", c.what, orNone(c.before), orNone(c.after))
	}

	var mail bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&mail, "%s: %s\r\n", name, value) }
	header("Date", op.End.Format(time.RFC1123Z))
	header("From", `"Local platform" <noreply@vap.test>`)
	header("To", to)
	header("Subject", mime.QEncoding.Encode("utf-8",
		fmt.Sprintf("Environment %s was migrated to %s", env.Name, after.Region)))
	header("Message-ID", fmt.Sprintf("<migration-%d.%s@vap.test>", op.ID, env.AppID))
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "8bit") // keeps the file readable
	mail.WriteString("\r\n")
	mail.WriteString(text.String())
	return mail.Bytes()
}

const toTheMillisecond = "2006-01-02T15:04:05.000Z07:00"

type change struct{ what, before, after string }

// changes lists the parameters that differ between two states of an environment.
func changes(before, after *environment) []change {
	var list []change
	compare := func(what, b, a string) {
		if b != a {
			list = append(list, change{what, b, a})
		}
	}
	compare("region", before.Region, after.Region)
	compare("domain", before.Domain, after.Domain)
	for i := range before.Nodes {
		b := &before.Nodes[i]
		a := after.node(b.ID)
		if a == nil {
			continue
		}
		of := fmt.Sprintf("node %d (%s) ", b.ID, b.Layer)
		compare(of+"internal address", b.IntIP, a.IntIP)
		compare(of+"public IPv4", strings.Join(b.IPv4, ", "), strings.Join(a.IPv4, ", "))
		compare(of+"public IPv6", strings.Join(b.IPv6, ", "), strings.Join(a.IPv6, ", "))
		compare(of+"URL", nodeURL("http", b, before.Domain), nodeURL("http", a, after.Domain))
	}
	return list
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// durations divides the time of the move among the containers.
func (o *operation) durations() map[int64]time.Duration {
	var sum time.Duration
	for _, c := range o.Containers {
		sum += c.Share
	}
	took := o.End.Sub(o.Start)
	durations := map[int64]time.Duration{}
	for _, c := range o.Containers {
		durations[c.NodeID] = time.Duration(float64(took) * float64(c.Share) / float64(sum))
	}
	return durations
}

func formatDuration(d time.Duration) string { return d.Round(time.Millisecond).String() }
