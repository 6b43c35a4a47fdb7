package browse

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Source reads tenants' users. mongo.Users and sqlite.Users implement it.
//
// Ids are ordered by their bytes. Documents whose ids are not strings are in no window.
type Source interface {
	pipeline.Users
	// Document returns the document of one user, or errs.CodeNotFound.
	Document(ctx context.Context, tenant, id string) (bson.Raw, error)
	// Find returns the selected users of a window, at most at the deadline of ctx. The caller owns
	// the documents.
	Find(ctx context.Context, tenant string, s filter.Selection, w Window) ([]bson.Raw, error)
	// FindSorted returns the selected users of a window in an order by a value, as users.Sort defines
	// it, at most at the deadline of ctx. It does not skip users, and it sorts only where a condition
	// leaves few. The caller owns the documents.
	FindSorted(ctx context.Context, tenant string, s filter.Selection, w SortedWindow) ([]bson.Raw, error)
	// SortValue returns the value of a document in such an order: Position.Value.
	SortValue(key users.SortKey, doc bson.Raw) any
	// Sample returns about n of a tenant's users, from places spread over all of them, for
	// estimates. It returns fewer if there are fewer users, or if they are large. Total is the number
	// of the tenant's users, which may be out of date. The caller owns the documents.
	Sample(ctx context.Context, tenant string, n int, total int64) ([]bson.Raw, error)
	// Catalog returns the look-up of a tenant's accounts and products, for filters.
	Catalog(tenant string) filter.Catalog
	// Account returns an account, or errs.CodeNotFound.
	Account(ctx context.Context, tenant, id string) (users.Account, error)
	// FindAccounts returns the accounts that match, ordered by id, without the first skip of them and
	// at most limit (0: all), and their total number. A nil match is all accounts.
	FindAccounts(ctx context.Context, tenant string, match filter.Condition, skip, limit int64) (found []users.Account, total int64, err error)
	// Writes returns how often this process has written users of a tenant. Another number makes
	// cached results stale.
	Writes(tenant string) uint64
}

// Window is a part of the selected users, in the order of their ids. The zero Window is all of them.
type Window struct {
	After     *string // only ids greater than this one; nil: no bound, so the id "" is included
	Before    *string // only ids less than this one; nil: no bound
	Backwards bool    // descending ids
	Skip      int64   // number of users to leave out, in the order of the window
	Limit     int64   // maximum number of users; 0: all
	// Sequential is set when the caller reads all selected users, one window after another. Then the
	// users are found in the order of their ids, not through another index.
	Sequential bool
}
