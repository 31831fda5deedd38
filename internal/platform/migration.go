package platform

import (
	"context"
	"strconv"
)

// CheckMigration asks whether the platform would move an environment to a region; nil means yes. It cannot check a live
// move. A refusal is an *Error with the platform's words.
func (c *Client) CheckMigration(ctx context.Context, name, region string) error {
	return c.call(ctx, read("environment/control/checkmigrationpossibility", name, "hardwareNodeGroup", region), nil)
}

// Migrate moves an environment. The call stays open until the migration has ended, so the context must allow for that.
// A gateway may cut the call: after an error of ClassOutcomeUnknown the migration may be running, may have ended or may
// never have started.
func (c *Client) Migrate(ctx context.Context, m MigrateRequest) error {
	r := write("environment/control/migrate", m.Environment,
		"hardwareNodeGroup", m.Region, "isOnline", strconv.FormatBool(m.Live))
	return c.call(ctx, marked(r, m.RequestKey), nil)
}
