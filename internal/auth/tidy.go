package auth

import (
	"context"
	"time"
)

// tidyEvery is how often sessions that have ended are deleted. They are refused from the moment they end: this only
// gives back their room.
const tidyEvery = time.Hour

// Run deletes sessions that have ended, at once and then every hour, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for {
		if _, err := s.store.DeleteSessions(ctx, s.now()); err != nil && ctx.Err() == nil {
			s.logger.WarnContext(ctx, "ended sessions are not deleted yet", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
