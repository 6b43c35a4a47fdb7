package importer

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// memory is a Writer that keeps everything, and checks that users come after what they refer to.
type memory struct {
	schema   users.Schema
	titles   map[string]string // "<kind> <id>"
	registry map[string]bool
	users    map[string]users.User
	batches  []int
	fail     error // of WriteUsers
}

func newMemory(schema ...users.Field) *memory {
	return &memory{schema: schema, titles: map[string]string{}, registry: map[string]bool{}, users: map[string]users.User{}}
}

func (m *memory) Schema(context.Context, string) (users.Schema, error) { return m.schema, nil }

func (m *memory) PutSchema(_ context.Context, _ string, fields users.Schema) error {
	m.schema = append(slices.Clone(m.schema), fields...)
	return m.schema.Validate()
}

func (m *memory) add(kind, id, title string) int {
	old, there := m.titles[kind+" "+id]
	if !there || old == id {
		m.titles[kind+" "+id] = title
	}
	if there {
		return 0
	}
	return 1
}

func (m *memory) AddStores(_ context.Context, _ string, list []users.Store) (n int, err error) {
	for _, s := range list {
		n += m.add("store", s.ID, s.Title)
	}
	return n, nil
}

func (m *memory) AddProducts(_ context.Context, _ string, list []users.Product) (n int, err error) {
	for _, p := range list {
		n += m.add("product", p.ID, p.Label)
	}
	return n, nil
}

func (m *memory) AddAccounts(_ context.Context, _ string, list []users.Account) (n int, err error) {
	for _, a := range list {
		n += m.add("account", a.ID, a.Name)
	}
	return n, nil
}

func (m *memory) AddRegistry(_ context.Context, _ string, r users.Registry) error {
	for _, name := range slices.Concat(r.ForeignSystems, r.AppIDs) {
		m.registry[name] = true
	}
	return nil
}

func (m *memory) WriteUsers(_ context.Context, _ string, docs []bson.Raw) (created int, err error) {
	if m.fail != nil {
		return 0, m.fail
	}
	m.batches = append(m.batches, len(docs))
	inBatch := map[string]bool{}
	for _, doc := range docs {
		u, err := users.Decode(doc)
		if err != nil {
			return created, err
		}
		if inBatch[u.ID] {
			return created, errors.New("a batch holds a user twice")
		}
		inBatch[u.ID] = true
		if err := m.ready(u); err != nil {
			return created, err
		}
		if _, there := m.users[u.ID]; !there {
			created++
		}
		m.users[u.ID] = u
	}
	return created, nil
}

func (m *memory) ready(u users.User) error {
	if _, ok := m.titles["store "+u.StoreID]; !ok {
		return errors.New("store missing: " + u.StoreID)
	}
	for system := range u.ForeignKeys {
		if !m.registry[system] {
			return errors.New("system missing: " + system)
		}
	}
	for app := range u.ExtendedProfiles {
		if !m.registry[app] {
			return errors.New("app missing: " + app)
		}
	}
	for _, id := range u.AccountIDs {
		if _, ok := m.titles["account "+id]; !ok {
			return errors.New("account missing: " + id)
		}
	}
	for _, g := range u.Grants {
		if _, ok := m.titles["product "+g.ProductID]; !ok && g.ProductID != "" {
			return errors.New("product missing: " + g.ProductID)
		}
	}
	return nil
}

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// load imports text that is expected to be readable, and returns the refusals.
func load(t *testing.T, m *memory, text string, o Options) (Report, []Refusal) {
	t.Helper()
	var refusals []Refusal
	o.Refused = func(r Refusal) { refusals = append(refusals, r) }
	rep, err := Run(testContext(t), m, "t", Bytes([]byte(text)), o)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Read != rep.Created+rep.Updated+rep.Refused || rep.Refused != int64(len(refusals)) {
		t.Errorf("the report does not add up: %+v, %d refusals", rep, len(refusals))
	}
	return rep, refusals
}

func wantBroken(t *testing.T, err error, field, reason string) {
	t.Helper()
	e, ok := errors.AsType[*export.Error](err)
	if !ok || e.Code != export.CodeInvalid || e.Field != field || e.Message != reason {
		t.Errorf("error %v, want %s: %s", err, field, reason)
	}
}
