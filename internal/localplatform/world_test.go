package localplatform

import (
	"strings"
	"testing"
)

func TestExternalMove(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	if err := p.MoveOutside("shop-1", "south-standard"); err != nil {
		t.Fatal(err)
	}
	info := c.info("shop-1")
	if env(info)["hardwareNodeGroup"] != "south-standard" || env(info)["domain"] != "shop-1.south.vap.test" ||
		!strings.HasPrefix(nodes(info, "cp")[0]["intIP"].(string), "10.20.") {
		t.Errorf("after: %v", info)
	}
	action := c.ok("environment.tracking.getuidactions")["array"].([]any)[0].(object)
	if action["action"].(object)["id"] != 83.0 || action["text"].(object)["hngroupname"] != "south-standard" {
		t.Errorf("action: %v", action)
	}
	if p.MoveOutside("shop-1", "nowhere") == nil || p.MoveOutside("unknown", "south-standard") == nil ||
		p.SetStatus("shop-1", 10) == nil {
		t.Error("invalid input was accepted")
	}
}

func TestExternalChangeEndsOperation(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	answers := c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"north-standard", "isOnline", "false")
	if err := p.SetStatus("shop-1", 11); err != nil {
		t.Fatal(err)
	}
	if answer := <-answers; effective(answer) != 1 {
		t.Errorf("migrate: %v", answer)
	}
	info := c.info("shop-1")
	if status(info) != 11 || env(info)["isBroken"] != true || env(info)["hardwareNodeGroup"] != "north-economy" {
		t.Errorf("after: %v", env(info))
	}
	if n := len(outbox(t, p)); n != 0 {
		t.Errorf("%d mails about a migration that did not happen", n)
	}
}

func TestExternalDeletion(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p, c := open(t, Options{Now: clock.Now, TimeScale: 1})
	p.seed(t, "shop-1")
	answers := c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"south-standard", "isOnline", "false")
	if err := p.DeleteOutside("shop-1"); err != nil {
		t.Fatal(err)
	}
	if answer := <-answers; effective(answer) != 1 {
		t.Errorf("migrate: %v", answer)
	}
	c.code(11, "environment.control.getenvinfo", "envName", "shop-1")
	if current := actions(c.ok("environment.tracking.getcurrentactions")); len(current) != 0 {
		t.Errorf("current: %v", current)
	}
	if past := actions(c.ok("environment.tracking.getuidactions")); len(past) != 2 ||
		past[0]["action"].(object)["id"] != 3.0 || past[1]["result"] != 1.0 {
		t.Errorf("past: %v", past)
	}
	if p.DeleteOutside("shop-1") == nil {
		t.Error("it was deleted twice")
	}
}
