package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/egress-io/egress/internal/pipeline"
)

// spareConnections are the connections of a snapshot in addition to those of its cursors: for counts,
// look-ups and the ends of segments.
const spareConnections = 2

// snapshot implements pipeline.Snapshot: connections whose read transactions began between the same
// two writes.
//
// SQLite cannot shorten the write-ahead log while a reader needs an old state. When the log has
// become too long, the file moves the snapshot on: the transactions begin again, and the cursors of
// the earlier moment are lost.
type snapshot struct {
	tenant string
	file   *file
	free   chan *conn // connections that nobody uses

	// A statement runs under the read lock; move takes the write lock.
	mu         sync.RWMutex
	all        []*conn
	generation int // increased by move
	moments    []time.Time
	failed     error // why a move failed; nothing can be read any more
}

var _ pipeline.Snapshots = (*DB)(nil)

// Snapshot implements pipeline.Snapshots.
func (db *DB) Snapshot(ctx context.Context, tenant string, readers int) (pipeline.Snapshot, error) {
	f, err := db.tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	s := &snapshot{tenant: tenant, file: f, free: make(chan *conn, readers+spareConnections)}
	for range readers + spareConnections {
		c, err := f.pool.take(ctx)
		if err != nil {
			return nil, errors.Join(fileError(f.path, err), s.Close())
		}
		s.all = append(s.all, c)
	}
	if err := f.addSnapshot(ctx, s); err != nil {
		return nil, errors.Join(fileError(f.path, err), s.Close())
	}
	for _, c := range s.all {
		s.free <- c
	}
	return s, nil
}

// begin starts the transactions. No write may run meanwhile.
func (s *snapshot) begin() error {
	for _, c := range s.all {
		if err := c.exec("BEGIN"); err != nil {
			return err
		}
		if _, err := c.integer("SELECT count(*) FROM file"); err != nil { // the first read fixes the state
			return err
		}
	}
	s.moments = append(s.moments, time.Now().UTC())
	return nil
}

// end ends the transactions, and the statements that run in them.
func (s *snapshot) end() error {
	var errs []error
	for _, c := range s.all {
		c.raw.SetInterrupt(nil) // also resets the statements
		errs = append(errs, c.rollback())
	}
	return errors.Join(errs...)
}

// move shows the data as of now. Checkpoint is called while the snapshot needs no old state. The
// caller holds the connection that writes.
func (s *snapshot) move(checkpoint func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	s.failed = s.end()
	checkpoint()
	if s.failed == nil {
		s.failed = s.begin()
	}
}

// Users implements pipeline.Snapshot.
func (s *snapshot) Users() pipeline.Users {
	return documents{conns: s, table: usersTable, noun: "users"}
}

// Events implements pipeline.Snapshot.
func (s *snapshot) Events() pipeline.Documents {
	return documents{conns: s, table: eventsTable, noun: "state events"}
}

// Moments implements pipeline.Snapshot.
func (s *snapshot) Moments() []time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return append([]time.Time(nil), s.moments...)
}

// Close implements pipeline.Snapshot.
func (s *snapshot) Close() error {
	s.file.removeSnapshot(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.all {
		c.raw.SetInterrupt(nil)
		if c.rollback() != nil {
			s.file.pool.discard(c)
		} else {
			s.file.pool.put(c)
		}
	}
	s.all, s.failed = nil, errClosed
	return nil
}

// acquire implements connections.
func (s *snapshot) acquire(ctx context.Context, tenant string) (*lease, error) {
	if tenant != s.tenant {
		return nil, fmt.Errorf("sqlite: the snapshot is not of tenant %q", tenant)
	}
	var c *conn
	select {
	case c = <-s.free:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.failed != nil {
		s.free <- c
		return nil, fileError(s.file.path, s.failed)
	}
	c.interruptWith(ctx)
	release := func() {
		s.mu.RLock()
		if s.all != nil { // not closed
			c.raw.SetInterrupt(nil)
		}
		s.mu.RUnlock()
		s.free <- c
	}
	return &lease{conn: c, file: s.file, snapshot: s, generation: s.generation, release: release}, nil
}

// lock keeps the snapshot of a lease where it is until unlock. It returns pipeline.ErrCursorLost if
// the snapshot has moved since the lease began.
func (l *lease) lock() error {
	s := l.snapshot
	if s == nil {
		return nil
	}
	s.mu.RLock()
	if l.generation != s.generation {
		s.mu.RUnlock()
		return pipeline.ErrCursorLost
	}
	return nil
}

func (l *lease) unlock() {
	if l.snapshot != nil {
		l.snapshot.mu.RUnlock()
	}
}

// step moves a query to its next row, and copies the document in its first column into buffer.
func (l *lease) step(rows *sqlite.Stmt, buffer []byte) (doc []byte, found bool, err error) {
	if err := l.lock(); err != nil {
		return buffer, false, err
	}
	defer l.unlock()
	if found, err = rows.Step(); found {
		buffer = copyColumn(rows, 0, buffer)
	}
	return buffer, found, err
}
