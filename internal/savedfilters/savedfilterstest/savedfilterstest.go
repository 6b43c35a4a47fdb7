// Package savedfilterstest contains the conformance suite of stores of saved filters.
package savedfilterstest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/savedfilters"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func filterOf(tenant, name string) savedfilters.Filter {
	return savedfilters.Filter{
		ID: ulid.Make().String(), Tenant: tenant, Name: name, CreatedBy: "01owner", Created: noon, Updated: noon,
		Rule: export.Rule{Field: "attributes.country", Operator: export.Is, Value: export.String("GB")},
	}
}

// TestStore runs the suite. Open returns an empty store.
func TestStore(t *testing.T, open func(t *testing.T) savedfilters.Store) {
	t.Helper()
	insert := func(t *testing.T, s savedfilters.Store, tenant, name string) savedfilters.Filter {
		t.Helper()
		f := filterOf(tenant, name)
		if err := s.InsertSavedFilter(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	is := func(t *testing.T, err error, code errs.Code) {
		t.Helper()
		if errs.CodeOf(err) != code {
			t.Errorf("error %v, want %q", err, code)
		}
	}

	t.Run("saves filters, of each tenant its own", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		one, other := insert(t, s, "meridian", "Lapsed"), insert(t, s, "orion", "lapsed")
		if got, err := s.SavedFilters(t.Context(), "meridian"); err != nil || !reflect.DeepEqual(got, []savedfilters.Filter{one}) {
			t.Errorf("%+v, %v, want %+v", got, err, one)
		}
		if got, err := s.SavedFilter(t.Context(), "meridian", one.ID); err != nil || !reflect.DeepEqual(got, one) {
			t.Errorf("%+v, %v", got, err)
		}
		_, err := s.SavedFilter(t.Context(), "meridian", other.ID)
		is(t, err, errs.CodeNotFound)
		_, err = s.ChangeSavedFilter(t.Context(), "meridian", other.ID, savedfilters.Change{Name: &one.Name}, noon)
		is(t, err, errs.CodeNotFound)
		is(t, s.DeleteSavedFilter(t.Context(), "meridian", other.ID), errs.CodeNotFound)
		if got, err := s.SavedFilter(t.Context(), "orion", other.ID); err != nil || got.Name != "lapsed" {
			t.Errorf("%+v, %v", got, err)
		}
	})

	t.Run("keeps names unique, whatever their case", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		insert(t, s, "meridian", "Lapsed GB")
		second := insert(t, s, "meridian", "Active GB")
		is(t, s.InsertSavedFilter(t.Context(), filterOf("meridian", "lapsed gb")), errs.CodeExists)
		taken := "LAPSED GB"
		_, err := s.ChangeSavedFilter(t.Context(), "meridian", second.ID, savedfilters.Change{Name: &taken}, noon)
		is(t, err, errs.CodeExists)
		own := "active gb"
		got, err := s.ChangeSavedFilter(t.Context(), "meridian", second.ID, savedfilters.Change{Name: &own}, noon.Add(time.Hour))
		if err != nil || got.Name != own || !got.Updated.Equal(noon.Add(time.Hour)) || !reflect.DeepEqual(got.Rule, second.Rule) {
			t.Errorf("%+v, %v", got, err)
		}
	})

	t.Run("changes and deletes filters", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		f := insert(t, s, "meridian", "Lapsed")
		rule := export.Rule{Field: "email_verified", Operator: export.Checked}
		got, err := s.ChangeSavedFilter(t.Context(), "meridian", f.ID, savedfilters.Change{Rule: &rule}, noon)
		if err != nil || got.Name != "Lapsed" || !reflect.DeepEqual(got.Rule, rule) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := s.DeleteSavedFilter(t.Context(), "meridian", f.ID); err != nil {
			t.Fatal(err)
		}
		is(t, s.DeleteSavedFilter(t.Context(), "meridian", f.ID), errs.CodeNotFound)
		insert(t, s, "meridian", "Lapsed") // its name is free
	})

	t.Run("limits a tenant's filters", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		for i := range savedfilters.MaxPerTenant {
			insert(t, s, "meridian", fmt.Sprint("Filter ", i))
		}
		is(t, s.InsertSavedFilter(t.Context(), filterOf("meridian", "One more")), errs.CodeExists)
		insert(t, s, "orion", "One more")
	})
}
