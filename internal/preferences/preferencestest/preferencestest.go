// Package preferencestest contains the conformance suite of stores of preferences.
package preferencestest

import (
	"reflect"
	"testing"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/preferences"
)

// TestStore runs the suite. Open returns an empty store.
func TestStore(t *testing.T, open func(t *testing.T) preferences.Store) {
	t.Helper()
	def := &export.Definition{
		Include: export.Include{Attributes: true, ExtendedProfiles: &export.Profiles{AppIDs: []string{"crm"}}},
		Users:   export.Selection{UserStoreID: export.All}, File: export.FileFormat{Dialect: export.DialectSpreadsheet, Compression: export.CompressionGzip},
	}
	columns := []string{"email", "attributes.country"}

	t.Run("keeps the choices of each admin in each tenant", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		if got, err := s.Preferences(t.Context(), "meridian", "01owner"); err != nil || !reflect.DeepEqual(got, preferences.Preferences{}) {
			t.Errorf("%+v, %v, want none", got, err)
		}
		if _, err := s.ChangePreferences(t.Context(), "meridian", "01owner", preferences.Change{Export: &def}); err != nil {
			t.Fatal(err)
		}
		got, err := s.ChangePreferences(t.Context(), "meridian", "01owner", preferences.Change{UserColumns: &columns})
		want := preferences.Preferences{Export: def, UserColumns: columns}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
		if got, err := s.Preferences(t.Context(), "meridian", "01owner"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
		for _, other := range [][2]string{{"orion", "01owner"}, {"meridian", "01exporter"}} {
			if got, err := s.Preferences(t.Context(), other[0], other[1]); err != nil || !reflect.DeepEqual(got, preferences.Preferences{}) {
				t.Errorf("%v: %+v, %v, want none", other, got, err)
			}
		}
	})

	t.Run("forgets a choice", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		if _, err := s.ChangePreferences(t.Context(), "meridian", "01owner", preferences.Change{Export: &def, UserColumns: &columns}); err != nil {
			t.Fatal(err)
		}
		none, noColumns := (*export.Definition)(nil), []string(nil)
		got, err := s.ChangePreferences(t.Context(), "meridian", "01owner", preferences.Change{Export: &none, UserColumns: &noColumns})
		if err != nil || got.Export != nil || len(got.UserColumns) > 0 {
			t.Errorf("%+v, %v, want none", got, err)
		}
	})
}
