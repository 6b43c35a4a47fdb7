package sqlite

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/stored"
)

// Tenants returns the tenants that have audit records or a chain, sorted. "" stands for records
// without a tenant.
func (l *AuditLog) Tenants(ctx context.Context) ([]string, error) {
	var tenants []string
	err := l.db.control.read(ctx, func(c *conn) error {
		err := c.query("SELECT DISTINCT tenant FROM audit", func(r *row) error {
			tenants = append(tenants, r.ColumnText(0))
			return nil
		})
		if err != nil {
			return err
		}
		return c.query("SELECT doc FROM audit_heads", func(r *row) error {
			if tenant, ok := bson.Raw(r.bytes(0)).Lookup("tenant").StringValueOK(); ok {
				tenants = append(tenants, tenant)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list the tenants of the audit log: %w", err)
	}
	slices.Sort(tenants)
	return slices.Compact(tenants), nil
}

// Verify checks the chain of a tenant, and that the chain contains the anchor unless that is nil.
// It checks one state of the log; records may be appended meanwhile.
func (l *AuditLog) Verify(ctx context.Context, tenant string, expect *audit.Anchor) (report audit.Report, err error) {
	err = l.db.control.read(ctx, func(c *conn) error {
		head, err := readAuditHead(c, tenant)
		if err != nil {
			return err
		}
		report, err = l.key.Verify(head, auditEntries(c, tenant), expect)
		return err
	})
	if err != nil {
		return audit.Report{}, fmt.Errorf("verify the audit log: %w", err)
	}
	return report, nil
}

// auditEntries reads all records of a tenant, those outside the chain first.
func auditEntries(c *conn, tenant string) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		err := c.query("SELECT doc, id, once, place, tenant, kind, seq, time FROM audit WHERE tenant = ? ORDER BY seq", func(r *row) error {
			if !yield(auditEntry(r), nil) {
				return errEnough
			}
			return nil
		}, tenant)
		if err != nil && !errors.Is(err, errEnough) {
			yield(audit.Entry{}, fmt.Errorf("read the audit log: %w", err))
		}
	}
}

// auditEntry decodes a row, and compares its columns with the document: queries use the columns.
func auditEntry(r *row) (e audit.Entry) {
	var d stored.PositionedAuditRecord
	if err := bson.Unmarshal(r.bytes(0), &d); err != nil {
		e.Unreadable = true
		return e
	}
	e.Record = d.Record.Record()
	e.Misplaced = d.Misplaced() || r.ColumnText(1) != e.ID || r.ColumnText(2) != e.DedupKey || r.ColumnText(3) != d.Position ||
		r.ColumnText(4) != e.Tenant || r.ColumnText(5) != string(e.Kind) || r.ColumnInt64(6) != e.Seq || r.ColumnInt64(7) != e.Time.UnixMilli()
	return e
}
