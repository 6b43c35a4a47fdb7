package browse

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// accountWindow is how many users of an account are in memory at a time.
const accountWindow = 500

// FindAccounts returns a page of a tenant's accounts, ordered by id, and their total number. If search
// is not "", it returns those whose name contains it, compared after users.Fold.
func (u *Users) FindAccounts(ctx context.Context, tenant, search string, skip, limit int64) (found []users.Account, total int64, err error) {
	var match filter.Condition
	if search != "" {
		match = filter.AccountsNamed(search)
	}
	return u.source.FindAccounts(ctx, tenant, match, skip, limit)
}

// Account returns an account, or errs.CodeNotFound.
func (u *Users) Account(ctx context.Context, tenant, id string) (users.Account, error) {
	return u.source.Account(ctx, tenant, id)
}

// AccountUsers returns the ids of the users of an account, ordered, without the first skip of them and
// at most limit, and whether more follow.
func (u *Users) AccountUsers(ctx context.Context, tenant, account string, skip, limit int64) (ids []string, more bool, err error) {
	err = u.eachUser(ctx, tenant, filter.InAccount(account), skip, func(id string, _ bson.Raw) (done bool, err error) {
		if more = int64(len(ids)) == limit; !more {
			ids = append(ids, id)
		}
		return more, nil
	})
	return ids, more, err
}

// AccountGrants returns the grants of an account, ordered by user and then as the user has them,
// without the first skip of them and at most limit, and whether more follow. Grant.UserID is the id
// of the user.
func (u *Users) AccountGrants(ctx context.Context, tenant, account string, skip, limit int64) (grants []users.Grant, more bool, err error) {
	p := itemPage{skip: skip, limit: limit}
	err = u.eachAccountGrant(ctx, tenant, account, func(g users.Grant) bool {
		if p.take() {
			grants = append(grants, g)
		}
		return p.more
	})
	return grants, p.more, err
}

// AccountGrant returns a grant of an account like AccountGrants, or errs.CodeNotFound.
func (u *Users) AccountGrant(ctx context.Context, tenant, account, id string) (grant users.Grant, err error) {
	found := false
	err = u.eachAccountGrant(ctx, tenant, account, func(g users.Grant) bool {
		if g.ID == id {
			grant, found = g, true
		}
		return found
	})
	if err == nil && !found {
		err = errs.Errorf(errs.CodeNotFound, "This account has no grant with this ID.")
	}
	return grant, err
}

// eachAccountGrant calls visit with the grants of an account until it returns true.
func (u *Users) eachAccountGrant(ctx context.Context, tenant, account string, visit func(users.Grant) (done bool)) error {
	return u.eachUser(ctx, tenant, filter.GrantedBy(account), 0, func(id string, doc bson.Raw) (done bool, err error) {
		user, err := users.Decode(doc)
		if err != nil {
			return false, err
		}
		for _, g := range user.Grants {
			if g.AccountID != account {
				continue
			}
			g.UserID = id
			if visit(g) {
				return true, nil
			}
		}
		return false, nil
	})
}

// eachUser calls visit with the users that a condition selects, ordered by id and without the first
// skip of them, until it returns true.
func (u *Users) eachUser(
	ctx context.Context, tenant string, where filter.Condition, skip int64, visit func(id string, doc bson.Raw) (done bool, err error),
) error {
	w := Window{Skip: skip, Limit: accountWindow}
	for {
		docs, err := u.source.Find(ctx, tenant, filter.Selection{Where: where}, w)
		if err != nil {
			return err
		}
		w.Skip = 0
		for _, doc := range docs {
			id := doc.Lookup("_id").StringValue() // a window has no other ids
			if done, err := visit(id, doc); done || err != nil {
				return err
			}
			w.After = &id
		}
		if len(docs) < accountWindow {
			return nil
		}
	}
}

// itemPage counts the items of a list, of which it takes limit after the first skip. more reports whether
// an item follows them.
type itemPage struct {
	skip, limit int64
	seen        int64
	more        bool
}

// take reports whether the next item belongs to the page.
func (p *itemPage) take() bool {
	p.seen++
	p.more = p.seen > p.skip+p.limit
	return !p.more && p.seen > p.skip
}
