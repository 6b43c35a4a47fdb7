package jobs

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// What a tenant may have its files kept for.
const (
	MinRetention = time.Hour
	MaxRetention = 90 * 24 * time.Hour
)

// retention is how long the files of a job are kept that ends now: the tenant's time, or the default where it has none.
// A tenant whose time cannot be read has the default too, since its file is there and proven, and must not wait.
func (s *Service) retention(ctx context.Context, job *export.Job) time.Duration {
	if s.lasting == nil {
		return s.set.Retention
	}
	ctx, cancel := context.WithTimeout(ctx, s.set.StoreTimeout)
	defer cancel()
	d, err := s.lasting(ctx, job.Tenant)
	if err != nil {
		s.log.WarnContext(ctx, "cannot read how long the tenant's files are kept; taking the default",
			"job", job.ID, "tenant", job.Tenant, "retention", s.set.Retention, "error", err)
	}
	if err != nil || d <= 0 {
		return s.set.Retention
	}
	return d
}
