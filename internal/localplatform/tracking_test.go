package localplatform

import (
	"fmt"
	"testing"
	"time"
)

func actions(answer object) []object {
	var list []object
	for _, a := range answer["array"].([]any) {
		list = append(list, a.(object))
	}
	return list
}

func TestActionLog(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	if now := c.ok("environment.tracking.getserverutctime")["object"]; now != "2026-03-01 09:30:00" {
		t.Errorf("server time %v", now)
	}
	c.ok("environment.control.setenvdisplayname", "envName", "shop-1", "displayName", "x")
	clock.advance(10 * time.Second)
	answers := c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"north-standard", "isOnline", "true", "ruk", "key-1")

	current := actions(c.ok("environment.tracking.getcurrentactions"))
	if len(current) != 1 || current[0]["action"].(object)["id"] != 83.0 {
		t.Fatalf("current: %v", current)
	}
	expectFields(t, "current", current[0], object{"result": nil, "endDate": nil, "requestUniqueKey": "key-1"})
	expectFields(t, "its text", current[0]["text"].(object), object{"env": "shop-1", "hngroupname": "north-standard"})
	if past := actions(c.ok("environment.tracking.getuidactions")); len(past) != 1 {
		t.Errorf("a running action is in the history: %v", past)
	}
	clock.advance(time.Hour)
	<-answers
	if current := actions(c.ok("environment.tracking.getcurrentactions")); len(current) != 0 {
		t.Errorf("current: %v", current)
	}
	past := actions(c.ok("environment.tracking.getuidactions", "starttime", "2026-03-01 09:30:10"))
	if len(past) != 1 {
		t.Fatalf("past: %v", past)
	}
	expectFields(t, "past", past[0], object{"result": 0.0, "startDate": "2026-03-01 09:30:10",
		"endDate": "2026-03-01 09:31:05", "requestUniqueKey": "key-1"})
	if all := actions(c.ok("environment.tracking.getuidactions")); len(all) != 2 ||
		all[0]["action"].(object)["id"] != 83.0 || all[1]["action"].(object)["id"] != 26.0 {
		t.Errorf("all: %v", all)
	}
	if none := actions(c.ok("environment.tracking.getuidactions", "endtime", "2026-03-01 09:29:59")); len(none) != 0 {
		t.Errorf("before everything: %v", none)
	}
	if one := actions(c.ok("environment.tracking.getuidactions", "count", "1")); len(one) != 1 {
		t.Errorf("one: %v", one)
	}
	c.code(3, "environment.tracking.getuidactions", "starttime", "yesterday")

	id := fmt.Sprintf("%.0f", past[0]["id"])
	if one := c.ok("environment.tracking.getaction", "id", id)["object"].(object); one["requestUniqueKey"] != "key-1" {
		t.Errorf("getaction: %v", one)
	}
	c.code(5, "environment.tracking.getaction", "id", "4711")
	for search, want := range map[string]int{
		`{}`: 2, `{"resultCount":1}`: 1, `{"startRow":1}`: 1, `{"onlyErrors":true}`: 0, `{"resultCode":0}`: 2,
		`{"value":"north-standard"}`: 1, `{"appids":["appshop-1"]}`: 2, `{"appids":["other"]}`: 0, `{"id":` + id + `}`: 1,
		`{"startDate":"2026-03-01 09:30:05"}`: 1, `{"uid":4711}`: 0, `{"serviceName":"environment.control",` +
			`"onlyCompleted":true}`: 2,
	} {
		if found := actions(c.ok("environment.tracking.searchactions", "search", search)); len(found) != want {
			t.Errorf("%s finds %d", search, len(found))
		}
	}
	up := actions(c.ok("environment.tracking.searchactions", "search", `{"orderDirection":"ASC"}`))
	if up[0]["action"].(object)["id"] != 26.0 {
		t.Errorf("ascending: %v", up)
	}
}

func TestCollaborator(t *testing.T) {
	t.Parallel()
	p, owner := open(t, Options{})
	p.seed(t, "shop-1", "shop-2")
	member := owner.as(CollaboratorToken)
	infos := func(parameters ...string) int {
		return len(member.ok("environment.control.getenvs", parameters...)["infos"].([]any))
	}
	if infos() != 2 || infos("ownerUid", "1001") != 2 {
		t.Error("shared environments are not listed")
	}
	if right := member.info("shop-1")["right"]; right == "OWNER" || right == nil {
		t.Errorf("right %v", right)
	}
	member.ok("environment.control.stopenv", "envName", "shop-1")
	member.code(8, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "north-standard", "isOnline",
		"false")
	member.code(8, "environment.control.deleteenv", "envName", "shop-1")
	member.code(8, "environment.control.createenvironment", "ownerUid", "1001", "env", `{"shortdomain":"shop-3"}`, "nodes",
		twoLayers)
	member.code(8, "environment.group.creategroup", "ownerUid", "1001", "envGroup", "x")
	owner.code(8, "environment.control.getenvs", "ownerUid", "1002")
	owner.code(3, "environment.control.getenvs", "ownerUid", "me")
	owner.code(8, "environment.control.getenvs", "ownerUid", "4711")

	owner.ok("environment.control.startenv", "envName", "shop-1")
	if seen := actions(member.ok("environment.tracking.getuidactions")); len(seen) != 1 || seen[0]["uid"] != 1002.0 {
		t.Errorf("the collaborator sees %v", seen)
	}
	if seen := actions(owner.ok("environment.tracking.getuidactions")); len(seen) != 2 {
		t.Errorf("the owner sees %v", seen)
	}

	if err := p.SetCollaborators(1001,
		Collaborator{UID: 1002, Role: RoleAdmin, Environments: []string{"shop-2"}}); err != nil {
		t.Fatal(err)
	}
	if infos() != 1 {
		t.Error("more than the shared environment is listed")
	}
	member.code(8, "environment.control.getenvinfo", "envName", "shop-1")
	member.ok("environment.control.migrate", "envName", "shop-2", "hardwareNodeGroup", "north-standard", "isOnline",
		"false")
	created := member.ok("environment.control.createenvironment", "ownerUid", "1001", "env", `{"shortdomain":"shop-3"}`,
		"nodes", twoLayers)
	if e := env(created["response"].(object)); e["uid"] != 1001.0 || e["creatorUid"] != 1002.0 {
		t.Errorf("created for the owner: %v", e)
	}
	if err := p.SetCollaborators(1001, Collaborator{UID: 1002, Role: RoleViewer}); err != nil {
		t.Fatal(err)
	}
	member.info("shop-1")
	member.ok("environment.control.checkmigrationpossibility", "envName", "shop-1", "hardwareNodeGroup", "north-standard")
	member.code(8, "environment.control.stopenv", "envName", "shop-1")
	if err := p.SetCollaborators(1001); err != nil {
		t.Fatal(err)
	}
	if infos() != 0 {
		t.Error("nothing is shared but something is listed")
	}
	member.code(8, "environment.control.getenvs", "ownerUid", "1001")
}
