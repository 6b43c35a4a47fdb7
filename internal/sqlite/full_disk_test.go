package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users/importer"
)

// limitPages is a full disk: SQLite fails with the same code where a file may have no more pages.
func limitPages(t *testing.T, f *file, more int64) {
	t.Helper()
	c, err := f.takeWriter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { f.writer <- c }()
	pages, err := c.integer("PRAGMA page_count")
	if err == nil {
		err = c.exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+more))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// diskIsFull reports whether err tells the operator that the disk is full.
func diskIsFull(err error) bool {
	o, ok := errors.AsType[*errs.OutageError](err)
	return ok && !o.Kind.Permanent() && o.Message == "The disk with the database is full." && strings.Contains(o.Advice, "EGRESS_DATA_DIR") &&
		strings.Contains(err.Error(), "The disk with the database is full")
}

func (f *file) mustCheck(t *testing.T) {
	t.Helper()
	if err := f.read(t.Context(), func(c *conn) error { return runCheck(t.Context(), c, "PRAGMA integrity_check") }); err != nil {
		t.Errorf("check of %s: %v", f.path, err)
	}
}

// smallBatches makes an import write several batches of few users.
type smallBatches struct{ *UserWriter }

func (smallBatches) BatchSize() (docs, bytes int) { return 50, 16 << 20 }

// An import to a full disk says so, keeps the whole batches, and can be repeated when there is space.
func TestImportToFullDisk(t *testing.T) {
	t.Parallel()
	const total = 220
	var text bytes.Buffer
	for i := range total {
		fmt.Fprintf(&text, `{"user_id":"u%04d","identifiers":{"email_address":"u%d@example.com"},"foreign_keys":{"crm":"%d"},"attributes":{"note":"%s"}}`+"\n",
			i, i, i, strings.Repeat("x", 3000))
	}
	db := open(t, t.TempDir())
	f, err := db.tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	count := func(table string) (n int64) {
		t.Helper()
		err := f.read(t.Context(), func(c *conn) (err error) { n, err = c.integer("SELECT count(*) FROM " + table); return err })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	limitPages(t, f, 60)
	report, err := importer.Run(t.Context(), smallBatches{NewUserWriter(db)}, "acme", importer.Bytes(text.Bytes()), importer.Options{})
	if !diskIsFull(err) {
		t.Fatalf("the import returns %v", err)
	}
	written := count("users")
	if written == 0 || written == total || written%50 != 0 || report.Created != written || count("foreign_keys") != written {
		t.Errorf("%d users, %d foreign keys, report %+v", written, count("foreign_keys"), report)
	}
	f.mustCheck(t)

	limitPages(t, f, 1<<20)
	report, err = importer.Run(t.Context(), smallBatches{NewUserWriter(db)}, "acme", importer.Bytes(text.Bytes()), importer.Options{})
	if err != nil || report.Created != total-written || report.Updated != written || count("users") != total || count("foreign_keys") != total {
		t.Errorf("with space: %v, %d users, %d foreign keys, report %+v", err, count("users"), count("foreign_keys"), report)
	}
	f.mustCheck(t)
}

// A write of the server to a full disk changes nothing, and says why. Reads still work.
func TestWriteToFullDisk(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	insert := func(n int) error {
		return db.control.write(t.Context(), func(c *conn) error {
			for i := range 4 { // of which the first ones have space
				d := stored.Message{ID: fmt.Sprintf("m%d-%d", n, i), Tenant: "acme", Text: strings.Repeat("x", 20_000)}
				if err := messageTable.insert(c, &d); err != nil {
					return err
				}
			}
			return nil
		})
	}
	count := func() (n int64) {
		t.Helper()
		err := db.control.read(t.Context(), func(c *conn) (err error) { n, err = c.integer("SELECT count(*) FROM outbox"); return err })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	limitPages(t, db.control, 30)
	written := 0
	var err error
	for ; err == nil && written < 10; written++ {
		err = insert(written)
	}
	written--
	if !diskIsFull(err) || written == 0 || count() != int64(4*written) {
		t.Fatalf("after %d writes: %v, %d rows", written, err, count())
	}
	if err := insert(written); !diskIsFull(err) || count() != int64(4*written) {
		t.Errorf("the next write: %v, %d rows", err, count())
	}
	db.control.mustCheck(t)
	limitPages(t, db.control, 1<<20)
	if err := insert(written); err != nil || count() != int64(4*written+4) {
		t.Errorf("with space: %v, %d rows", err, count())
	}
	db.control.mustCheck(t)
}
