package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/stored"
)

// Outbox stores the e-mails of all tenants in the control file, for servers that send none.
type Outbox struct {
	db   *DB
	size int // maximum number of e-mails per tenant
}

// NewOutbox returns the outbox of db.
func NewOutbox(db *DB) Outbox { return Outbox{db, stored.OutboxSize} }

var messageTable = table[stored.Message]{
	name:    "outbox",
	id:      func(d *stored.Message) string { return d.ID },
	columns: []string{"tenant", "user_id", "key"},
	values:  func(d *stored.Message) []any { return []any{d.Tenant, d.UserID, d.Key} },
}

// StoreMessage stores a message, unless one with its ID exists, and deletes the tenant's messages
// that are too old or too many.
func (o Outbox) StoreMessage(ctx context.Context, m *export.Message) error {
	err := o.db.control.write(ctx, func(c *conn) error {
		if err := messageTable.insert(c, stored.NewMessage(m)); err != nil {
			return err
		}
		last, err := c.text("SELECT key FROM outbox WHERE tenant = ? ORDER BY key DESC LIMIT 1 OFFSET ?", m.Tenant, o.size-1)
		if err != nil {
			return err
		}
		_, err = messageTable.remove(c, "WHERE tenant = ? AND key < ?", m.Tenant, max(stored.OldestKey(m.Time), last))
		return err
	})
	if err != nil && !errors.Is(err, errDuplicate) {
		return fmt.Errorf("store an e-mail: %w", err)
	}
	return nil
}

// Messages returns at most limit e-mails of a tenant, newest first, without their bodies. A userID
// selects the e-mails of one admin; before selects those older than the one with that OutboxID. ""
// selects all.
func (o Outbox) Messages(ctx context.Context, tenant, userID, before string, limit int) ([]*export.Message, error) {
	clauses, args := "WHERE tenant = ?", []any{tenant}
	if userID != "" {
		clauses, args = clauses+" AND user_id = ?", append(args, userID)
	}
	if before != "" {
		clauses, args = clauses+" AND key < ?", append(args, before)
	}
	list := []*export.Message{}
	err := o.db.control.read(ctx, func(c *conn) error {
		docs, err := messageTable.find(c, clauses+" ORDER BY key DESC LIMIT ?", append(args, limit)...)
		for i := range docs {
			docs[i].Text, docs[i].HTML = "", ""
			list = append(list, docs[i].Message())
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list e-mails: %w", err)
	}
	return list, nil
}

// Message returns an e-mail of a tenant by its OutboxID, or errs.CodeNotFound.
func (o Outbox) Message(ctx context.Context, tenant, id string) (m *export.Message, err error) {
	err = o.db.control.read(ctx, func(c *conn) error {
		d, err := messageTable.first(c, "WHERE tenant = ? AND key = ?", tenant, id)
		if err == nil {
			m = d.Message()
		}
		return err
	})
	if errors.Is(err, errNone) {
		return nil, errs.Errorf(errs.CodeNotFound, "There is no such email.")
	}
	if err != nil {
		return nil, fmt.Errorf("read an e-mail: %w", err)
	}
	return m, nil
}
