package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/stored"
)

// Jobs stores export jobs in the control database.
type Jobs struct{ db *DB }

var _ jobs.Store = Jobs{}

// NewJobs returns the job store of db.
func NewJobs(db *DB) Jobs { return Jobs{db} }

func (s Jobs) writes() *driver.Collection { return s.db.Control().Collection(jobsCollection) }
func (s Jobs) reads() *driver.Collection  { return s.db.ControlReads().Collection(jobsCollection) }

// Insert implements jobs.Store.
func (s Jobs) Insert(ctx context.Context, job *export.Job) error {
	doc, err := stored.NewJob(job)
	if err != nil {
		return err
	}
	_, err = s.writes().InsertOne(ctx, doc)
	if driver.IsDuplicateKeyError(err) {
		return jobs.ErrTaken
	}
	return wrapError(err, "insert a job")
}

// Job implements jobs.Store.
func (s Jobs) Job(ctx context.Context, id string) (*export.Job, error) {
	return s.findJob(ctx, bson.D{{Key: "_id", Value: id}})
}

// Holder implements jobs.Store.
func (s Jobs) Holder(ctx context.Context, slot jobs.Slot) (*export.Job, error) {
	return s.findJob(ctx, bson.D{{Key: "live", Value: slot.String()}})
}

// ByIdempotencyKey implements jobs.Store.
func (s Jobs) ByIdempotencyKey(ctx context.Context, slot jobs.Slot, key string) (*export.Job, error) {
	return s.findJob(ctx, bson.D{{Key: "idem", Value: stored.IdempotencyID(slot, key)}})
}

// findJob reads a job for a decision. It uses the write client, so that it sees all earlier writes.
func (s Jobs) findJob(ctx context.Context, filter bson.D) (*export.Job, error) {
	var doc stored.Job
	err := s.writes().FindOne(ctx, filter).Decode(&doc)
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, jobs.ErrNoJob
	}
	if err != nil {
		return nil, wrapError(err, "read a job")
	}
	return doc.Job()
}

