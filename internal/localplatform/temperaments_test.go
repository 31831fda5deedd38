package localplatform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// observer summarizes in one line what reads show of shop-1.
type observer struct {
	*client
	before object // the answer of getenvinfo at the start
}

// see returns what getenvinfo, getenvs, getcurrentactions and getuidactions show.
func (w *observer) see() string {
	w.t.Helper()
	return strings.Join([]string{w.info(), w.list(), w.current(), w.past()}, " | ")
}

func (w *observer) info() string {
	w.t.Helper()
	answer, err := w.post("environment.control.getenvinfo", "envName", "shop-1")
	if err != nil {
		w.t.Fatal(err)
	}
	if code := effective(answer); code != 0 {
		return fmt.Sprint("code ", code)
	}
	return w.describe(answer)
}

func (w *observer) list() string {
	w.t.Helper()
	infos, _ := w.ok("environment.control.getenvs")["infos"].([]any)
	for _, info := range infos {
		if env(info.(object))["envName"] == "shop-1" {
			return w.describe(info.(object))
		}
	}
	return "none"
}

// describe returns the status and the region, and everything that differs from before.
func (w *observer) describe(info object) string {
	w.t.Helper()
	text := fmt.Sprint(status(info), " ", env(info)["hardwareNodeGroup"])
	if w.before == nil {
		return text
	}
	for _, what := range []string{"domain", "appid", "createdOn"} {
		if env(info)[what] != env(w.before)[what] {
			text += " +" + what
		}
	}
	for _, what := range []string{"id", "intIP"} {
		for i, n := range nodes(info, "") {
			if n[what] != nodes(w.before, "")[i][what] {
				text += " +" + what
				break
			}
		}
	}
	return text
}

func (w *observer) current() string {
	w.t.Helper()
	if list := actions(w.ok("environment.tracking.getcurrentactions")); len(list) > 0 {
		return "runs"
	}
	return "-"
}

// past returns the result and the key of the latest action.
func (w *observer) past() string {
	w.t.Helper()
	list := actions(w.ok("environment.tracking.getuidactions"))
	if len(list) == 0 {
		return "-"
	}
	return fmt.Sprint(list[0]["result"], " ", list[0]["requestUniqueKey"])
}

type sight struct {
	after time.Duration // since the call
	want  string
}

func delayed(kind faults.Kind, method string, d time.Duration) faults.Fault {
	return faults.Fault{Kind: kind, Method: method, Delay: faults.Duration(d)}
}

func forever(f faults.Fault) faults.Fault {
	f.Times = -1
	return f
}

const (
	oldRest  = "1 north-economy"
	moving   = "10 north-economy"
	newRest  = "1 south-standard +domain +intIP"
	idle     = "- | -"
	working  = "runs | -"
	logged   = "- | 0 key-1"
	minute   = time.Minute
	oneMore  = minute + time.Second // just after the end of a one-minute operation
	longTime = 100 * time.Hour
)

