package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Users reads tenants' users.
type Users struct {
	documents
	db *DB
}

var _ browse.Source = (*Users)(nil)

// NewUsers returns the users in db.
func NewUsers(db *DB) *Users {
	return &Users{documents: documents{conns: db, table: usersTable, noun: "users"}, db: db}
}

// Events reads tenants' state events. The order of the ids is the order of the events' times.
type Events struct{ documents }

var _ pipeline.Documents = (*Events)(nil)

// NewEvents returns the state events in db.
func NewEvents(db *DB) *Events {
	return &Events{documents{conns: db, table: eventsTable, noun: "state events"}}
}

// MatchingIDs implements pipeline.Users.
func (d documents) MatchingIDs(ctx context.Context, tenant string, s filter.Selection, ids []string) (map[string]struct{}, error) {
	matching := make(map[string]struct{}, len(ids))
	err := d.read(ctx, tenant, func(l *lease) error {
		return l.documents(ctx, "SELECT doc FROM users WHERE id IN (SELECT value FROM json_each(?))", func(doc bson.Raw) error {
			if s.Matches(doc) {
				matching[doc.Lookup("_id").StringValue()] = struct{}{}
			}
			return nil
		}, jsonList(ids))
	})
	if err != nil {
		return nil, err
	}
	return matching, nil
}

const userByID = "SELECT doc FROM users WHERE id = ?"

// Document implements browse.Source.
func (u *Users) Document(ctx context.Context, tenant, id string) (doc bson.Raw, err error) {
	err = u.read(ctx, tenant, func(l *lease) error {
		return l.query(userByID, func(r *row) error { doc = r.bytes(0); return nil }, id)
	})
	if err == nil && doc == nil {
		err = errs.Errorf(errs.CodeNotFound, "There is no user with this ID.")
	}
	return doc, err
}

// Find implements browse.Source.
func (u *Users) Find(ctx context.Context, tenant string, s filter.Selection, w browse.Window) (found []bson.Raw, err error) {
	err = u.read(ctx, tenant, func(l *lease) error {
		p, err := u.plan(l, s)
		if err != nil {
			return err
		}
		found, err = find(ctx, l, p, w)
		return err
	})
	return found, err
}

// errEnough ends a query whose further rows are not needed.
var errEnough = errors.New("enough rows")

func find(ctx context.Context, l *lease, p plan, w browse.Window) (found []bson.Raw, err error) {
	if w.Sequential && p.look == p.span { // a look-up of identifiers stays one
		p.look = ""
	}
	var conditions []string
	args := p.args
	if w.After != nil {
		conditions, args = append(conditions, "id > ?"), append(args, *w.After)
	}
	if w.Before != nil {
		conditions, args = append(conditions, "id < ?"), append(args, *w.Before)
	}
	direction := ""
	if w.Backwards {
		direction = " DESC"
	}
	return collect(ctx, l, p, p.ordered("doc", direction, conditions...), args, w.Skip, w.Limit)
}

// collect returns the documents of a plan that a statement reads, without the first skip of them and
// at most limit (0: all).
func collect(ctx context.Context, l *lease, p plan, statement string, args []any, skip, limit int64) (found []bson.Raw, err error) {
	if p.exact() { // SQLite skips without reading documents
		statement += " LIMIT ? OFFSET ?"
		args = append(slices.Clip(args), orAll(limit), skip)
		skip = 0
	}
	err = l.documents(ctx, statement, func(doc bson.Raw) error {
		if !p.selected(doc) {
			return nil
		}
		if skip > 0 {
			skip--
			return nil
		}
		if found = append(found, append(bson.Raw(nil), doc...)); int64(len(found)) == limit {
			return errEnough
		}
		return nil
	}, args...)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

// orAll returns the LIMIT of SQL for a limit that may be 0: none.
func orAll(limit int64) int64 {
	if limit == 0 {
		return -1
	}
	return limit
}

// Catalog implements browse.Source.
func (u *Users) Catalog(tenant string) filter.Catalog {
	return catalog{u.documents, tenant}
}

// catalog implements filter.Catalog. It reads all accounts or products, which are few.
type catalog struct {
	documents
	tenant string
}

// AccountIDs implements filter.Catalog.
func (f catalog) AccountIDs(ctx context.Context, match filter.Condition, limit int) ([]string, error) {
	return f.ids(ctx, "accounts", match, limit)
}

// ProductIDs implements filter.Catalog.
func (f catalog) ProductIDs(ctx context.Context, match filter.Condition, limit int) ([]string, error) {
	return f.ids(ctx, "products", match, limit)
}

// ids returns the ids of the documents of a table that match, at most limit.
func (f catalog) ids(ctx context.Context, table string, match filter.Condition, limit int) (ids []string, err error) {
	ids = []string{}
	err = f.read(ctx, f.tenant, func(l *lease) error {
		return l.documents(ctx, "SELECT doc FROM "+table+" ORDER BY id", func(doc bson.Raw) error {
			if match != nil && !match.Matches(doc) {
				return nil
			}
			if ids = append(ids, doc.Lookup("_id").StringValue()); len(ids) == limit {
				return errEnough
			}
			return nil
		})
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("find %s: %w", table, err)
	}
	return ids, nil
}

// Account implements browse.Source.
func (u *Users) Account(ctx context.Context, tenant, id string) (a users.Account, err error) {
	found := false
	err = u.read(ctx, tenant, func(l *lease) error {
		return l.documents(ctx, "SELECT doc FROM accounts WHERE id = ?", func(doc bson.Raw) (err error) {
			found = true
			a, err = decodeAccount(doc)
			return err
		}, id)
	})
	if err == nil && !found {
		err = errs.Errorf(errs.CodeNotFound, "There is no account with this ID.")
	}
	return a, err
}

func decodeAccount(doc bson.Raw) (a users.Account, err error) {
	if err := bson.Unmarshal(doc, &a); err != nil {
		return a, fmt.Errorf("decode an account: %w", err)
	}
	return a, nil
}

// FindAccounts implements browse.Source.
func (u *Users) FindAccounts(
	ctx context.Context, tenant string, match filter.Condition, skip, limit int64,
) (found []users.Account, total int64, err error) {
	found = []users.Account{}
	add := func(doc bson.Raw) error {
		a, err := decodeAccount(doc)
		found = append(found, a)
		return err
	}
	err = u.read(ctx, tenant, func(l *lease) error {
		if match != nil {
			return l.documents(ctx, "SELECT doc FROM accounts ORDER BY id", func(doc bson.Raw) error {
				if !match.Matches(doc) {
					return nil
				}
				if total++; total <= skip || limit > 0 && total > skip+limit {
					return nil
				}
				return add(doc)
			})
		}
		if total, err = l.integer("SELECT count(*) FROM accounts"); err != nil {
			return err
		}
		return l.documents(ctx, "SELECT doc FROM accounts ORDER BY id LIMIT ? OFFSET ?", add, orAll(limit), skip)
	})
	if err != nil {
		return nil, 0, err
	}
	return found, total, nil
}

// Writes implements browse.Source.
func (u *Users) Writes(tenant string) uint64 { return u.db.userWriteCount(tenant) }
