package importer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

// batch is a set of documents to write together, each id once.
type batch struct {
	size     batchSize
	docs     []bson.Raw
	index    map[string]int // the index of each id in docs
	bytes    int
	replaced int64 // documents that a later one of the batch replaced
}

func newBatch(size batchSize) *batch {
	return &batch{size: size, index: make(map[string]int, min(size.docs, batchDocs))}
}

func (b *batch) full() bool { return len(b.docs) >= b.size.docs || b.bytes >= b.size.bytes }

// batchSize is the size of a full batch.
type batchSize struct{ docs, bytes int }

// sizeFor returns the size of the batches for a writer: its BatchSize, if it has one.
func sizeFor(writer any) batchSize {
	if w, ok := writer.(BatchSizer); ok {
		docs, bytes := w.BatchSize()
		return batchSize{docs, bytes}
	}
	return batchSize{batchDocs, batchBytes}
}

// first returns the size of the first batch, from which the batches of an import grow: the writer
// starts early, while there is little that a small batch would write again.
func (s batchSize) first() batchSize { return batchSize{min(s.docs, batchDocs), s.bytes} }

// next returns the size of the batch after one of size s. The largest size is limit.
func (s batchSize) next(limit batchSize) batchSize {
	return batchSize{min(2*s.docs, limit.docs), limit.bytes}
}

// put adds a document. It replaces an earlier one with the same id: the writes of a batch have no
// order.
func (b *batch) put(id string, doc bson.Raw) {
	b.bytes += len(doc)
	if i, exists := b.index[id]; exists {
		b.bytes -= len(b.docs[i])
		b.docs[i] = doc
		b.replaced++
		return
	}
	b.index[id] = len(b.docs)
	b.docs = append(b.docs, doc)
}

// addTo adds the written batch to a report. created is the number of new documents.
func (b *batch) addTo(r *Report, created int) {
	r.Created += int64(created)
	r.Updated += int64(len(b.docs)-created) + b.replaced
}

// userBatch is a batch of users with everything that they refer to.
type userBatch struct {
	*batch

	stores, products, accounts map[string]string // titles by id; "" if unknown
	systems, apps              map[string]string // used as sets
}

func newUserBatch(size batchSize) *userBatch {
	return &userBatch{
		batch: newBatch(size), stores: map[string]string{}, products: map[string]string{},
		accounts: map[string]string{}, systems: map[string]string{}, apps: map[string]string{},
	}
}

func (b *userBatch) add(rec record, doc bson.Raw) {
	u := rec.user
	b.put(u.ID, doc)
	addID(b.stores, u.StoreID)
	for _, g := range u.Grants {
		addID(b.products, g.ProductID)
	}
	for _, id := range u.AccountIDs {
		addID(b.accounts, id)
	}
	for _, s := range rec.stores {
		b.stores[s.ID] = s.Title
	}
	for _, p := range rec.products {
		b.products[p.ID] = p.Label
	}
	for _, a := range rec.accounts {
		b.accounts[a.ID] = a.Name
	}
	for system := range u.ForeignKeys {
		b.systems[system] = ""
	}
	for app := range u.ExtendedProfiles {
		b.apps[app] = ""
	}
}

func addID(titles map[string]string, id string) {
	if _, exists := titles[id]; !exists && id != "" {
		titles[id] = ""
	}
}

// userWriter writes batches of users. It caches the ids of what it has written.
type userWriter struct {
	dest   Writer
	tenant string
	report *Report

	stores, products, accounts, systems, apps titleCache
}

// writeBatch writes everything that the users refer to, and then the users.
func (w *userWriter) writeBatch(ctx context.Context, b *userBatch) error {
	stores := unseen(&w.stores, b.stores, func(id, title string) users.Store { return users.Store{ID: id, Title: title} })
	n, err := addAll(ctx, stores, w.tenant, w.dest.AddStores)
	if err != nil {
		return fmt.Errorf("write user stores: %w", err)
	}
	w.report.Stores += n
	products := unseen(&w.products, b.products, func(id, label string) users.Product { return users.Product{ID: id, Label: label} })
	if n, err = addAll(ctx, products, w.tenant, w.dest.AddProducts); err != nil {
		return fmt.Errorf("write products: %w", err)
	}
	w.report.Products += n
	accounts := unseen(&w.accounts, b.accounts, func(id, name string) users.Account { return users.Account{ID: id, Name: name} })
	if n, err = addAll(ctx, accounts, w.tenant, w.dest.AddAccounts); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	w.report.Accounts += n
	name := func(name, _ string) string { return name }
	registry := users.Registry{ForeignSystems: unseen(&w.systems, b.systems, name), AppIDs: unseen(&w.apps, b.apps, name)}
	if len(registry.ForeignSystems)+len(registry.AppIDs) > 0 {
		if err := w.dest.AddRegistry(ctx, w.tenant, registry); err != nil {
			return fmt.Errorf("write registry: %w", err)
		}
	}
	created, err := w.dest.WriteUsers(ctx, w.tenant, b.docs)
	if err != nil {
		return fmt.Errorf("write users: %w", err)
	}
	b.addTo(w.report, created)
	return nil
}

func addAll[T any](ctx context.Context, list []T, tenant string, add func(context.Context, string, []T) (int, error)) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	return add(ctx, tenant, list)
}

// titleCache caches the titles that were written, by id, so that each is written once. It is
// cleared when it is full: writing a title again is harmless.
type titleCache struct{ titles map[string]string }

const maxCachedTitles = 50_000

// unseen returns the entries that are not in the cache, sorted by id, and adds them to it. An entry
// without a title gets its id as title.
func unseen[T any](s *titleCache, titles map[string]string, item func(id, title string) T) []T {
	var list []T
	for _, id := range slices.Sorted(maps.Keys(titles)) {
		title := titles[id]
		if old, exists := s.titles[id]; exists && (title == "" || title == old) {
			continue
		}
		if s.titles == nil || len(s.titles) >= maxCachedTitles {
			s.titles = map[string]string{}
		}
		s.titles[id] = title
		list = append(list, item(id, cmp.Or(title, id)))
	}
	return list
}
