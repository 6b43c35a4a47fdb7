package pipeline

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// view is what an attempt reads: a snapshot, or the store as it changes.
type view struct {
	runner   *Runner
	users    Users
	events   Documents // nil if this server does not export state events
	snapshot Snapshot  // nil if the store has none

	mu       sync.Mutex
	reported int // moments that the job's history contains, or that it need not contain
}

// currentView returns the store as it changes.
func (r *Runner) currentView() *view { return &view{runner: r, users: r.o.Users, events: r.o.Events} }

// openView opens a snapshot if the store has them. The caller closes the view.
func (r *Runner) openView(ctx context.Context, tenant string) (*view, error) {
	v := r.currentView()
	if r.o.Snapshots == nil {
		return v, nil
	}
	snapshot, err := r.o.Snapshots.Snapshot(ctx, tenant, r.o.Settings.withDefaults().Readers)
	if err != nil {
		return nil, wrapFailure(ctx, errs.CodeDatabaseUnavailable, err, msgPrepareFailed)
	}
	v.snapshot, v.users, v.reported = snapshot, snapshot.Users(), 1
	if v.events != nil {
		v.events = snapshot.Events()
	}
	return v, nil
}

func (v *view) close(ctx context.Context) {
	if v.snapshot == nil {
		return
	}
	if err := v.snapshot.Close(); err != nil {
		v.runner.o.Logger.WarnContext(ctx, "cannot close the snapshot", "error", err)
	}
}

// moments returns the snapshot's moments, nil if the store has no snapshots.
func (v *view) moments() []time.Time {
	if v.snapshot == nil {
		return nil
	}
	return v.snapshot.Moments()
}

// reportReopened records that a lost cursor was reopened. When the snapshot moves on, all readers
// lose their cursors: the history says so once.
func (v *view) reportReopened(obs Observer) {
	moments := v.moments()
	if moments == nil {
		obs.Event("resumed", "The database lost the cursor. Reading resumed after the last user.")
		return
	}
	v.mu.Lock()
	moved := len(moments) > v.reported
	v.reported = len(moments)
	v.mu.Unlock()
	if moved {
		obs.Event("resumed", "The snapshot became too old. Reading resumed after the last user, as of "+
			moments[len(moments)-1].UTC().Format(time.RFC3339)+".")
	}
}

// startReading begins the list of the file's moments with those of earlier attempts whose parts the
// file keeps.
func (t *task) startReading(earlier []time.Time) {
	t.earlierMoments, t.firstMoment = earlier, max(len(t.view.moments())-1, 0)
}

// readAsOf returns the moments as of which this file was read so far. If the snapshot has moved on,
// the last moment may be one that no stored row needs yet.
func (t *task) readAsOf() []time.Time {
	all := slices.Clone(t.earlierMoments)
	for _, at := range t.view.moments()[t.firstMoment:] {
		all = append(all, at.UTC().Truncate(time.Millisecond))
	}
	return all
}

// withMoments returns cp with the moments as of which its parts were read.
func (t *task) withMoments(cp export.Checkpoint) export.Checkpoint {
	cp.ReadAsOf = t.readAsOf()
	return cp
}
