package importer

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// A tenant is created after the file was checked, and before anything is written.
func TestTenantIsCreatedForAValidFileOnly(t *testing.T) {
	t.Parallel()
	failed := errors.New("cannot create it")
	for name, tt := range map[string]struct {
		text  string
		o     Options
		fails error
		calls int
	}{
		"valid":          {text: `{"user_id":"a","attributes":{"x":1}}`, calls: 1},
		"truncated":      {text: `[{"user_id":"a"},`},
		"invalid value":  {text: `{"user_id":"a","registered":"soon"}`, o: Options{OnError: Stop}},
		"invalid store":  {text: `{"user_id":"a"}`, o: Options{DefaultStore: "\x00"}},
		"cannot create":  {text: `{"user_id":"a","attributes":{"x":1}}`, fails: failed, calls: 1},
		"value skipped":  {text: `{"user_id":"a","registered":"soon"}`, calls: 1},
		"several passes": {text: `{"user_id":"a"}`, o: Options{OnError: Stop}, calls: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemoryWriter()
			calls := 0
			tt.o.CreateTenant = func(context.Context) error {
				if calls++; len(m.users)+len(m.schema) > 0 {
					t.Error("something was written before")
				}
				return tt.fails
			}
			_, err := Run(testContext(t), m, "t", Bytes([]byte(tt.text)), tt.o)
			if calls != tt.calls || (len(m.users) > 0) != (err == nil) || tt.fails != nil && !errors.Is(err, tt.fails) {
				t.Errorf("%d calls, %d users, error %v", calls, len(m.users), err)
			}
		})
	}
}

func TestTenantIsCreatedForValidEventsOnly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{eventLines(2): 1, "[{}": 0} {
		calls := 0
		o := Options{CreateTenant: func(context.Context) error { calls++; return nil }}
		if _, err := RunEvents(testContext(t), &memoryEvents{docs: map[string]bson.Raw{}}, "t", Bytes([]byte(text)), o); calls != want || (err == nil) != (want == 1) {
			t.Errorf("%d calls, want %d; error %v", calls, want, err)
		}
	}
}

// Another process created the tenant, with a schema, while this one checked the file.
func TestTenantCreatedMeanwhile(t *testing.T) {
	t.Parallel()
	declared := users.Field{Slug: "x", Label: "X", Type: users.Text}
	m := newMemoryWriter()
	o := Options{CreateTenant: func(context.Context) error { m.schema = users.Schema{declared}; return nil }}
	_, err := Run(testContext(t), m, "t", Bytes([]byte(`{"user_id":"a","attributes":{"x":1}}`)), o)
	if errs.CodeOf(err) != errs.CodeExists || len(m.users) > 0 || len(m.schema) != 1 || m.schema[0].Type != users.Text {
		t.Errorf("schema %+v, %d users, error %v", m.schema, len(m.users), err)
	}
}
