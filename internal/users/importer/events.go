package importer

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// EventWriter stores the state events of an import. RunEvents calls it from one goroutine at a
// time.
type EventWriter interface {
	// WriteStateEvents creates or replaces state events and returns how many are new. Each id
	// occurs once in docs.
	WriteStateEvents(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error)
}

// RunEvents imports the state events of the source into the tenant. Like Run, it writes nothing if
// the file is malformed or truncated. It skips an invalid event and continues, except with Stop.
// Importing a file twice has no further effect. RunEvents ignores the options for users. It does
// not check that the users, grants and products exist.
func RunEvents(ctx context.Context, w EventWriter, tenant string, src Source, o Options) (Report, error) {
	report := Report{Ignored: map[string]int64{}}
	in := newPasses(src, "state events", o)
	if err := in.read(ctx, false, func(item) error { return nil }); err != nil {
		return report, err
	}
	if err := in.validateEvents(ctx); err != nil {
		return report, err
	}
	if o.CreateTenant != nil {
		if err := o.CreateTenant(ctx); err != nil {
			return report, err
		}
	}
	write := func(ctx context.Context, b *batch) error {
		created, err := w.WriteStateEvents(ctx, tenant, b.docs)
		if err != nil {
			return fmt.Errorf("write state events: %w", err)
		}
		b.addTo(&report, created)
		return nil
	}
	size := sizeFor(w)
	b := newBatch(size)
	var read, refused int64
	ignored := ignoredCounts{}
	var warnings warningList
	err := pipeBatches(ctx, write, func(ctx context.Context, send func(*batch) error) error {
		err := in.read(ctx, true, func(it item) error {
			read++
			rec, doc, err := encodeEvent(it)
			if err != nil {
				refused++
				in.reportRefusal(it, rec.event.UserID, SkippedEvent, problemFrom(err))
				return nil
			}
			ignored.add(rec.ignored)
			warnings.add(it.line, rec.warnings)
			b.put(rec.event.StoredID(), doc)
			if !b.full() {
				return nil
			}
			ready := b
			b = newBatch(size)
			return send(ready)
		})
		if err == nil && len(b.docs) > 0 {
			err = send(b)
		}
		return err
	})
	report.Read, report.Refused, report.Ignored, report.Warnings = read, refused, ignored, warnings.list
	return report, err
}

// validateEvents reports every invalid event and returns an error if it finds any. It does nothing
// unless Options.OnError is Stop.
func (p passes) validateEvents(ctx context.Context) error {
	if p.o.OnError != Stop {
		return nil
	}
	var invalid int64
	err := p.read(ctx, false, func(it item) error {
		if rec, _, err := encodeEvent(it); err != nil {
			invalid++
			p.reportRefusal(it, rec.event.UserID, "", problemFrom(err))
		}
		return nil
	})
	if err == nil && invalid > 0 {
		err = stopError(invalid)
	}
	return err
}
