package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	raw "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/audit/audittest"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/sqlite/sqlitetest"
)

// auditDatabase is a database whose control file another program changes.
type auditDatabase struct {
	db    *sqlite.DB
	other *raw.Conn
}

var _ audittest.Database = auditDatabase{}

func openAudit(t *testing.T) auditDatabase {
	t.Helper()
	dir := t.TempDir()
	d := auditDatabase{db: sqlitetest.OpenDir(t, dir)}
	var err error
	if d.other, err = raw.OpenConn(filepath.Join(dir, "control.db"), raw.OpenReadWrite); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.other.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d auditDatabase) Log(key *audit.ChainKey) audittest.Log { return sqlite.NewAuditLog(d.db, key) }

// exec runs a statement, which must change one row.
func (d auditDatabase) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	if err := sqlitex.Execute(d.other, statement, &sqlitex.ExecOptions{Args: args}); err != nil || d.other.Changes() != 1 {
		t.Fatalf("%s %v: %d rows, %v", statement, args, d.other.Changes(), err)
	}
}

func (d auditDatabase) Read(t *testing.T, c audittest.Collection, id string) (doc bson.D) {
	t.Helper()
	err := sqlitex.Execute(d.other, "SELECT doc FROM "+string(c)+" WHERE id = ?", &sqlitex.ExecOptions{
		Args: []any{id},
		ResultFunc: func(s *raw.Stmt) error {
			b := make([]byte, s.ColumnLen(0))
			s.ColumnBytes(0, b)
			return bson.Unmarshal(b, &doc)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Insert adds a document, and sets the columns as its fields say.
func (d auditDatabase) Insert(t *testing.T, c audittest.Collection, doc any) {
	t.Helper()
	b, err := bson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	id := bson.Raw(b).Lookup("_id").StringValue()
	if c == audittest.Heads {
		d.exec(t, "INSERT INTO audit_heads (id, doc) VALUES (?, ?)", id, b)
		return
	}
	d.exec(t, "INSERT INTO audit (id, doc, tenant, kind, time) VALUES (?, ?, '', '', 0)", id, b)
	d.setColumns(t, id, b)
}

func (d auditDatabase) Set(t *testing.T, c audittest.Collection, id string, fields bson.D) {
	t.Helper()
	b := d.setDocument(t, c, id, fields)
	if c == audittest.Records {
		d.setColumns(t, id, b)
	}
}

// setDocument changes fields of a document and no column.
func (d auditDatabase) setDocument(t *testing.T, c audittest.Collection, id string, fields bson.D) bson.Raw {
	t.Helper()
	doc := d.Read(t, c, id)
	for _, f := range fields {
		if i := slices.IndexFunc(doc, func(e bson.E) bool { return e.Key == f.Key }); i >= 0 {
			doc[i] = f
		} else {
			doc = append(doc, f)
		}
	}
	b, err := bson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	d.exec(t, "UPDATE "+string(c)+" SET doc = ? WHERE id = ?", b, id)
	return b
}

func (d auditDatabase) setColumns(t *testing.T, id string, doc bson.Raw) {
	t.Helper()
	text := func(field string) any {
		if s, ok := doc.Lookup(field).StringValueOK(); ok {
			return s
		}
		return nil
	}
	var seq any
	if n, ok := doc.Lookup("seq").Int64OK(); ok {
		seq = n
	}
	d.exec(t, "UPDATE audit SET once = ?, place = ?, tenant = ?, kind = ?, seq = ?, time = ? WHERE id = ?",
		text("once"), text("place"), text("tenant"), text("kind"), seq, doc.Lookup("time").DateTime(), id)
}

func (d auditDatabase) Remove(t *testing.T, c audittest.Collection, id string) {
	t.Helper()
	d.exec(t, "DELETE FROM "+string(c)+" WHERE id = ?", id)
}

func TestAuditLog(t *testing.T) { t.Parallel(); audittest.TestLog(t, openAudit(t)) }

func TestAuditChain(t *testing.T) { t.Parallel(); audittest.TestChain(t, openAudit(t)) }

// Queries use the columns, so Verify compares them with the documents.
func TestVerifyComparesColumnsWithDocuments(t *testing.T) {
	t.Parallel()
	db := openAudit(t)
	for i, c := range []struct {
		name   string
		tamper func(id string)
		seq    int64
		damage audit.Damage
	}{
		{"id", func(id string) { db.exec(t, "UPDATE audit SET id = 'x' WHERE id = ?", id) }, 2, audit.Changed},
		{"once", func(id string) { db.exec(t, "UPDATE audit SET once = 'x' WHERE id = ?", id) }, 2, audit.Changed},
		{"place", func(id string) { db.exec(t, "UPDATE audit SET place = 'x' WHERE id = ?", id) }, 2, audit.Changed},
		{"tenant", func(id string) { db.exec(t, "UPDATE audit SET tenant = 'x' WHERE id = ?", id) }, 2, audit.Removed},
		{"kind", func(id string) { db.exec(t, "UPDATE audit SET kind = 'x' WHERE id = ?", id) }, 2, audit.Changed},
		{"seq", func(id string) { db.exec(t, "UPDATE audit SET seq = 9 WHERE id = ?", id) }, 2, audit.Removed},
		{"no seq", func(id string) { db.exec(t, "UPDATE audit SET seq = NULL WHERE id = ?", id) }, 1, audit.Changed},
		{"time", func(id string) { db.exec(t, "UPDATE audit SET time = 0 WHERE id = ?", id) }, 2, audit.Changed},
		{"document", func(id string) { db.exec(t, "UPDATE audit SET doc = x'00' WHERE id = ?", id) }, 2, audit.Changed},
		{"tenant of the document", func(id string) {
			db.setDocument(t, audittest.Records, id, bson.D{{Key: "tenant", Value: "x"}})
		}, 2, audit.Changed},
		{"number of the document", func(id string) {
			db.setDocument(t, audittest.Records, id, bson.D{{Key: "seq", Value: int64(3)}})
		}, 2, audit.Changed},
	} {
		tenant := fmt.Sprintf("t%02d", i)
		log := sqlite.NewAuditLog(db.db, audittest.Key(t))
		for n := range 3 {
			if err := log.Append(t.Context(), audittest.NewRecord(tenant, fmt.Sprint(tenant, n+1))); err != nil {
				t.Fatal(err)
			}
		}
		c.tamper(tenant + "2")
		r, err := log.Verify(t.Context(), tenant, nil)
		if err != nil || r.Fault == nil || r.Fault.Seq != c.seq || r.Fault.Damage != c.damage {
			t.Errorf("%s: %+v, %v, want %s at %d", c.name, r.Fault, err, c.damage, c.seq)
		}
	}
}

// A head that somebody changes or removes while the server runs stays as it is.
func TestInvalidHeadOfRunningServer(t *testing.T) {
	t.Parallel()
	db := openAudit(t)
	for name, tamper := range map[string]func(id string){
		"changed": func(id string) { db.Set(t, audittest.Heads, id, bson.D{{Key: "before", Value: int64(5)}}) },
		"removed": func(id string) { db.Remove(t, audittest.Heads, id) },
		"removed with the records": func(id string) {
			db.Remove(t, audittest.Heads, id)
			db.Remove(t, audittest.Records, id[len("chain:"):]+"1")
		},
	} {
		log := sqlite.NewAuditLog(db.db, audittest.Key(t))
		if err := log.Append(t.Context(), audittest.NewRecord(name, name+"1")); err != nil {
			t.Fatal(err)
		}
		tamper("chain:" + name)
		head := db.Read(t, audittest.Heads, "chain:"+name)
		if err := log.Append(t.Context(), audittest.NewRecord(name, name+"2")); err != nil {
			t.Fatal(err)
		}
		if now := db.Read(t, audittest.Heads, "chain:"+name); !slices.Equal(now, head) {
			t.Errorf("%s: the head is now %v", name, now)
		}
		if r, err := log.Verify(t.Context(), name, nil); err != nil || r.Fault == nil {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// Many goroutines append, and some calls are cancelled. A record whose append succeeded
// is stored, each record is stored at most once, and the chains are intact.
func TestConcurrentAppends(t *testing.T) {
	t.Parallel()
	const goroutines, calls = 8, 60
	isCancelled := func(call int) bool { return call%4 == 3 }
	db := openAudit(t)
	log := sqlite.NewAuditLog(db.db, audittest.Key(t))
	tenants := []string{"", "daily", "weekly"}
	var all sync.WaitGroup
	var mu sync.Mutex
	written := map[string]bool{}
	for g := range goroutines {
		all.Go(func() {
			for i := range calls {
				ctx, cancel := context.WithCancel(t.Context())
				if isCancelled(i) {
					go cancel()
				}
				var records []audit.Record
				for n := range i%3 + 1 {
					r := audittest.NewRecord(tenants[(g+n)%3], fmt.Sprintf("%d-%02d-%d", g, i, n))
					records = append(records, r)
				}
				shared := audittest.NewRecord("daily", fmt.Sprintf("%d-%02d-shared", g, i))
				shared.DedupKey = fmt.Sprint(i)
				err := log.Append(ctx, append(records, shared)...)
				cancel()
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				mu.Lock()
				for _, r := range records {
					written[r.ID] = err == nil
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	found, shared := map[string]bool{}, map[string]bool{}
	for _, tenant := range tenants {
		r, err := log.Verify(t.Context(), tenant, nil)
		if err != nil || r.Fault != nil || r.Ahead != 0 {
			t.Errorf("%q: %+v, %v, %v", tenant, r, r.Fault, err)
		}
		list, err := log.Records(t.Context(), tenant, audit.Query{Limit: 10_000})
		if err != nil || int64(len(list)) != r.Records {
			t.Errorf("%q: %d records, %v, want %d", tenant, len(list), err, r.Records)
		}
		for _, r := range list {
			switch {
			case r.DedupKey == "":
				found[r.ID] = true
			case shared[r.DedupKey]:
				t.Errorf("two records have the DedupKey %q", r.DedupKey)
			default:
				shared[r.DedupKey] = true
			}
		}
	}
	for id, ok := range written {
		if ok && !found[id] {
			t.Errorf("record %s is not stored", id)
		}
	}
	for id := range found {
		if _, ok := written[id]; !ok {
			t.Errorf("record %s is of nobody", id)
		}
	}
	for i := range calls {
		if !shared[fmt.Sprint(i)] && !isCancelled(i) {
			t.Errorf("no record has the DedupKey %d", i)
		}
	}
}

// A record that cannot be stored fails the calls of its batch, and leaves no record and no gap.
func TestFailedAppendLeavesNoGap(t *testing.T) {
	t.Parallel()
	db := openAudit(t)
	log := sqlite.NewAuditLog(db.db, audittest.Key(t))
	first, second, third := audittest.NewRecord("daily", "1"), audittest.NewRecord("daily", "2"), audittest.NewRecord("daily", "3")
	if err := log.Append(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := log.Append(t.Context(), second, first); err == nil {
		t.Error("a second record with the same id was stored")
	}
	if err := log.Append(t.Context(), third); err != nil {
		t.Fatal(err)
	}
	r, err := log.Verify(t.Context(), "daily", nil)
	if err != nil || r.Fault != nil || r.Records != 2 || !r.Last.Equal(third.Time) {
		t.Errorf("%+v, %v, %v", r, r.Fault, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := log.Append(ctx); err != nil {
		t.Error(err)
	}
}
