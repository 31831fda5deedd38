package platform

import (
	"context"
	"errors"
	"time"
)

var errTodo = errors.New("under construction")

func New(Config) (*Client, error)                               { return nil, errTodo }
func (c *Client) CurrentUser(ctx context.Context) (User, error) { return User{}, errTodo }
func (c *Client) Regions(ctx context.Context) ([]Region, error) { return nil, errTodo }
func (c *Client) Environment(ctx context.Context, name string) (Environment, error) {
	return Environment{}, errTodo
}
func (c *Client) Environments(ctx context.Context) ([]Environment, error) { return nil, errTodo }
func (c *Client) CreateEnvironment(ctx context.Context, spec EnvironmentSpec) (Environment, error) {
	return Environment{}, errTodo
}
func (c *Client) ChangeTopology(ctx context.Context, name string, spec EnvironmentSpec) error {
	return errTodo
}
func (c *Client) DeleteEnvironment(ctx context.Context, name string) error           { return errTodo }
func (c *Client) StartEnvironment(ctx context.Context, name string) error            { return errTodo }
func (c *Client) StopEnvironment(ctx context.Context, name string) error             { return errTodo }
func (c *Client) SetDisplayName(ctx context.Context, name, displayName string) error { return errTodo }
func (c *Client) SetGroups(ctx context.Context, name string, groups []string) error  { return errTodo }
func (c *Client) CheckMigration(ctx context.Context, name, region string) error      { return errTodo }
func (c *Client) Migrate(ctx context.Context, request MigrateRequest) error          { return errTodo }
func (c *Client) CurrentActions(ctx context.Context) ([]Action, error)               { return nil, errTodo }
func (c *Client) PastActions(ctx context.Context, since time.Time, count int) ([]Action, error) {
	return nil, errTodo
}
func (c *Client) ServerTime(ctx context.Context) (time.Time, error) { return time.Time{}, errTodo }
func (c *Client) Prices(ctx context.Context) (PriceList, error)     { return PriceList{}, errTodo }