// RemoveIdempotencyKey implements jobs.Store.
func (s Jobs) RemoveIdempotencyKey(ctx context.Context, id string) error {
	_, err := s.writes().UpdateOne(ctx, bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$unset", Value: bson.D{{Key: "idem", Value: ""}}}})
	return wrapError(err, "free an idempotency key")
}

// Update implements jobs.Store.
func (s Jobs) Update(ctx context.Context, job *export.Job, guard jobs.Guard) error {
	state, err := stored.NewJobState(job)
	if err != nil {
		return err
	}
	var sequence any = guard.Sequence
	if guard.OrLower {
		sequence = bson.D{{Key: "$lte", Value: guard.Sequence}}
	}
	update := bson.D{{Key: "$set", Value: state}}
	if job.Status.Final() {
		unset := bson.D{{Key: "live", Value: ""}}
		if state.MailDue == nil {
			unset = append(unset, bson.E{Key: "mail_due", Value: ""})
		}
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	return s.updateIf(ctx, bson.D{
		{Key: "_id", Value: job.ID}, {Key: "attempt", Value: guard.Attempt}, {Key: "sequence", Value: sequence},
	}, update, "update a job")
}

// Fence implements jobs.Store.
func (s Jobs) Fence(ctx context.Context, id string, attempt int64) error {
	return s.updateIf(ctx, bson.D{
		{Key: "_id", Value: id}, {Key: "attempt", Value: attempt}, {Key: "live", Value: bson.D{{Key: "$exists", Value: true}}},
	}, bson.D{{Key: "$set", Value: bson.D{{Key: "attempt", Value: attempt + 1}, {Key: "sequence", Value: int64(0)}}}}, "fence a job")
}

// updateIf updates the job that matches filter, or returns jobs.ErrConflict if none does.
func (s Jobs) updateIf(ctx context.Context, filter, update bson.D, action string) error {
	res, err := s.writes().UpdateOne(ctx, filter, update)
	if err != nil {
		return wrapError(err, action)
	}
	if res.MatchedCount == 0 {
		return jobs.ErrConflict
	}
	return nil
}

// List implements jobs.Store.
func (s Jobs) List(ctx context.Context, q jobs.Query) ([]*export.Job, error) {
	filter := bson.D{{Key: "tenant", Value: q.Tenant}}
	if q.RequesterID != "" {
		filter = append(filter, bson.E{Key: "requester_id", Value: q.RequesterID})
	}
	var ids bson.D
	if q.Before != "" {
		ids = append(ids, bson.E{Key: "$lt", Value: q.Before})
	}
	if q.From != "" {
		ids = append(ids, bson.E{Key: "$gte", Value: q.From})
	}
	if ids != nil {
		filter = append(filter, bson.E{Key: "_id", Value: ids})
	}
	if q.Email != "" {
		filter = append(filter, bson.E{Key: "email", Value: q.Email})
	}
	if len(q.Statuses) > 0 {
		filter = append(filter, bson.E{Key: "status", Value: bson.D{{Key: "$in", Value: q.Statuses}}})
	}
	var alternatives bson.A
	if q.Search != "" {
		alternatives = append(alternatives, bson.D{{Key: "$or", Value: bson.A{
			bson.D{{Key: "search", Value: bson.Regex{Pattern: literalPattern(q.Search)}}},
			// Jobs of versions without the field, until they expire.
			bson.D{{Key: "search", Value: bson.D{{Key: "$exists", Value: false}}}, {Key: "words", Value: containsRegex(q.Search)}},
		}}})
	}
	if !q.Since.IsZero() {
		alternatives = append(alternatives, bson.D{{Key: "$or", Value: bson.A{
			bson.D{{Key: "created", Value: bson.D{{Key: "$gte", Value: q.Since}}}},
			bson.D{{Key: "live", Value: bson.D{{Key: "$exists", Value: true}}}},
		}}})
	}
	if alternatives != nil {
		filter = append(filter, bson.E{Key: "$and", Value: alternatives})
	}
	return s.findJobs(ctx, s.reads(), filter, newestFirst, q.Limit)
}

// Live implements jobs.Store.
func (s Jobs) Live(ctx context.Context, after string, limit int) ([]*export.Job, error) {
	return s.findJobs(ctx, s.writes(), bson.D{
		{Key: "live", Value: bson.D{{Key: "$exists", Value: true}}},
		{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}},
	}, oldestFirst, limit)
}

// Dirty implements jobs.Store.
func (s Jobs) Dirty(ctx context.Context, before time.Time, limit int) ([]*export.Job, error) {
	return s.findJobs(ctx, s.writes(), bson.D{
		{Key: "dirty", Value: true},
		{Key: "completed", Value: bson.D{{Key: "$lt", Value: before}}},
	}, oldestFirst, limit)
}

// Outdated implements jobs.Store.
func (s Jobs) Outdated(ctx context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return s.findJobs(ctx, s.writes(), bson.D{
		{Key: "status", Value: bson.D{{Key: "$in", Value: bson.A{export.Completed, export.CompletedWithErrors}}}},
		{Key: "expires", Value: bson.D{{Key: "$lte", Value: now}}},
	}, oldestFirst, limit)
}

// Mailable implements jobs.Store.
func (s Jobs) Mailable(ctx context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return s.findJobs(ctx, s.writes(), bson.D{{Key: "mail_due", Value: bson.D{{Key: "$lte", Value: now}}}}, oldestFirst, limit)
}

const (
	oldestFirst = 1
	newestFirst = -1
)

func (s Jobs) findJobs(ctx context.Context, c *driver.Collection, filter bson.D, order, limit int) ([]*export.Job, error) {
	cursor, err := c.Find(ctx, filter, options.Find().SetSort(bson.D{{Key: "_id", Value: order}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, wrapError(err, "list jobs")
	}
	var docs []stored.Job
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, wrapError(err, "list jobs")
	}
	list := make([]*export.Job, 0, len(docs))
	for i := range docs {
		job, err := docs[i].Job()
		if err != nil { // one damaged job must not block the others
			s.db.logger.ErrorContext(ctx, "cannot decode a job; the list omits it", "job", docs[i].ID, "error", err)
			continue
		}
		list = append(list, job)
	}
	return list, nil
}
