package sqlite

import (
	"context"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
)

// contextFunc is a context that calls a function whenever it is asked for its error.
type contextFunc struct {
	context.Context
	asked func()
}

func (c contextFunc) Err() error {
	c.asked()
	return c.Context.Err()
}

// A write between two steps of the copy is not in it.
func TestCopyIsOfOneMoment(t *testing.T) {
	_, db := newData(t)
	err := db.writeTenant(t.Context(), "a", func(c *conn) error {
		return c.exec("INSERT INTO products (id, doc) VALUES ('large', zeroblob(?))", 2*backupPages*pageSize)
	})
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	ctx := contextFunc{t.Context(), func() {
		if steps++; steps < 4 { // after each write, a copy of another moment would begin again
			putNumber(t, db, "a", steps)
		}
	}}
	path := filepath.Join(t.TempDir(), "copy.db")
	f, _ := newDatabaseFile("tenants/a.db")
	if schema, _, err := f.copyTo(ctx, filepath.Join(db.dir, f.name), path); err != nil || schema != len(tenantSchema) || steps < 3 {
		t.Fatalf("schema %d after %d steps, %v", schema, steps, err)
	}
	c, err := connect(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := c.integer("SELECT count(*) FROM stores"); n != 1 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if err := c.close(); err != nil {
		t.Error(err)
	}
}
