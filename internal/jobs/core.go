package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// core holds what every component of a Service uses.
type core struct {
	store   Store
	lock    Lock
	queue   Queue
	updates *publisher
	storage Storage
	reach   export.Reach
	log     *slog.Logger
	now     func() time.Time
	set     Settings
}

func newCore(o Options) *core {
	c := &core{
		lock: o.Lock, queue: o.Queue, storage: o.Storage, reach: o.Reach, log: o.Logger, now: o.Now, set: o.Settings.withDefaults(),
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.log = c.log.With("component", "jobs")
	if c.now == nil {
		c.now = time.Now
	}
	c.store = timeoutStore{o.Store, c.set.StoreTimeout}
	c.updates = newPublisher(o.Bus, c.log, c.set.HeartbeatEvery)
	return c
}

// time returns the current time with the precision of the store.
func (c *core) time() time.Time { return export.NewTime(c.now()).Time }

// tenantJob returns a job of a tenant, or CodeNotFound.
func (c *core) tenantJob(ctx context.Context, tenant, id string) (*export.Job, error) {
	job, err := c.store.Job(ctx, id)
	if err != nil && !errors.Is(err, ErrNoJob) {
		return nil, unavailable(err, "read the job")
	}
	if err != nil || job.Tenant != tenant {
		return nil, errs.Errorf(errs.CodeNotFound, "This export job does not exist.")
	}
	return job, nil
}

// eachLive calls f with every live job, oldest first, and stops at the first error.
func (c *core) eachLive(ctx context.Context, f func(*export.Job) error) error {
	const page = 200
	after := ""
	for {
		jobs, err := c.store.Live(ctx, after, page)
		if err != nil {
			return err
		}
		for _, job := range jobs {
			if err := f(job); err != nil {
				return err
			}
		}
		if len(jobs) < page {
			return nil
		}
		after = jobs[len(jobs)-1].ID
	}
}

// stale reports whether a running job's heartbeat is too old, or its worker handed it back.
func (c *core) stale(job *export.Job) bool { return c.heartbeatStale(job.Status, job.Heartbeat) }

func (c *core) heartbeatStale(status export.Status, heartbeat time.Time) bool {
	return status.Running() && c.now().Sub(heartbeat) > c.set.StaleAfter
}

// awaitStream returns the Delivery of a sync job that waits for the stream of a file.
func (c *core) awaitStream(kind export.FileKind) *export.Delivery {
	return &export.Delivery{Kind: kind, Until: c.time().Add(c.set.StreamTimeout)}
}

// setLock sets the lock for the live job that holds the slot.
func (c *core) setLock(ctx context.Context, job *export.Job) {
	if err := c.restoreLock(ctx, job); err != nil {
		c.log.DebugContext(ctx, "cannot set the lock", "job", job.ID, "error", err)
	}
}

// restoreLock sets the lock for a job that was live when it was read. If the job has ended since, and
// freed the lock before it was set, restoreLock frees it again.
func (c *core) restoreLock(ctx context.Context, job *export.Job) error {
	if err := c.lock.Set(ctx, SlotOf(job), job.ID); err != nil {
		return err
	}
	now, err := c.store.Job(ctx, job.ID)
	if errors.Is(err, ErrNoJob) || err == nil && !now.Status.Live() {
		c.releaseLock(ctx, job)
	}
	return nil
}

// releaseLock frees the lock of a job that no longer holds its slot. A lock that stays costs the
// next request one read of the store.
func (c *core) releaseLock(ctx context.Context, job *export.Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), busTimeout)
	defer cancel()
	if err := c.lock.Release(ctx, SlotOf(job), job.ID); err != nil {
		c.log.DebugContext(ctx, "cannot release the lock", "job", job.ID, "error", err)
	}
}

// publishQueueChanged tells every process that queue positions have changed.
func (c *core) publishQueueChanged(job *export.Job) {
	if job.Mode == export.Async {
		c.updates.control(ControlMessage{Kind: ControlQueue})
	}
}

// unclaim deletes a final job's claims. If that fails, the janitor retries: it deletes the claims
// of every dirty job.
func (c *core) unclaim(ctx context.Context, id string) {
	if err := c.store.DeleteClaims(context.WithoutCancel(ctx), id); err != nil {
		c.log.WarnContext(ctx, "cannot delete the claims of the job; the janitor will retry", "job", id, "error", err)
	}
}

// unavailable wraps a failure of the store as the error of a request.
func unavailable(err error, action string) error {
	if _, ok := errors.AsType[*errs.Error](err); ok {
		return err
	}
	return &errs.Error{
		Code: errs.CodeUnavailable, Message: "The database does not answer. Please try again in a moment.",
		Err: wrap(err, action),
	}
}
