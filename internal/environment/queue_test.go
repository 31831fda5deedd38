package environment_test

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

// runInQueue calls test while a migration of half a minute occupies the only place. apply moves another environment
// of the same provider configuration, with the policy.
func runInQueue(t *testing.T, policy map[string]any,
	test func(t *testing.T, p *acctest.Platform, i *acctest.Instance,
		apply func(context.Context) []*tfprotov6.Diagnostic)) {
	t.Helper()
	acctest.InNoTime(t, time.Time{}, func(t *testing.T) {
		p := acctest.NewPlatform(t)
		provider := p.Provider()
		provider["max_concurrent_migrations"] = 1
		server := acctest.NewServer(t)
		if d := server.Configure(provider); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
		moving := create(t, p, shop(map[string]any{"name": "moving-prod"}))
		planned := plan(t, moving, shop(map[string]any{"name": "moving-prod"}, region(performance)))
		waiting := create(t, p, shop(policy))
		next := plan(t, waiting, shop(policy, region(performance)))
		inject(t, p, faults.Fault{Kind: faults.Prolong, Method: "migrate", Delay: faults.Duration(30 * time.Second)})
		over := make(chan string)
		go func() { over <- acctest.Text(moving.ApplyOn(t.Context(), server, planned)) }()
		for len(p.Requests(t, "migrate")) == 0 {
			<-time.After(time.Millisecond)
		}
		test(t, p, waiting, func(ctx context.Context) []*tfprotov6.Diagnostic { return waiting.ApplyOn(ctx, server, next) })
		if text := <-over; text != "" {
			t.Errorf("migration that held the queue: %s", text)
		}
	})
}

// The timeout of a migration starts when its turn comes.
func TestTimeoutExcludesQueue(t *testing.T) {
	t.Parallel()
	runInQueue(t, policy(map[string]any{"timeout": "10s"}), func(t *testing.T, _ *acctest.Platform, i *acctest.Instance,
		apply func(context.Context) []*tfprotov6.Diagnostic) {
		began := time.Now()
		if d := apply(t.Context()); len(d) > 0 {
			t.Fatal(acctest.Text(d))
		}
		if waited := time.Since(began); waited < 29*time.Second {
			t.Errorf("it waited only %s, so there was no queue", waited)
		}
		expectValues(t, i.State, map[string]any{"region": performance})
	})
}

func TestInterruptInTheQueue(t *testing.T) {
	t.Parallel()
	runInQueue(t, nil, func(t *testing.T, p *acctest.Platform, i *acctest.Instance,
		apply func(context.Context) []*tfprotov6.Diagnostic) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		d := apply(ctx)
		if took := time.Since(began); took < 5*time.Second || took >= 7*time.Second {
			t.Errorf("interrupted after 5s, the apply returned after %s", took)
		}
		expectOne(t, d, isError, "region")
		expectMigrations(t, p, performance+" live") // by the other one
		expectValues(t, i.State, map[string]any{"region": economy})
	})
}
