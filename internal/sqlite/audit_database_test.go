package sqlite_test

import (
	"path/filepath"
	"slices"
	"testing"

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

func openAudit(t testing.TB) auditDatabase {
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
