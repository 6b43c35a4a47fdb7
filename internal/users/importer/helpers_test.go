package importer

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// memoryWriter is a Writer that keeps everything in memory. It checks that users are written after
// everything that they refer to.
type memoryWriter struct {
	schema   users.Schema
	titles   map[string]string // "<kind> <id>"
	registry map[string]bool
	users    map[string]users.User
	batches  []int
	fail     error // returned by WriteUsers
}

func newMemoryWriter(schema ...users.Field) *memoryWriter {
	return &memoryWriter{schema: schema, titles: map[string]string{}, registry: map[string]bool{}, users: map[string]users.User{}}
}

func (m *memoryWriter) Schema(context.Context, string) (users.Schema, error) { return m.schema, nil }

func (m *memoryWriter) PutSchema(_ context.Context, _ string, fields users.Schema) error {
	m.schema = mergeFields(m.schema, fields)
	return m.schema.Validate()
}

func (m *memoryWriter) ConvertField(_ context.Context, _ string, f users.Field) (n int64, err error) {
	for _, u := range m.users {
		if x, exists := u.Attributes[f.Slug]; exists {
			if _, text := x.(string); !text {
				u.Attributes[f.Slug] = users.Format(f.Type, x)
				n++
			}
		}
	}
	return n, nil
}

func (m *memoryWriter) add(kind, id, title string) int {
	old, exists := m.titles[kind+" "+id]
	if !exists || old == id {
		m.titles[kind+" "+id] = title
	}
	if exists {
		return 0
	}
	return 1
}

func (m *memoryWriter) AddStores(_ context.Context, _ string, list []users.Store) (n int, err error) {
	for _, s := range list {
		n += m.add("store", s.ID, s.Title)
	}
	return n, nil
}

func (m *memoryWriter) AddProducts(_ context.Context, _ string, list []users.Product) (n int, err error) {
	for _, p := range list {
		n += m.add("product", p.ID, p.Label)
	}
	return n, nil
}

func (m *memoryWriter) AddAccounts(_ context.Context, _ string, list []users.Account) (n int, err error) {
	for _, a := range list {
		n += m.add("account", a.ID, a.Name)
	}
	return n, nil
}

func (m *memoryWriter) AddRegistry(_ context.Context, _ string, r users.Registry) error {
	for _, name := range slices.Concat(r.ForeignSystems, r.AppIDs) {
		m.registry[name] = true
	}
	return nil
}

func (m *memoryWriter) WriteUsers(_ context.Context, _ string, docs []bson.Raw) (created int, err error) {
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
			return created, errors.New("a batch contains a user twice")
		}
		inBatch[u.ID] = true
		if err := m.checkReferences(u); err != nil {
			return created, err
		}
		if _, exists := m.users[u.ID]; !exists {
			created++
		}
		m.users[u.ID] = u
	}
	return created, nil
}

func (m *memoryWriter) checkReferences(u users.User) error {
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

// mustImport imports well-formed text and returns the report and the refusals.
func mustImport(t *testing.T, m *memoryWriter, text string, o Options) (Report, []Refusal) {
	t.Helper()
	var refusals []Refusal
	o.OnRefusal = func(r Refusal) { refusals = append(refusals, r) }
	rep, err := Run(testContext(t), m, "t", Bytes([]byte(text)), o)
	if err != nil {
		t.Fatal(err)
	}
	ofUsers := slices.DeleteFunc(slices.Clone(refusals), func(r Refusal) bool { return r.Skipped != SkippedUser })
	if rep.Read != rep.Created+rep.Updated+rep.Refused || rep.SkippedValues != int64(len(refusals)-len(ofUsers)) || rep.Refused > int64(len(ofUsers)) {
		t.Errorf("inconsistent counts in report %+v, refusals %+v", rep, refusals)
	}
	return rep, refusals
}

func wantSyntaxError(t *testing.T, err error, field, reason string) {
	t.Helper()
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Code != errs.CodeInvalidRequest || e.Field != field || e.Message != reason {
		t.Errorf("error %v, want %s: %s", err, field, reason)
	}
}
