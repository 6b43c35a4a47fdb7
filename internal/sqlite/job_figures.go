package sqlite

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/stored"
)

// The clauses of figures. The index jobs_list finds the jobs: TestJobQueriesUseIndexes.
const (
	recentFigures = "WHERE tenant = ? AND id >= ?"
	keptFigures   = "WHERE tenant = ? AND status IN (?, ?)"
)

// Figures implements jobs.Store.
func (s Jobs) Figures(ctx context.Context, tenant, from string, each func(jobs.Figure) error) error {
	return s.figures(ctx, each, recentFigures, tenant, from)
}

// KeptFigures implements jobs.Store.
func (s Jobs) KeptFigures(ctx context.Context, tenant string, each func(jobs.Figure) error) error {
	return s.figures(ctx, each, keptFigures, tenant, string(export.Completed), string(export.CompletedWithErrors))
}

func (s Jobs) figures(ctx context.Context, each func(jobs.Figure) error, clauses string, args ...any) error {
	var failed error
	err := s.eachDocument(ctx, clauses, func(doc bson.Raw) error {
		var d stored.JobFigure
		if err := bson.Unmarshal(doc, &d); err != nil {
			return err
		}
		f, err := d.Figure()
		if err == nil && failed == nil {
			failed = each(f)
		}
		return err
	}, args...)
	if err != nil {
		return fmt.Errorf("read figures of jobs: %w", err)
	}
	return failed
}
