package jobs

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// The limits of a tenant's retention.
const (
	MinRetention = time.Hour
	MaxRetention = 90 * 24 * time.Hour
)

// retention returns how long the files of a job that ends now are kept: the tenant's setting, or
// the default. If the setting cannot be read, the default applies: the file is verified and must
// not wait.
func (e *ender) retention(ctx context.Context, job *export.Job) time.Duration {
	if e.tenantRetention == nil {
		return e.set.Retention
	}
	ctx, cancel := context.WithTimeout(ctx, e.set.StoreTimeout)
	defer cancel()
	d, err := e.tenantRetention(ctx, job.Tenant)
	if err != nil {
		e.log.WarnContext(ctx, "cannot read how long the tenant's files are kept; taking the default",
			"job", job.ID, "tenant", job.Tenant, "retention", e.set.Retention, "error", err)
	}
	if err != nil || d <= 0 {
		return e.set.Retention
	}
	return d
}
