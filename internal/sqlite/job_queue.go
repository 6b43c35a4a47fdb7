package sqlite

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/stored"
)

// QueueEntries implements jobs.Store.
func (s Jobs) QueueEntries(ctx context.Context) ([]jobs.Entry, error) {
	queue := []jobs.Entry{}
	err := s.eachDocument(ctx, queuedJobs, func(doc bson.Raw) error {
		var d stored.QueueEntry
		if err := bson.Unmarshal(doc, &d); err != nil {
			return err
		}
		queue = append(queue, d.Entry())
		return nil
	}, string(export.Async))
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	return queue, nil
}

var turnTable = table[stored.Turn]{name: "turns", id: func(d *stored.Turn) string { return d.Tenant }}

// Turns implements jobs.Store.
func (s Jobs) Turns(ctx context.Context) (map[string]int64, error) {
	turns := map[string]int64{}
	err := s.db.control.read(ctx, func(c *conn) error {
		docs, err := turnTable.find(c, "")
		for _, d := range docs {
			turns[d.Tenant] = d.Turn
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the turns: %w", err)
	}
	return turns, nil
}

// TakeTurn implements jobs.Store.
func (s Jobs) TakeTurn(ctx context.Context, tenant string, n int64) error {
	err := s.db.control.write(ctx, func(c *conn) error {
		last, err := turnTable.get(c, tenant)
		switch {
		case err != nil && !errors.Is(err, errNone):
			return err
		case err == nil && last.Turn >= n:
			return nil
		}
		return turnTable.put(c, &stored.Turn{Tenant: tenant, Turn: n})
	})
	if err != nil {
		return fmt.Errorf("take a turn: %w", err)
	}
	return nil
}
