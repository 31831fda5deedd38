package migration

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

// A waiting migration is told how many are ahead of it.
func TestEnqueueReportsPosition(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewService(nil, Settings{MaxConcurrent: 2})
		var told []int
		leaves := make(chan func(error), 4)
		enqueue := func(ctx context.Context) {
			leave, err := s.Enqueue(ctx, "shop", func(before int) { told = append(told, before) })
			if err == nil {
				leaves <- leave
			}
		}
		for range 4 {
			go enqueue(t.Context())
			synctest.Wait()
		}
		if !slices.Equal(told, []int{0, 0, 2, 3}) {
			t.Errorf("positions %v", told)
		}
		// A migration that stops waiting no longer counts as ahead of others.
		ctx, cancel := context.WithCancel(t.Context())
		go enqueue(ctx)
		synctest.Wait()
		cancel()
		synctest.Wait()
		for range 4 {
			(<-leaves)(nil)
		}
		told = nil
		enqueue(t.Context())
		if !slices.Equal(told, []int{0}) {
			t.Errorf("positions in an empty queue %v", told)
		}
	})
}

// A migration that is refused its turn leaves the queue, too.
func TestRefusedMigrationLeavesQueue(t *testing.T) {
	t.Parallel()
	s := NewService(nil, Settings{MaxConcurrent: 1, StopAfterFailed: 1})
	leave, err := s.Enqueue(t.Context(), "shop", nil)
	if err != nil {
		t.Fatal(err)
	}
	leave(errors.New("it failed"))
	for range 3 {
		before := -1
		var stopped *StoppedError
		if _, err := s.Enqueue(t.Context(), "shop", func(n int) { before = n }); !errors.As(err, &stopped) || before != 0 {
			t.Errorf("%d before it, %v", before, err)
		}
	}
}
