package exporter

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

const (
	previewRows = 5
	// estimateTime limits how long a preview reads users if the caller accepts estimates.
	estimateTime = 500 * time.Millisecond
)

// Preview describes the users file of a definition.
type Preview struct {
	pipeline.Preview

	Words string           // the definition as a sentence
	Notes []export.Warning // what a reader of the file should know before it is made
}

// Compile checks a definition against the tenant's features and schema, and compiles it. The errors
// are those of Start, except CodeNonStringID.
func (e *Exporter) Compile(ctx context.Context, tenant string, def export.Definition) (*Compiled, error) {
	if def.StateEvents != nil {
		if _, err := e.allow(ctx, tenant, def); err != nil {
			return nil, err
		}
	}
	return e.definitions.Compile(ctx, tenant, def)
}

// Preview returns the first rows of the users file, estimates its size and lists notes on it. It
// records the access before it reads users. The errors are those of Compile and of a run. Where
// counting is slow, the number of users may be a minute old; with estimate, it is an estimate until the
// users are counted, and rows may be missing.
func (e *Exporter) Preview(ctx context.Context, c Caller, def export.Definition, estimate bool) (Preview, error) {
	compiled, err := e.Compile(ctx, c.Tenant, def)
	if err != nil {
		return Preview{}, err
	}
	if err := audit.RecordAccess(ctx, e.audit, c.record(audit.ExportPreviewed, def.ShortFingerprint(), compiled.Words)); err != nil {
		return Preview{}, err
	}
	plan, err := e.definitions.Complete(ctx, compiled)
	if err != nil {
		return Preview{}, err
	}
	o := pipeline.PreviewOptions{
		Rows:  previewRows,
		Count: func(ctx context.Context) (users.Count, error) { return e.count(ctx, compiled, estimate) },
	}
	if estimate {
		o.SampleTime = estimateTime
	}
	p, err := e.runner.Preview(ctx, plan, o)
	if err != nil {
		return Preview{}, err
	}
	return Preview{Preview: p, Words: compiled.Words, Notes: notes(def, &p)}, nil
}

// Count returns how many users a definition selects, and records the access with the result. Where
// counting is slow, the result may be a minute old; with estimate, it is an estimate until the users
// are counted.
func (e *Exporter) Count(ctx context.Context, c Caller, def export.Definition, estimate bool) (users.Count, error) {
	compiled, err := e.Compile(ctx, c.Tenant, def)
	if err != nil {
		return users.Count{}, err
	}
	n, err := e.count(ctx, compiled, estimate)
	if err != nil {
		return users.Count{}, err
	}
	record := c.record(audit.UsersCounted, "", compiled.Words+": "+n.String())
	return n, audit.RecordAccess(ctx, e.audit, record, def.Fingerprint())
}

func (e *Exporter) count(ctx context.Context, c *Compiled, estimate bool) (users.Count, error) {
	if estimate {
		return e.users.Estimate(ctx, c.Tenant, c.Users)
	}
	n, err := e.CountCompiled(ctx, c)
	return users.Count{Users: n, Accuracy: users.Exact}, err
}

// CountCompiled is Count without a record: the caller records what it shows.
func (e *Exporter) CountCompiled(ctx context.Context, c *Compiled) (int64, error) {
	return e.users.CachedCount(ctx, c.Tenant, c.Users)
}
