package sqlite

import (
	"slices"
	"testing"

	"github.com/egress-io/egress/internal/transfer"
)

// TestTransferKnowsEveryTable fails if the schema has a table that Transfer would not copy.
func TestTransferKnowsEveryTable(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	for tenant, derived := range map[string][]string{
		"":           {"file", transfer.MarkerCollection},
		"daily-news": {"file", "foreign_keys", "account_users", "grant_accounts", "dropped_indexes"}, // derived from users
	} {
		var want []string
		list := func(c *conn) error {
			return c.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", func(r *row) error {
				if name := r.ColumnText(0); !slices.Contains(derived, name) {
					want = append(want, name)
				}
				return nil
			})
		}
		err := db.control.read(t.Context(), list)
		if tenant != "" {
			want = nil
			err = db.readTenant(t.Context(), tenant, list)
		}
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		if got := NewTransfer(db).Collections(tenant); !slices.Equal(got, want) {
			t.Errorf("Transfer copies the tables %q of tenant %q, not %q", got, tenant, want)
		}
	}
}
