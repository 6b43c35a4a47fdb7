package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/stored"
)

// Figures implements jobs.Store.
func (s Jobs) Figures(ctx context.Context, tenant, from string, each func(jobs.Figure) error) error {
	return s.figures(ctx, each, bson.D{{Key: "tenant", Value: tenant}, {Key: "_id", Value: bson.D{{Key: "$gte", Value: from}}}})
}

// KeptFigures implements jobs.Store.
func (s Jobs) KeptFigures(ctx context.Context, tenant string, each func(jobs.Figure) error) error {
	return s.figures(ctx, each, bson.D{
		{Key: "tenant", Value: tenant},
		{Key: "status", Value: bson.D{{Key: "$in", Value: bson.A{export.Completed, export.CompletedWithErrors}}}},
	})
}

var figureFields = bson.D{
	{Key: "created", Value: 1}, {Key: "outcome", Value: 1}, {Key: "expires", Value: 1}, {Key: "files", Value: 1},
}

func (s Jobs) figures(ctx context.Context, each func(jobs.Figure) error, filter bson.D) error {
	cursor, err := s.reads().Find(ctx, filter, options.Find().SetProjection(figureFields))
	if err != nil {
		return wrapError(err, "read figures of jobs")
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
	for cursor.Next(ctx) {
		var d stored.JobFigure
		err := cursor.Decode(&d)
		var f jobs.Figure
		if err == nil {
			f, err = d.Figure()
		}
		if err != nil { // one damaged job must not block the others
			s.db.logger.ErrorContext(ctx, "cannot decode a job; the figures omit it", "job", d.ID, "error", err)
			continue
		}
		if err := each(f); err != nil {
			return err
		}
	}
	return wrapError(cursor.Err(), "read figures of jobs")
}
