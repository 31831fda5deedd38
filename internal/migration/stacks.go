package migration

import (
	"context"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
)

// Stacks returns the software stacks that the platform offers, at most ten minutes old: a run reads them once, however
// many environments have new node groups. Callers must not change the list.
func (s *Service) Stacks(ctx context.Context) ([]platform.Stack, error) {
	return s.stacks.get(ctx, shareable(), s.client.Stacks).wait(ctx)
}
