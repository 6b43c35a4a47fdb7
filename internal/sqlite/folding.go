package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// upgradeTable holds what was done once for all documents of a tenant.
var upgradeTable = table[stored.FoldingMark]{name: "upgrades", id: func(m *stored.FoldingMark) string { return m.ID }}

// RunFolding folds the text of tenants whose text was folded with other Unicode tables, or not at
// all. It works on one tenant at a time while the server answers requests. It blocks until each
// tenant is done, retrying after errors, or until ctx ends.
func (w *UserWriter) RunFolding(ctx context.Context, tenants func(context.Context) ([]string, error), logger *slog.Logger) {
	users.RunFolding(ctx, tenants, func(ctx context.Context, tenant string) error { return w.foldTenantOnce(ctx, tenant, logger) }, logger)
}

// foldTenantOnce folds the text of a tenant, unless the mark shows that this was done.
func (w *UserWriter) foldTenantOnce(ctx context.Context, tenant string, logger *slog.Logger) error {
	if done, err := w.isFolded(ctx, tenant); done || err != nil {
		return err
	}
	logger.InfoContext(ctx, "folding the text of users", "tenant", tenant)
	changed, err := w.FoldTenant(ctx, tenant)
	if err != nil {
		return err
	}
	logger.InfoContext(ctx, "folded the text of users", "tenant", tenant, "changed", changed)
	return nil
}

// FoldTenant corrects the folded text of a tenant's users and accounts, and the columns with folded
// text, sets the mark, and returns the number of documents changed. Users may be written meanwhile.
func (w *UserWriter) FoldTenant(ctx context.Context, tenant string) (changed int64, err error) {
	changed, err = w.changeUsers(ctx, tenant, foldUser)
	if err != nil {
		return changed, fmt.Errorf("fold the text of users: %w", err)
	}
	accounts, err := w.foldAccounts(ctx, tenant)
	if err != nil {
		return changed, err
	}
	return changed + accounts, w.markFolded(ctx, tenant)
}

// foldUser returns a user's document with the right folded text. It is never nil: the columns may
// have been folded with other Unicode tables, even where the document needs no folded text.
func foldUser(doc bson.Raw) (bson.Raw, error) {
	corrected, err := correctFolding(doc, users.FoldedUser)
	if err != nil || corrected != nil {
		return corrected, err
	}
	return doc, nil
}

// foldAccounts corrects the folded text of a tenant's accounts, and returns the number of accounts
// changed.
func (w *UserWriter) foldAccounts(ctx context.Context, tenant string) (changed int64, err error) {
	err = w.db.writeTenant(ctx, tenant, func(c *conn) error {
		return c.query("SELECT rowid, doc FROM accounts ORDER BY rowid", func(r *row) error {
			doc, err := correctFolding(r.bytes(1), users.FoldedAccount)
			if err != nil || doc == nil {
				return err
			}
			changed++
			return c.exec("UPDATE accounts SET doc = ? WHERE rowid = ?", doc, r.ColumnInt64(0))
		})
	})
	if err != nil {
		return 0, fmt.Errorf("fold the text of accounts: %w", err)
	}
	return changed, nil
}

// correctFolding returns a document with the folded text that member derives from it, or nil if the
// document has it.
func correctFolding(doc bson.Raw, member func(bson.Raw) bson.D) (bson.Raw, error) {
	update, err := users.RefoldUpdate(doc, member(doc))
	if err != nil || update == nil {
		return nil, err
	}
	d, err := decodeDocument(doc)
	if err != nil {
		return nil, err
	}
	return encodeFolded(d, member)
}

// PrepareFolding sets the mark for a tenant without users and accounts: later ones get folded text
// when they are written. For other tenants it does nothing and leaves the work to RunFolding.
func (w *UserWriter) PrepareFolding(ctx context.Context, tenant string) error {
	return w.db.writeTenant(ctx, tenant, func(c *conn) error {
		exists, err := c.integer("SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM accounts)")
		if err != nil {
			return fmt.Errorf("find users and accounts: %w", err)
		}
		if exists != 0 {
			return nil
		}
		return putFoldingMark(c)
	})
}

func (w *UserWriter) markFolded(ctx context.Context, tenant string) error {
	return w.db.writeTenant(ctx, tenant, putFoldingMark)
}

func putFoldingMark(c *conn) error {
	mark := stored.NewFoldingMark()
	if err := upgradeTable.put(c, &mark); err != nil {
		return fmt.Errorf("mark folded text: %w", err)
	}
	return nil
}

func (w *UserWriter) isFolded(ctx context.Context, tenant string) (folded bool, err error) {
	err = w.db.readTenant(ctx, tenant, func(c *conn) error {
		mark, err := upgradeTable.get(c, stored.FoldingMarkID)
		if errors.Is(err, errNone) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the mark of folded text: %w", err)
		}
		folded = mark.Version == users.FoldingVersion
		return nil
	})
	return folded, err
}
