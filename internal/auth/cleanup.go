package auth

import (
	"context"
	"sync"
	"time"
)

// cleanupInterval is the interval at which expired sessions, challenges and claims are deleted. They
// are invalid as soon as they expire; deletion only frees space. A busy key pair leaves a thousand
// claims in a minute, so a longer interval would make one deletion delay other writes.
const cleanupInterval = time.Minute

// Run deletes expired sessions, challenges and claims, at once and then every minute, and sessions whose
// deletion is pending. It blocks until ctx is done.
func (s *Service) Run(ctx context.Context) {
	var pending sync.WaitGroup
	pending.Go(func() { s.deletePendingSessions(ctx) })
	defer pending.Wait()
	ticker := time.NewTicker(cleanupInterval)
	defer ticker.Stop()
	for {
		if _, err := s.store.DeleteSessions(ctx, s.now()); err != nil && ctx.Err() == nil {
			s.logger.WarnContext(ctx, "cannot delete expired sessions; retrying in a minute", "error", err)
		}
		if s.factors != nil {
			if err := s.factors.deleteExpired(ctx); err != nil && ctx.Err() == nil {
				s.logger.WarnContext(ctx, "cannot delete expired challenges and claims; retrying in a minute", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