// Each row is a one-minute migration to another data centre, which is answered at once, and what reads show at
// several instants. Each read opens the platform anew, so that nothing depends on memory.
func TestTemperamentsOfAMigration(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		faults []faults.Fault
		sights []sight
	}{
		"none": {nil, []sight{
			{0, moving + " | " + moving + " | " + working}, {oneMore, newRest + " | " + newRest + " | " + logged},
		}},
		"begins later": {[]faults.Fault{delayed(faults.Async, "migrate", 30*time.Second)}, []sight{
			{29 * time.Second, oldRest + " | " + oldRest + " | " + idle},
			{30 * time.Second, moving + " | " + moving + " | " + working},
			{minute + 29*time.Second, moving + " | " + moving + " | " + working},
			{oneMore + 30*time.Second, newRest + " | " + newRest + " | " + logged},
		}},
		"lag of everything": {[]faults.Fault{forever(delayed(faults.Lag, "*", 10*time.Second))}, []sight{
			{9 * time.Second, oldRest + " | " + oldRest + " | " + idle},
			{10 * time.Second, moving + " | " + moving + " | " + working},
			{oneMore + 8*time.Second, moving + " | " + moving + " | " + working},
			{oneMore + 10*time.Second, newRest + " | " + newRest + " | " + logged},
		}},
		"lag longer than the migration": {[]faults.Fault{forever(delayed(faults.Lag, "getenvinfo", 2*minute))}, []sight{
			{oneMore, oldRest + " | " + newRest + " | " + logged},
			{2*minute + 30*time.Second, moving + " | " + newRest + " | " + logged},
			{2*minute + oneMore, newRest + " | " + newRest + " | " + logged},
		}},
		"lag of getenvs": {[]faults.Fault{forever(delayed(faults.Lag, "getenvs", minute))}, []sight{
			{0, moving + " | " + oldRest + " | " + working}, {oneMore, newRest + " | " + moving + " | " + logged},
		}},
		"lag of getcurrentactions": {[]faults.Fault{forever(delayed(faults.Lag, "getcurrentactions", minute))}, []sight{
			{0, moving + " | " + moving + " | " + idle}, {oneMore, newRest + " | " + newRest + " | runs | 0 key-1"},
		}},
		"lag of getuidactions": {[]faults.Fault{forever(delayed(faults.Lag, "getuidactions", minute))}, []sight{
			{oneMore, newRest + " | " + newRest + " | - | -"}, {oneMore + minute, newRest + " | " + newRest + " | " + logged},
		}},
		"lag of this environment": {[]faults.Fault{forever(faults.Fault{Kind: faults.Lag, Environment: "shop-1",
			Delay: faults.Duration(minute)})}, []sight{
			{0, oldRest + " | " + oldRest + " | " + idle},
		}},
		"lag of another environment": {[]faults.Fault{
			forever(faults.Fault{Kind: faults.Lag, Environment: "shop-2", Delay: faults.Duration(minute)}),
		}, []sight{
			{0, moving + " | " + moving + " | " + working},
		}},
		"late status": {[]faults.Fault{delayed(faults.Late, "migrate", 30*time.Second)}, []sight{
			{0, oldRest + " | " + oldRest + " | " + working}, {30 * time.Second, moving + " | " + moving + " | " + working},
		}},
		"late in getcurrentactions": {[]faults.Fault{delayed(faults.LateAction, "migrate", 30*time.Second)}, []sight{
			{0, moving + " | " + moving + " | " + idle}, {30 * time.Second, moving + " | " + moving + " | " + working},
		}},
		"late in the list": {[]faults.Fault{delayed(faults.LateList, "migrate", 90*time.Second)}, []sight{
			{minute - time.Second, moving + " | " + oldRest + " | " + working},
			{oneMore, newRest + " | " + oldRest + " | " + logged},
			{90 * time.Second, newRest + " | " + moving + " | " + logged},
			{oneMore + 90*time.Second, newRest + " | " + newRest + " | " + logged},
		}},
		"late in the log": {[]faults.Fault{delayed(faults.LateLog, "migrate", 30*time.Second)}, []sight{
			{oneMore, newRest + " | " + newRest + " | " + idle},
			{oneMore + 30*time.Second, newRest + " | " + newRest + " | " + logged},
		}},
		"without key": {[]faults.Fault{{Kind: faults.LoseKey, Method: "migrate"}}, []sight{
			{oneMore, newRest + " | " + newRest + " | - | 0 <nil>"},
		}},
		"late region": {[]faults.Fault{delayed(faults.LateRegion, "migrate", 30*time.Second)}, []sight{
			{0, moving + " | " + moving + " | " + working}, {oneMore, oldRest + " | " + oldRest + " | " + logged},
			{oneMore + 30*time.Second, newRest + " | " + newRest + " | " + logged},
		}},
		"late region for good": {[]faults.Fault{delayed(faults.LateRegion, "migrate", 1_000_000*time.Hour)}, []sight{
			{longTime, oldRest + " | " + oldRest + " | " + logged},
		}},
		"no region": {[]faults.Fault{{Kind: faults.LateRegion, Method: "migrate"}}, []sight{
			{0, moving + " | " + moving + " | " + working}, {longTime, oldRest + " | " + oldRest + " | " + logged},
		}},
		"late addresses": {[]faults.Fault{delayed(faults.LateAddresses, "migrate", 30*time.Second)}, []sight{
			{0, moving + " | " + moving + " | " + working}, {oneMore, "1 south-standard | 1 south-standard | " + logged},
			{oneMore + 30*time.Second, newRest + " | " + newRest + " | " + logged},
		}},
		"late addresses of new nodes": {[]faults.Fault{delayed(faults.LateAddresses, "migrate", 30*time.Second),
			{Kind: faults.NewNodeIDs, Method: "migrate"}}, []sight{
			{oneMore, "1 south-standard +id | 1 south-standard +id | " + logged},
		}},
		"unknown status while migrating": {[]faults.Fault{{Kind: faults.UnknownStatus, Method: "migrate", Code: 99}}, []sight{
			{0, "99 north-economy | 99 north-economy | " + working}, {oneMore, newRest + " | " + newRest + " | " + logged},
		}},
		"unknown status afterwards": {[]faults.Fault{{
			Kind: faults.UnknownStatus, Method: "migrate", Code: 99, When: faults.WhenAfter,
			Delay: faults.Duration(30 * time.Second),
		}}, []sight{
			{0, moving + " | " + moving + " | " + working},
			{oneMore, strings.Replace(newRest+" | "+newRest, "1 ", "99 ", 2) + " | " + logged},
			{oneMore + 30*time.Second, newRest + " | " + newRest + " | " + logged},
		}},
		"new appid": {[]faults.Fault{{Kind: faults.NewAppID, Method: "migrate"}}, []sight{
			{0, moving + " | " + moving + " | " + working},
			{oneMore, strings.Repeat("1 south-standard +domain +appid +createdOn +intIP | ", 2) + logged},
		}},
		"new node ids": {[]faults.Fault{{Kind: faults.NewNodeIDs, Method: "migrate"}}, []sight{
			{0, moving + " | " + moving + " | " + working},
			{oneMore, strings.Repeat("1 south-standard +domain +id +intIP | ", 2) + logged},
		}},
		"not found while migrating": {[]faults.Fault{{Kind: faults.NotFound, Method: "migrate"}}, []sight{
			{0, "code 11 | " + moving + " | " + working}, {oneMore, newRest + " | " + newRest + " | " + logged},
		}},
		"unlisted while migrating and afterwards": {[]faults.Fault{delayed(faults.Unlisted, "migrate", 30*time.Second)},
			[]sight{
				{0, moving + " | none | " + working}, {oneMore, newRest + " | none | " + logged},
				{oneMore + 30*time.Second, newRest + " | " + newRest + " | " + logged},
			}},
		"fails after answering 0": {[]faults.Fault{{Kind: faults.Phantom, Method: "migrate", Code: 4711}}, []sight{
			{0, moving + " | " + moving + " | " + working}, {oneMore, oldRest + " | " + oldRest + " | - | 4711 key-1"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			p, c := open(t, Options{Now: clock.Now})
			p.seed(t, "shop-1", "shop-2")
			w := &observer{client: c, before: c.info("shop-1")}
			clock.advance(time.Hour)
			inject(t, p, delayed(faults.Prolong, "migrate", minute), faults.Fault{Kind: faults.Async, Method: "migrate"})
			inject(t, p, row.faults...)
			c.ok("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "south-standard", "isOnline", "false",
				"ruk", "key-1")
			c.code(2212, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "south-standard", "isOnline",
				"false")
			start := clock.Now()
			for _, s := range row.sights {
				clock.advance(start.Add(s.after).Sub(clock.Now()))
				_, w.client = open(t, Options{Directory: p.directory, Now: clock.Now})
				if got := w.see(); got != s.want {
					t.Errorf("%s after the call:\n got %s\nwant %s", s.after, got, s.want)
				}
			}
		})
	}
}

