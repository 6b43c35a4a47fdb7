package importer

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// EventWriter is where an import of state events goes. Its calls come from one goroutine at a time.
type EventWriter interface {
	// WriteStateEvents makes or replaces state events, each id once among docs, and tells how many are new.
	WriteStateEvents(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error)
}

// RunEvents imports the state events of the source into the tenant. As with users, a file that is broken is refused before
// anything is written, and an event that is wrong in itself is refused while the others go on. Importing a file twice
// changes nothing. Options that are about users have no meaning here. Whether there are such users, grants and products
// is not asked.
func RunEvents(ctx context.Context, w EventWriter, tenant string, src Source, o Options) (Report, error) {
	report := Report{Ignored: map[string]int64{}}
	in := passes{src, "state events", o}
	if err := in.read(ctx, false, func(item) error { return nil }); err != nil {
		return report, err
	}
	write := func(ctx context.Context, p *pile) error {
		created, err := w.WriteStateEvents(ctx, tenant, p.docs)
		if err != nil {
			return fmt.Errorf("write state events: %w", err)
		}
		p.written(&report, created)
		return nil
	}
	p := newPile()
	var read, refused int64
	left := ignored{}
	err := beside(ctx, write, func(ctx context.Context, send func(*pile) error) error {
		err := in.read(ctx, true, func(it item) error {
			read++
			rec, doc, err := encodeEvent(it)
			if err != nil {
				refused++
				in.refuse(it, rec.event.UserID, err)
				return nil
			}
			left.add(rec.ignored)
			p.put(rec.event.StoredID(), doc)
			if !p.full() {
				return nil
			}
			ready := p
			p = newPile()
			return send(ready)
		})
		if err == nil && len(p.docs) > 0 {
			err = send(p)
		}
		return err
	})
	report.Read, report.Refused, report.Ignored = read, refused, left
	return report, err
}
