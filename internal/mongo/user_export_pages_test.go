package mongo

import (
	"fmt"
	"testing"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Pages contain each user who exists throughout exactly once, while other users are added and
// deleted.
func TestWalkUsers(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	reader := newReader(db, NewDirectory(db))
	const tenant = "daily"
	if err := w.PutSchema(ctx, tenant, users.Schema{{Slug: "pin", Label: "PIN", Type: users.Password}}); err != nil {
		t.Fatal(err)
	}
	put := func(ids ...string) {
		t.Helper()
		for _, id := range ids {
			if _, err := w.PutUsers(ctx, tenant, users.User{ID: id, Attributes: map[string]any{"pin": "1"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	put("b", "d", "f", "h", "j", "l")
	def := export.Definition{Include: export.Include{Attributes: true}, Users: export.Selection{UserStoreID: export.All}}
	next, err := walkUsers(ctx, reader, tenant, def)
	if err != nil {
		t.Fatal(err)
	}
	seen, after := "", ""
	for page := 0; ; page++ {
		list, err := next(ctx, after, 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range list {
			seen += u.ID
			if len(u.Attributes) != 0 {
				t.Errorf("%s is shown with %v", u.ID, u.Attributes)
			}
		}
		if len(list) < 2 {
			break
		}
		after = list[1].ID
		switch page { // before and after the current position
		case 0:
			put("a", "c", "e")
			if err := w.DeleteUser(ctx, tenant, "d"); err != nil {
				t.Fatal(err)
			}
		case 1:
			put("z")
			if err := w.DeleteUser(ctx, tenant, "b"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if seen != "bdefhjlz" {
		t.Errorf("pages contain %s", seen)
	}
	list, err := next(ctx, "", 3, 2)
	if err != nil || fmt.Sprint(list[0].ID, list[1].ID) != "fh" && fmt.Sprint(list[0].ID, list[1].ID) != "f h" {
		t.Errorf("%v, %v", list, err)
	}
}
