package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/stored"
)

// Jobs stores export jobs in the control file.
type Jobs struct{ db *DB }

var _ jobs.Store = Jobs{}

// NewJobs returns the job store of db.
func NewJobs(db *DB) Jobs { return Jobs{db} }

var jobTable = table[stored.Job]{
	name: "jobs",
	id:   func(d *stored.Job) string { return d.ID },
	columns: []string{
		"live", "idem", "tenant", "requester_id", "mode", "status", "attempt", "sequence",
		"created", "completed", "expires", "dirty", "mail_due", "email", "search",
	},
	values: func(d *stored.Job) []any {
		s := &d.State
		return []any{
			orNull(d.Live), orNull(d.Idem), d.Tenant, d.RequesterID, string(d.Mode), string(s.Status), s.Attempt, s.Sequence,
			d.Created, timeOrNull(s.Completed), timeOrNull(s.Expires), s.Dirty, timeOrNull(s.MailDue), d.Email, s.Search,
		}
	},
}

// Insert implements jobs.Store.
func (s Jobs) Insert(ctx context.Context, job *export.Job) error {
	doc, err := stored.NewJob(job)
	if err != nil {
		return err
	}
	err = s.db.control.write(ctx, func(c *conn) error { return jobTable.insert(c, doc) })
	if errors.Is(err, errDuplicate) {
		return jobs.ErrTaken
	}
	if err != nil {
		return fmt.Errorf("insert a job: %w", err)
	}
	return nil
}

// Job implements jobs.Store.
func (s Jobs) Job(ctx context.Context, id string) (*export.Job, error) {
	return s.findJob(ctx, "WHERE id = ?", id)
}

// Holder implements jobs.Store.
func (s Jobs) Holder(ctx context.Context, slot jobs.Slot) (*export.Job, error) {
	return s.findJob(ctx, "WHERE live = ?", slot.String())
}

// ByIdempotencyKey implements jobs.Store.
func (s Jobs) ByIdempotencyKey(ctx context.Context, slot jobs.Slot, key string) (*export.Job, error) {
	return s.findJob(ctx, "WHERE idem = ?", stored.IdempotencyID(slot, key))
}

func (s Jobs) findJob(ctx context.Context, clauses string, args ...any) (job *export.Job, err error) {
	err = s.db.control.read(ctx, func(c *conn) error {
		doc, err := jobTable.first(c, clauses, args...)
		if err != nil {
			return err
		}
		job, err = doc.Job()
		return err
	})
	if errors.Is(err, errNone) {
		return nil, jobs.ErrNoJob
	}
	if err != nil {
		return nil, fmt.Errorf("read a job: %w", err)
	}
	return job, nil
}

