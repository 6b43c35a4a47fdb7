package jobs_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// kept is what tenants have their files kept for; the tenant "down" cannot be read.
type kept struct {
	mu sync.Mutex
	by map[string]time.Duration
}

func (k *kept) set(tenant string, d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.by[tenant] = d
}

func (k *kept) retention(_ context.Context, tenant string) (time.Duration, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if tenant == "down" {
		return 0, errors.New("server selection timeout")
	}
	return k.by[tenant], nil
}

// Files are kept as long as the tenant's setting at the end of the job says, and are deleted then.
func TestRetentionOfATenant(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	times := &kept{by: map[string]time.Duration{"short": time.Hour}}
	s := w.service(t, succeed, func(o *jobs.Options) {
		o.Retention, o.Settings.Retention = times.retention, 48*time.Hour
	})
	w.start(t, s, 1)
	done := func(tenant, requester string) *export.Job {
		r := request(requester)
		r.Tenant = tenant
		return w.await(t, w.create(t, s, r).ID, "the job is completed", is(export.Completed))
	}
	for tenant, want := range map[string]time.Duration{"short": time.Hour, "silent": 48 * time.Hour, "down": 48 * time.Hour} {
		if job := done(tenant, "admin:a"); job.ExpiresAt == nil || job.ExpiresAt.Sub(*job.CompletedAt) != want {
			t.Errorf("%s: completed %v, expires %v", tenant, job.CompletedAt, job.ExpiresAt)
		}
	}
	early := done("short", "admin:b")
	times.set("short", 3*time.Hour)
	late := done("short", "admin:b")
	if late.ExpiresAt.Sub(*late.CompletedAt) != 3*time.Hour {
		t.Errorf("completed %v, expires %v", late.CompletedAt, late.ExpiresAt)
	}
	if now := w.job(t, early.ID); !now.ExpiresAt.Equal(*early.ExpiresAt) {
		t.Errorf("a file that there was expires %v, and not %v", now.ExpiresAt, early.ExpiresAt)
	}

	expired := func(job *export.Job) bool { return job.Status == export.Expired && !job.Dirty }
	w.clock.advance(2 * time.Hour)
	w.await(t, early.ID, "the earlier job is expired", expired)
	if !w.storage.hasDeleted(fileKey(early)) || !w.storage.hasDeleted(pipeline.ManifestKey(fileKey(early))) {
		t.Errorf("the file of an expired job is still there: deleted %q", w.storage.allDeleted())
	}
	if job := w.job(t, late.ID); job.Status != export.Completed || w.storage.hasDeleted(fileKey(late)) {
		t.Errorf("the later job is %s; deleted %q", job.Status, w.storage.allDeleted())
	}
	w.clock.advance(2 * time.Hour)
	w.await(t, late.ID, "the later job is expired", expired)
	if !w.storage.hasDeleted(fileKey(late)) {
		t.Errorf("the file of an expired job is still there: deleted %q", w.storage.allDeleted())
	}
}

// A setting that changes while an export runs applies to that export, because it is read at the
// end.
func TestRetentionIsReadAtTheEnd(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	times := &kept{by: map[string]time.Duration{"daily": time.Hour}}
	running, goOn := make(chan struct{}), make(chan struct{})
	s := w.service(t, func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		close(running)
		select {
		case <-goOn:
		case <-ctx.Done():
			return pipeline.Result{}, ctx.Err()
		}
		return succeed(ctx, job, obs)
	}, func(o *jobs.Options) { o.Retention = times.retention })
	w.start(t, s, 1)
	job := w.create(t, s, request("admin:a"))
	receive(t, running, "the export runs")
	times.set("daily", 5*time.Hour)
	close(goOn)
	done := w.await(t, job.ID, "the job is completed", is(export.Completed))
	if done.ExpiresAt.Sub(*done.CompletedAt) != 5*time.Hour {
		t.Errorf("completed %v, expires %v", done.CompletedAt, done.ExpiresAt)
	}
}
