package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// AuditLog stores the audit log in the control file. It appends and reads, and never changes or
// deletes records. A process creates one AuditLog.
type AuditLog struct {
	db  *DB
	key *audit.ChainKey

	mu        sync.Mutex
	pending   []*pendingAppend
	writeLock chan struct{} // a lock: the goroutine that writes has sent to it

	// The holder of writeLock uses the fields below.
	ends     map[string]audit.Anchor // the ends of the chains, by tenant, as this process last wrote them
	reported map[string]bool         // tenants whose invalid head was logged
}

var _ audit.Log = (*AuditLog)(nil)

// NewAuditLog returns the audit log of db, which chains records with key.
func NewAuditLog(db *DB, key *audit.ChainKey) *AuditLog {
	return &AuditLog{
		db: db, key: key, writeLock: make(chan struct{}, 1), ends: map[string]audit.Anchor{}, reported: map[string]bool{},
	}
}

// auditRecords reads records without their position, which only Verify needs.
var auditRecords = table[stored.AuditRecord]{name: "audit"}

// auditTable stores records. It takes the columns from encoded documents, so that a copy of the log
// can hold a record of which somebody changed the types: verify has to report it.
var auditTable = table[bson.Raw]{
	name:    "audit",
	id:      func(d *bson.Raw) string { return textOf(*d, "_id") },
	columns: []string{"once", "place", "tenant", "kind", "seq", "time"},
	values: func(d *bson.Raw) []any {
		var seq any
		if n, ok := d.Lookup("seq").AsInt64OK(); ok && n != 0 {
			seq = n
		}
		at, _ := d.Lookup("time").DateTimeOK()
		return []any{orNull(textOf(*d, "once")), orNull(textOf(*d, "place")), textOf(*d, "tenant"), textOf(*d, "kind"), seq, at}
	},
}

// textOf returns a field of a document, "" if it is missing or no text.
func textOf(doc bson.Raw, field string) string {
	s, _ := doc.Lookup(field).StringValueOK()
	return s
}

// Records returns a page of a tenant's records, newest first.
func (l *AuditLog) Records(ctx context.Context, tenant string, q audit.Query) ([]audit.Record, error) {
	list := []audit.Record{}
	statement, args := auditQuery(tenant, q)
	matches := auditSearch(q.Search)
	err := l.db.control.read(ctx, func(c *conn) error {
		return c.query(statement, func(r *row) error {
			doc := bson.Raw(r.bytes(0))
			if !matches(doc) {
				return nil
			}
			var d stored.AuditRecord
			if err := bson.Unmarshal(doc, &d); err != nil {
				return fmt.Errorf("decode an audit record: %w", err)
			}
			if list = append(list, d.Record()); len(list) == q.Limit {
				return errEnough
			}
			return nil
		}, args...)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("find in the audit log: %w", err)
	}
	return list, nil
}

// auditQuery returns the statement that finds the documents of a query, newest first, without its
// search and its limit.
func auditQuery(tenant string, q audit.Query) (statement string, args []any) {
	var b strings.Builder
	and := func(condition string, arg any) {
		b.WriteString(condition)
		args = append(args, arg)
	}
	and("SELECT doc FROM audit WHERE tenant = ?", tenant)
	if q.Before != "" {
		and(" AND id < ?", q.Before)
	}
	switch len(q.Kinds) {
	case 0:
	case 1: // an index has the records of one kind in their order
		and(" AND kind = ?", string(q.Kinds[0]))
	default:
		kinds := make([]string, len(q.Kinds))
		for i, kind := range q.Kinds {
			kinds[i] = string(kind)
		}
		and(" AND kind IN (SELECT value FROM json_each(?))", jsonList(kinds))
	}
	if !q.From.IsZero() {
		and(" AND time >= ?", q.From)
	}
	if !q.To.IsZero() {
		and(" AND time <= ?", q.To)
	}
	b.WriteString(" ORDER BY id DESC")
	return b.String(), args
}

// auditSearch returns whether a document contains the text of a search. It compares characters
// without their case, as package mongo does.
func auditSearch(text string) func(doc bson.Raw) bool {
	fold := func(s string) string { return strings.Map(users.FoldRune, s) }
	text = fold(text)
	return func(doc bson.Raw) bool {
		if text == "" {
			return true
		}
		for _, field := range []string{"email", "access_key", "subject", "words"} {
			if strings.Contains(fold(textOf(doc, field)), text) {
				return true
			}
		}
		return false
	}
}

// Follow implements audit.Log.
func (l *AuditLog) Follow(ctx context.Context, tenant, after string, limit int) (list []audit.Record, err error) {
	var docs []stored.AuditRecord
	err = l.db.control.read(ctx, func(c *conn) error {
		var last stored.AuditRecord
		if after != "" {
			found, err := auditRecords.first(c, "WHERE id = ? AND tenant = ?", after, tenant)
			if errors.Is(err, errNone) {
				return audit.ErrUnknownRecord
			}
			if err != nil {
				return err
			}
			last = *found
		}
		if last.Seq == 0 { // records older than the chain
			docs, err = auditRecords.find(c, "WHERE tenant = ? AND seq IS NULL AND id > ? ORDER BY id LIMIT ?", tenant, last.ID, limit)
			if err != nil {
				return err
			}
		}
		chained, err := auditRecords.find(c, "WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?", tenant, last.Seq, limit-len(docs))
		docs = append(docs, chained...)
		return err
	})
	if errors.Is(err, audit.ErrUnknownRecord) {
		return nil, audit.ErrUnknownRecord
	}
	if err != nil {
		return nil, fmt.Errorf("follow the audit log: %w", err)
	}
	list = make([]audit.Record, len(docs))
	for i, d := range docs {
		list[i] = d.Record()
	}
	return list, nil
}