// RemoveIdempotencyKey implements jobs.Store.
func (s Jobs) RemoveIdempotencyKey(ctx context.Context, id string) error {
	err := s.db.control.write(ctx, func(c *conn) error {
		_, err := jobTable.update(c, id, func(d *stored.Job) bool {
			d.Idem = ""
			return true
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("free an idempotency key: %w", err)
	}
	return nil
}

// Update implements jobs.Store.
func (s Jobs) Update(ctx context.Context, job *export.Job, guard jobs.Guard) error {
	state, err := stored.NewJobState(job)
	if err != nil {
		return err
	}
	return s.updateIf(ctx, job.ID, func(d *stored.Job) bool {
		version := d.State
		if version.Attempt != guard.Attempt || version.Sequence > guard.Sequence || version.Sequence < guard.Sequence && !guard.OrLower {
			return false
		}
		d.State = *state
		if job.Status.Final() {
			d.Live = ""
		}
		return true
	}, "update a job")
}

// Fence implements jobs.Store.
func (s Jobs) Fence(ctx context.Context, id string, attempt int64) error {
	return s.updateIf(ctx, id, func(d *stored.Job) bool {
		if d.State.Attempt != attempt || d.Live == "" {
			return false
		}
		d.State.Attempt, d.State.Sequence = attempt+1, 0
		return true
	}, "fence a job")
}

// updateIf changes the job with an id, or returns jobs.ErrConflict if it is missing or change returns
// false.
func (s Jobs) updateIf(ctx context.Context, id string, change func(*stored.Job) bool, action string) error {
	changed := false
	err := s.db.control.write(ctx, func(c *conn) (err error) {
		changed, err = jobTable.update(c, id, change)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	if !changed {
		return jobs.ErrConflict
	}
	return nil
}

// The clauses of the lists for maintenance and of the queue. They read only the jobs that they
// return, however many jobs the table holds: TestJobQueriesUseIndexes.
const (
	liveJobs     = "WHERE live IS NOT NULL AND id > ? ORDER BY id LIMIT ?"
	dirtyJobs    = "WHERE dirty AND completed < ? ORDER BY id LIMIT ?"
	outdatedJobs = "WHERE status IN (?, ?) AND expires <= ? ORDER BY id LIMIT ?"
	mailableJobs = "WHERE mail_due <= ? ORDER BY id LIMIT ?"
	queuedJobs   = "WHERE live IS NOT NULL AND mode = ? ORDER BY id"
)

// List implements jobs.Store.
func (s Jobs) List(ctx context.Context, q jobs.Query) ([]*export.Job, error) {
	clauses, args := listedJobs(q)
	return s.findJobs(ctx, clauses, args...)
}

// listedJobs returns the clauses of a list. The index jobs_list has every column that they compare,
// except those of Since, so that only the jobs of the page are read.
func listedJobs(q jobs.Query) (clauses string, args []any) {
	var b strings.Builder
	and := func(condition string, arg any) {
		b.WriteString(condition)
		args = append(args, arg)
	}
	and("WHERE tenant = ?", q.Tenant)
	if q.RequesterID != "" {
		and(" AND requester_id = ?", q.RequesterID)
	}
	if q.Before != "" {
		and(" AND id < ?", q.Before)
	}
	if q.From != "" {
		and(" AND id >= ?", q.From)
	}
	if q.Email != "" {
		and(" AND email = ?", q.Email)
	}
	if len(q.Statuses) > 0 {
		statuses := make([]string, len(q.Statuses))
		for i, status := range q.Statuses {
			statuses[i] = string(status)
		}
		and(" AND status IN (SELECT value FROM json_each(?))", jsonList(statuses))
	}
	if q.Search != "" {
		and(" AND instr(search, ?) > 0", q.Search)
	}
	if !q.Since.IsZero() {
		and(" AND (created >= ? OR live IS NOT NULL)", q.Since)
	}
	and(" ORDER BY id DESC LIMIT ?", q.Limit)
	return b.String(), args
}

// Live implements jobs.Store.
func (s Jobs) Live(ctx context.Context, after string, limit int) ([]*export.Job, error) {
	return s.findJobs(ctx, liveJobs, after, limit)
}

// Dirty implements jobs.Store.
func (s Jobs) Dirty(ctx context.Context, before time.Time, limit int) ([]*export.Job, error) {
	return s.findJobs(ctx, dirtyJobs, before, limit)
}

// Outdated implements jobs.Store.
func (s Jobs) Outdated(ctx context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return s.findJobs(ctx, outdatedJobs,
		string(export.Completed), string(export.CompletedWithErrors), now, limit)
}

// Mailable implements jobs.Store.
func (s Jobs) Mailable(ctx context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return s.findJobs(ctx, mailableJobs, now, limit)
}

func (s Jobs) findJobs(ctx context.Context, clauses string, args ...any) ([]*export.Job, error) {
	list := []*export.Job{}
	err := s.eachDocument(ctx, clauses, func(doc bson.Raw) error {
		var d stored.Job
		if err := bson.Unmarshal(doc, &d); err != nil {
			return err
		}
		job, err := d.Job()
		if err == nil {
			list = append(list, job)
		}
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return list, nil
}

// eachDocument calls decode for the document of each job that the clauses (WHERE, ORDER BY, LIMIT)
// select. It logs and skips a document that decode rejects: one damaged job must not block the
// others.
func (s Jobs) eachDocument(ctx context.Context, clauses string, decode func(bson.Raw) error, args ...any) error {
	return s.db.control.read(ctx, func(c *conn) error {
		return c.query("SELECT id, doc FROM jobs "+clauses, func(r *row) error {
			if err := decode(r.bytes(1)); err != nil {
				s.db.logger.ErrorContext(ctx, "cannot decode a job; the list omits it", "job", r.ColumnText(0), "error", err)
			}
			return nil
		}, args...)
	})
}
