package auth

import (
	"context"
	"sync"
	"time"
)

// cleanupInterval is the interval at which expired sessions are deleted. They are rejected as soon
// as they expire; deletion only frees space.
const cleanupInterval = time.Hour

// Run deletes expired sessions and challenges, at once and then every hour, and sessions whose
// deletion is pending. It blocks until ctx is done.
func (s *Service) Run(ctx context.Context) {
	var pending sync.WaitGroup
	pending.Go(func() { s.deletePendingSessions(ctx) })
	defer pending.Wait()
	ticker := time.NewTicker(cleanupInterval)
	defer ticker.Stop()
	for {
		if _, err := s.store.DeleteSessions(ctx, s.now()); err != nil && ctx.Err() == nil {
			s.logger.WarnContext(ctx, "cannot delete expired sessions; retrying in an hour", "error", err)
		}
		if s.factors != nil {
			if err := s.factors.deleteExpired(ctx); err != nil && ctx.Err() == nil {
				s.logger.WarnContext(ctx, "cannot delete expired challenges; retrying in an hour", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
