package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/preferences"
	"github.com/egress-io/egress/internal/savedfilters"
)

// fakeSavedFilters implements SavedFilters.
type fakeSavedFilters struct{ list []savedfilters.Filter }

func (s *fakeSavedFilters) SavedFilters(_ context.Context, tenant string) ([]savedfilters.Filter, error) {
	return slices.DeleteFunc(slices.Clone(s.list), func(f savedfilters.Filter) bool { return f.Tenant != tenant }), nil
}

func (s *fakeSavedFilters) find(tenant, id string) int {
	return slices.IndexFunc(s.list, func(f savedfilters.Filter) bool { return f.Tenant == tenant && f.ID == id })
}

func (s *fakeSavedFilters) SavedFilter(_ context.Context, tenant, id string) (savedfilters.Filter, error) {
	at := s.find(tenant, id)
	if at < 0 {
		return savedfilters.Filter{}, savedfilters.NotFound()
	}
	return s.list[at], nil
}

func (s *fakeSavedFilters) taken(tenant, id, name string) bool {
	return slices.ContainsFunc(s.list, func(f savedfilters.Filter) bool {
		return f.Tenant == tenant && f.ID != id && strings.EqualFold(f.Name, name)
	})
}

func (s *fakeSavedFilters) InsertSavedFilter(_ context.Context, f savedfilters.Filter) error {
	if s.taken(f.Tenant, f.ID, f.Name) {
		return savedfilters.NameTaken()
	}
	s.list = append(s.list, f)
	return nil
}

func (s *fakeSavedFilters) ChangeSavedFilter(_ context.Context, tenant, id string, c savedfilters.Change, at time.Time) (savedfilters.Filter, error) {
	place := s.find(tenant, id)
	if place < 0 {
		return savedfilters.Filter{}, savedfilters.NotFound()
	}
	f := &s.list[place]
	if c.Name != nil {
		if s.taken(tenant, id, *c.Name) {
			return savedfilters.Filter{}, savedfilters.NameTaken()
		}
		f.Name = *c.Name
	}
	if c.Rule != nil {
		f.Rule = *c.Rule
	}
	f.Updated = at
	return *f, nil
}

func (s *fakeSavedFilters) DeleteSavedFilter(_ context.Context, tenant, id string) error {
	at := s.find(tenant, id)
	if at < 0 {
		return savedfilters.NotFound()
	}
	s.list = slices.Delete(s.list, at, at+1)
	return nil
}

// fakePreferences implements Preferences.
type fakePreferences map[string]preferences.Preferences

func (p fakePreferences) Preferences(_ context.Context, tenant, adminID string) (preferences.Preferences, error) {
	return p[tenant+"/"+adminID], nil
}

func (p fakePreferences) ChangePreferences(_ context.Context, tenant, adminID string, c preferences.Change) (preferences.Preferences, error) {
	p[tenant+"/"+adminID] = p[tenant+"/"+adminID].Apply(c)
	return p[tenant+"/"+adminID], nil
}
