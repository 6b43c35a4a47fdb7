package mongo

import (
	"reflect"
	"slices"
	"testing"

	"github.com/egress-io/egress/internal/users"
)

func TestAddAccountsKeepsNames(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w, d := NewUserWriter(db), NewDirectory(db)
	steps := []struct {
		give  []users.Account
		added int
		want  map[string]string
	}{
		{[]users.Account{{ID: "a", Name: "a"}, {ID: "b", Name: "B Ltd"}}, 2, map[string]string{"a": "a", "b": "B Ltd"}},
		{[]users.Account{{ID: "a", Name: "A Ltd"}, {ID: "b", Name: "b"}, {ID: "c", Name: "C"}}, 1, map[string]string{"a": "A Ltd", "b": "B Ltd", "c": "C"}},
		{[]users.Account{{ID: "a", Name: "Another"}}, 0, map[string]string{"a": "A Ltd", "b": "B Ltd", "c": "C"}},
		{nil, 0, map[string]string{"a": "A Ltd", "b": "B Ltd", "c": "C"}},
	}
	for i, s := range steps {
		added, err := w.AddAccounts(ctx, testTenant, s.give)
		if err != nil || added != s.added {
			t.Fatalf("step %d: %d added, error %v", i, added, err)
		}
		got, err := d.AccountNames(ctx, testTenant, []string{"a", "b", "c", "d"})
		if err != nil || !reflect.DeepEqual(got, s.want) {
			t.Errorf("step %d: names %v, error %v", i, got, err)
		}
	}
	page, err := d.Accounts(ctx, testTenant, "a", 1)
	if err != nil || !slices.Equal(page, []users.Account{{ID: "b", Name: "B Ltd"}}) {
		t.Errorf("accounts after a: %v, error %v", page, err)
	}
}
