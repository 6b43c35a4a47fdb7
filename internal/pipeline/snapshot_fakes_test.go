package pipeline

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
)

// memorySnapshots takes snapshots of the users and state events of a testEnv. The first snapshot is
// of the moment firstMoment, and each further moment is a minute later.
type memorySnapshots struct {
	w   *testEnv
	err error // what Snapshot returns

	mu      sync.Mutex
	moments int // that all snapshots have had
	open    int // snapshots that are not closed
	readers []int
}

var firstMoment = time.Date(2026, 11, 29, 10, 0, 0, 123_456_789, time.UTC)

// momentsOf returns the moments first to last of a memorySnapshots, counted from 0, as receipts
// contain them.
func momentsOf(first, last int) []time.Time {
	var all []time.Time
	for n := first; n <= last; n++ {
		all = append(all, firstMoment.Add(time.Duration(n)*time.Minute).Truncate(time.Millisecond))
	}
	return all
}

func (s *memorySnapshots) Snapshot(_ context.Context, tenant string, readers int) (Snapshot, error) {
	if s.err != nil || tenant != "acme" {
		return nil, s.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readers = append(s.readers, readers)
	s.open++
	m := &memorySnapshot{source: s}
	m.take()
	return m, nil
}

type memorySnapshot struct {
	source        *memorySnapshots
	users, events *testEnv // copies
	moments       []time.Time
}

// take copies the documents. The caller holds the lock.
func (m *memorySnapshot) take() {
	w := m.source.w
	m.users, m.events = &testEnv{docs: slices.Clone(w.docs), count: -1}, &testEnv{count: -1}
	if w.events != nil {
		m.events.docs = slices.Clone(w.events.docs)
	}
	m.moments = append(m.moments, firstMoment.Add(time.Duration(m.source.moments)*time.Minute))
	m.source.moments++
}

func (m *memorySnapshot) Users() Users {
	return snapshotDocuments{m, func() memoryUsers { return memoryUsers{m.users} }}
}

func (m *memorySnapshot) Events() Documents {
	return snapshotDocuments{m, func() memoryUsers { return memoryUsers{m.events} }}
}

func (m *memorySnapshot) Moments() []time.Time {
	m.source.mu.Lock()
	defer m.source.mu.Unlock()
	return slices.Clone(m.moments)
}

func (m *memorySnapshot) Close() error {
	m.source.mu.Lock()
	defer m.source.mu.Unlock()
	m.source.open--
	return errors.New("a snapshot that cannot be closed fails no run")
}

// snapshotDocuments reads one collection of a snapshot. Each call of Read and Next first calls the
// function before of the testEnv, which may change the documents or the snapshot.
type snapshotDocuments struct {
	m       *memorySnapshot
	current func() memoryUsers
}

func (d snapshotDocuments) docs() memoryUsers {
	d.m.source.mu.Lock()
	defer d.m.source.mu.Unlock()
	return d.current()
}

func (d snapshotDocuments) Count(ctx context.Context, tenant string, s filter.Selection) (int64, error) {
	return d.docs().Count(ctx, tenant, s)
}

func (d snapshotDocuments) NonStringIDType(ctx context.Context, tenant string) (string, error) {
	return d.docs().NonStringIDType(ctx, tenant)
}

func (d snapshotDocuments) SegmentEnd(ctx context.Context, tenant string, s filter.Selection, after string, n int) (string, error) {
	return d.docs().SegmentEnd(ctx, tenant, s, after, n)
}

func (d snapshotDocuments) MatchingIDs(ctx context.Context, tenant string, s filter.Selection, ids []string) (map[string]struct{}, error) {
	return d.docs().MatchingIDs(ctx, tenant, s, ids)
}

func (d snapshotDocuments) Read(ctx context.Context, tenant string, s filter.Selection, p bson.D, span IDRange) (Cursor, error) {
	moment := len(d.m.Moments())
	c, err := d.docs().Read(ctx, tenant, s, p, span)
	return &snapshotCursor{c, d.m, moment}, err
}

type snapshotCursor struct {
	Cursor
	m      *memorySnapshot
	moment int
}

func (c *snapshotCursor) Next(ctx context.Context) (bson.Raw, error) {
	if err := c.m.source.w.call(ctx, "next of snapshot"); err != nil {
		return nil, err
	}
	if len(c.m.Moments()) > c.moment {
		return nil, ErrCursorLost
	}
	return c.Cursor.Next(ctx)
}

// replaceUsers replaces every second user by one that sorts after it, and all state events but the
// first.
func (s *memorySnapshots) replaceUsers(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	docs := slices.Clone(s.w.docs)
	for i := 1; i < len(docs); i += 2 {
		raw, err := bson.Marshal(bson.D{{Key: "_id", Value: docs[i].Lookup("_id").StringValue() + "-new"}})
		if err != nil {
			t.Error(err)
		}
		docs[i] = raw
	}
	s.w.docs = docs
	if s.w.events != nil {
		s.w.events.docs = s.w.events.docs[:1]
	}
}

type snapshotsFunc func(ctx context.Context, tenant string, readers int) (Snapshot, error)

func (f snapshotsFunc) Snapshot(ctx context.Context, tenant string, readers int) (Snapshot, error) {
	return f(ctx, tenant, readers)
}