// Each row is the creation and later the deletion of an environment, one minute each.
func TestTemperamentsOfCreationAndDeletion(t *testing.T) {
	t.Parallel()
	const creating, there, gone = "6 north-economy", "1 north-economy", "code 11"
	const begun, afterwards = 1 * time.Second, oneMore
	for name, row := range map[string]struct {
		faults           []faults.Fault
		created, deleted []sight // only of getenvinfo and getenvs
	}{
		"none": {nil, []sight{{begun, creating + " | " + creating}, {afterwards, there + " | " + there}}, []sight{
			{begun, "13 north-economy | 13 north-economy"}, {afterwards, gone + " | none"},
		}},
		"lag": {
			[]faults.Fault{forever(delayed(faults.Lag, "*", 10*time.Second))},
			[]sight{{9 * time.Second, gone + " | none"}, {10 * time.Second, creating + " | " + creating},
				{oneMore + 10*time.Second, there + " | " + there}},
			[]sight{{9 * time.Second, there + " | " + there}, {oneMore + 8*time.Second, "13 north-economy | 13 north-economy"},
				{oneMore + 10*time.Second, gone + " | none"}},
		},
		"begins later": {
			[]faults.Fault{delayed(faults.Async, "createenvironment", 30*time.Second),
				delayed(faults.Async, "deleteenv", 30*time.Second)},
			[]sight{{29 * time.Second, gone + " | none"}, {30 * time.Second, creating + " | " + creating},
				{oneMore + 30*time.Second, there + " | " + there}},
			[]sight{{29 * time.Second, there + " | " + there}, {30 * time.Second, "13 north-economy | 13 north-economy"},
				{oneMore + 30*time.Second, gone + " | none"}},
		},
		"created late": {
			[]faults.Fault{delayed(faults.NotFound, "createenvironment", 30*time.Second),
				delayed(faults.Unlisted, "createenvironment", minute)},
			[]sight{{afterwards, gone + " | none"}, {oneMore + 30*time.Second, there + " | none"},
				{oneMore + minute, there + " | " + there}}, nil,
		},
		"late in the list": {
			[]faults.Fault{delayed(faults.LateList, "createenvironment", 30*time.Second),
				delayed(faults.LateList, "deleteenv", 30*time.Second)},
			[]sight{{29 * time.Second, creating + " | none"}, {30 * time.Second, creating + " | " + creating},
				{afterwards, there + " | " + creating}, {oneMore + 30*time.Second, there + " | " + there}},
			[]sight{{29 * time.Second, "13 north-economy | " + there}, {afterwards, gone + " | 13 north-economy"},
				{oneMore + 30*time.Second, gone + " | none"}},
		},
		"never": {
			[]faults.Fault{{Kind: faults.Phantom, Method: "createenvironment"}},
			[]sight{{begun, gone + " | none"}, {afterwards, gone + " | none"}}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			p, c := open(t, Options{Now: clock.Now})
			for _, method := range []string{"createenvironment", "deleteenv"} {
				inject(t, p, delayed(faults.Prolong, method, minute), faults.Fault{Kind: faults.Async, Method: method})
			}
			inject(t, p, row.faults...)
			look := func(sights []sight) {
				t.Helper()
				start := clock.Now()
				for _, s := range sights {
					clock.advance(start.Add(s.after).Sub(clock.Now()))
					_, other := open(t, Options{Directory: p.directory, Now: clock.Now})
					w := &observer{client: other}
					if got := w.info() + " | " + w.list(); got != s.want {
						t.Errorf("%s after the call:\n got %s\nwant %s", s.after, got, s.want)
					}
				}
			}
			created := c.create("shop-1", "north-economy")["response"].(object)
			if created["name"] != "shop-1" || len(nodes(created, "")) != 3 {
				t.Errorf("the answer is %v", created)
			}
			appID := created["appid"].(string)
			look(row.created)
			if row.deleted == nil {
				return
			}
			clock.advance(longTime)
			c.ok("environment.control.getenvinfo", "envName", appID)
			c.ok("environment.control.deleteenv", "envName", "shop-1")
			look(row.deleted)
			clock.advance(longTime)
			c.code(11, "environment.control.getenvinfo", "envName", appID)
		})
	}
}
