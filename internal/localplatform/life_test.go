package localplatform

import "testing"

func TestLife(t *testing.T) {
	t.Parallel()
	_, c := open(t, Options{})
	c.ok("users.account.getuserinfo")
	c.create("shop-1", "north-economy")
	c.ok("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "north-standard", "isOnline", "true")
	c.ok("environment.control.checkmigrationpossibility", "envName", "shop-1", "hardwareNodeGroup", "south-standard")
	c.ok("environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup", "south-standard", "isOnline", "false")
	t.Log(marshal(c.info("shop-1")))
	c.ok("environment.control.getenvs")
	c.ok("environment.control.deleteenv", "envName", "shop-1")
	c.code(11, "environment.control.getenvinfo", "envName", "shop-1")
}
