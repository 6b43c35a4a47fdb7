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

// pile is documents that are written together, each id once.
type pile struct {
	docs     []bson.Raw
	at       map[string]int // the place of each id among docs
	bytes    int
	repeated int64 // documents that a later one of the pile replaced
}

func newPile() *pile { return &pile{at: make(map[string]int, batchDocs)} }

func (p *pile) full() bool { return len(p.docs) >= batchDocs || p.bytes >= batchBytes }

func (p *pile) put(id string, doc bson.Raw) {
	p.bytes += len(doc)
	if i, again := p.at[id]; again { // the writes of a pile have no order, so the last wins here
		p.bytes -= len(p.docs[i])
		p.docs[i] = doc
		p.repeated++
		return
	}
	p.at[id] = len(p.docs)
	p.docs = append(p.docs, doc)
}

// written counts the pile in a report, of which created documents were new.
func (p *pile) written(r *Report, created int) {
	r.Created += int64(created)
	r.Updated += int64(len(p.docs)-created) + p.repeated
}

// batch is users that are written together, and what has to be there before them.
type batch struct {
	*pile

	stores, products, accounts map[string]string // titles by id; "" where none is known
	systems, apps              map[string]string
}

func newBatch() *batch {
	return &batch{
		pile: newPile(), stores: map[string]string{}, products: map[string]string{},
		accounts: map[string]string{}, systems: map[string]string{}, apps: map[string]string{},
	}
}

func (b *batch) add(rec record, doc bson.Raw) {
	u := rec.user
	b.put(u.ID, doc)
	mention(b.stores, u.StoreID)
	for _, g := range u.Grants {
		mention(b.products, g.ProductID)
	}
	for _, id := range u.AccountIDs {
		mention(b.accounts, id)
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

func mention(titles map[string]string, id string) {
	if _, there := titles[id]; !there && id != "" {
		titles[id] = ""
	}
}

// writer writes batches. It remembers what is there already.
type writer struct {
	w      Writer
	tenant string
	report *Report

	stores, products, accounts, systems, apps seen
}

// write writes what users need first, then the users.
func (w *writer) write(ctx context.Context, b *batch) error {
	stores := fresh(&w.stores, b.stores, func(id, title string) users.Store { return users.Store{ID: id, Title: title} })
	n, err := call(ctx, stores, w.tenant, w.w.AddStores)
	if err != nil {
		return fmt.Errorf("write user stores: %w", err)
	}
	w.report.Stores += n
	products := fresh(&w.products, b.products, func(id, label string) users.Product { return users.Product{ID: id, Label: label} })
	if n, err = call(ctx, products, w.tenant, w.w.AddProducts); err != nil {
		return fmt.Errorf("write products: %w", err)
	}
	w.report.Products += n
	accounts := fresh(&w.accounts, b.accounts, func(id, name string) users.Account { return users.Account{ID: id, Name: name} })
	if n, err = call(ctx, accounts, w.tenant, w.w.AddAccounts); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	w.report.Accounts += n
	name := func(name, _ string) string { return name }
	registry := users.Registry{ForeignSystems: fresh(&w.systems, b.systems, name), AppIDs: fresh(&w.apps, b.apps, name)}
	if len(registry.ForeignSystems)+len(registry.AppIDs) > 0 {
		if err := w.w.AddRegistry(ctx, w.tenant, registry); err != nil {
			return fmt.Errorf("write registry: %w", err)
		}
	}
	created, err := w.w.WriteUsers(ctx, w.tenant, b.docs)
	if err != nil {
		return fmt.Errorf("write users: %w", err)
	}
	b.written(w.report, created)
	return nil
}

func call[T any](ctx context.Context, list []T, tenant string, add func(context.Context, string, []T) (int, error)) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	return add(ctx, tenant, list)
}

// seen remembers titles by id, so that each is written once. It is emptied when it is full: writing again does no harm.
type seen struct{ titles map[string]string }

const maxSeen = 50_000

// fresh returns what was not seen yet, sorted by id. What has no title takes its id for one.
func fresh[T any](s *seen, titles map[string]string, item func(id, title string) T) []T {
	var list []T
	for _, id := range slices.Sorted(maps.Keys(titles)) {
		title := titles[id]
		if old, there := s.titles[id]; there && (title == "" || title == old) {
			continue
		}
		if s.titles == nil || len(s.titles) >= maxSeen {
			s.titles = map[string]string{}
		}
		s.titles[id] = title
		list = append(list, item(id, cmp.Or(title, id)))
	}
	return list
}
