package faults_test

import (
	"context"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/pipeline/pipelinetest"
	"github.com/egress-io/egress/internal/storetest"
)

// caseTenant is the tenant of all jobs.
const caseTenant = "daily"

// storedUsers reads users from a database.
type storedUsers struct {
	users     pipeline.Users
	snapshots pipeline.Snapshots // nil: the database has none
}

// storeUsers stores the users that a case exports.
func storeUsers(t *testing.T, s *storetest.Stores) storedUsers {
	t.Helper()
	if err := s.EnsureTenant(t.Context(), caseTenant); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Writer.WriteUsers(t.Context(), caseTenant, pipelinetest.MakeUsers(t, userCount)); err != nil {
		t.Fatal(err)
	}
	return storedUsers{s.Users, s.Snapshots}
}

// counted returns the snapshots, which count what they open. It returns nil if there are none.
func (u storedUsers) counted(n *openCount) pipeline.Snapshots {
	if u.snapshots == nil {
		return nil
	}
	return countedSnapshots{u.snapshots, n}
}

// openCount counts what was opened and not closed.
type openCount struct{ cursors, snapshots atomic.Int64 }

func (n *openCount) check(t *testing.T, c testCase) {
	t.Helper()
	if cursors, snapshots := n.cursors.Load(), n.snapshots.Load(); cursors != 0 || snapshots != 0 {
		t.Errorf("%s: %d cursors and %d snapshots are open", c, cursors, snapshots)
	}
}

type countedSnapshots struct {
	pipeline.Snapshots
	n *openCount
}

func (s countedSnapshots) Snapshot(ctx context.Context, tenant string, readers int) (pipeline.Snapshot, error) {
	inner, err := s.Snapshots.Snapshot(ctx, tenant, readers)
	if err != nil {
		return nil, err
	}
	s.n.snapshots.Add(1)
	return countedSnapshot{inner, s.n}, nil
}

type countedSnapshot struct {
	pipeline.Snapshot
	n *openCount
}

func (s countedSnapshot) Users() pipeline.Users { return countedUsers{s.Snapshot.Users(), s.n} }

func (s countedSnapshot) Close() error {
	s.n.snapshots.Add(-1)
	return s.Snapshot.Close()
}

type countedUsers struct {
	pipeline.Users
	n *openCount
}

func (u countedUsers) Read(ctx context.Context, tenant string, s filter.Selection, projection bson.D, span pipeline.IDRange) (pipeline.Cursor, error) {
	inner, err := u.Users.Read(ctx, tenant, s, projection, span)
	if err != nil {
		return nil, err
	}
	u.n.cursors.Add(1)
	return &countedCursor{Cursor: inner, n: u.n}, nil
}

type countedCursor struct {
	pipeline.Cursor
	n      *openCount
	closed bool
}

func (c *countedCursor) Close() error {
	if !c.closed {
		c.closed = true
		c.n.cursors.Add(-1)
	}
	return c.Cursor.Close()
}
