package platform

import (
	"context"
	"strconv"
)

// CheckMigration asks whether the platform would move an environment to a region; nil means that it would. It cannot
// be asked about live moves. A refusal is an *Error with the platform's words.
func (c *Client) CheckMigration(ctx context.Context, name, region string) error {
	return c.call(ctx, read("environment/control/checkmigrationpossibility", name, "hardwareNodeGroup", region), nil)
}

// Migrate moves an environment. The call stays open until the migration has ended, so the context must allow
// for that. Gateways may cut it: an error of ClassOutcomeUnknown means that the migration may be running,
// may have ended or may never have started.
func (c *Client) Migrate(ctx context.Context, m MigrateRequest) error {
	r := write("environment/control/migrate", m.Environment,
		"hardwareNodeGroup", m.Region, "isOnline", strconv.FormatBool(m.Live))
	return c.call(ctx, marked(r, m.RequestKey), nil)
}
