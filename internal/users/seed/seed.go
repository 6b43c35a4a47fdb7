package seed

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/importer"
)

const batchUsers = 1000

// Writer stores demo data.
type Writer interface {
	importer.Writer
	importer.EventWriter
}

// Run writes n users to each tenant, with their state events and everything that they refer to.
// Running it again replaces the same users. The states of their subscriptions are those at now, which is
// not before Epoch: Egress does not change a stored state when its time has passed. Some users registered
// on each of the last days before now. It calls progress, which may be nil, after each batch
// with the number of the tenant's users written so far. The tenants must exist.
func Run(ctx context.Context, w Writer, tenants []Tenant, n int, now time.Time, progress func(t Tenant, written int)) error {
	for _, t := range tenants {
		if err := seedTenant(ctx, w, t, n, now, func(written int) {
			if progress != nil {
				progress(t, written)
			}
		}); err != nil {
			return fmt.Errorf("seed %s: %w", t.ID, err)
		}
	}
	return nil
}

func seedTenant(ctx context.Context, w Writer, t Tenant, n int, now time.Time, progress func(int)) error {
	if err := w.PutSchema(ctx, t.ID, t.Schema); err != nil {
		return err
	}
	if _, err := w.AddStores(ctx, t.ID, t.Stores); err != nil {
		return err
	}
	if _, err := w.AddProducts(ctx, t.ID, t.Products); err != nil {
		return err
	}
	registry := users.Registry{ForeignSystems: []string{"crm", "legacy"}, AppIDs: []string{"newsletter.v2", "quiz1", "reader_survey"}}
	if err := w.AddRegistry(ctx, t.ID, registry); err != nil {
		return err
	}
	for from := 0; from < n; from += batchUsers {
		to := min(from+batchUsers, n)
		docs := make([]bson.Raw, 0, to-from)
		events := make([]bson.Raw, 0, 3*(to-from))
		accounts := map[string]users.Account{}
		for i := from; i < to; i++ {
			u, bought := userAt(t, i, now)
			doc, err := users.Encode(u)
			if err != nil {
				return err
			}
			docs = append(docs, doc)
			for e := range stateEvents(u) {
				event, err := users.EncodeStateEvent(e)
				if err != nil {
					return err
				}
				events = append(events, event)
			}
			for _, a := range bought {
				accounts[a.ID] = a
			}
		}
		sorted := slices.SortedFunc(maps.Values(accounts), func(a, b users.Account) int { return cmp.Compare(a.ID, b.ID) })
		if _, err := w.AddAccounts(ctx, t.ID, sorted); err != nil {
			return err
		}
		if _, err := w.WriteUsers(ctx, t.ID, docs); err != nil {
			return err
		}
		if _, err := w.WriteStateEvents(ctx, t.ID, events); err != nil {
			return err
		}
		progress(to)
	}
	return nil
}
