package migration

import (
	"context"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Stacks are the software stacks that the platform offers, at most ten minutes old: however many environments of a run
// have new layers, the platform is asked once. Nobody may change the list.
func (s *Service) Stacks(ctx context.Context) ([]platform.Stack, error) {
	return s.stacks.get(ctx, shareable(), s.client.Stacks).wait(ctx)
}
