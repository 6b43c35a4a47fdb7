// Package savedfilters contains the filters that the members of a tenant have saved under a name.
package savedfilters

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// The limits of saved filters.
const (
	MaxName      = 80  // characters of a name
	MaxPerTenant = 200 // saved filters of a tenant
)

// Filter is a saved filter. All members of its tenant can use it.
type Filter struct {
	ID        string // ULID
	Tenant    string
	Name      string // unique in the tenant, whatever its case; see CheckName
	Rule      export.Rule
	CreatedBy string // the id of an admin
	Created   time.Time
	Updated   time.Time
}

// Change is a change of a saved filter. Nil members stay as they are.
type Change struct {
	Name *string
	Rule *export.Rule
}

// Store stores saved filters; mongo.SavedFilters and sqlite.SavedFilters.
type Store interface {
	// SavedFilters returns the saved filters of a tenant, sorted by id.
	SavedFilters(ctx context.Context, tenant string) ([]Filter, error)
	// SavedFilter returns a saved filter of a tenant, or errs.CodeNotFound.
	SavedFilter(ctx context.Context, tenant, id string) (Filter, error)
	// InsertSavedFilter adds a saved filter. It returns NameTaken, or TooMany if the tenant has
	// MaxPerTenant. Concurrent calls on MongoDB may exceed that limit by their number.
	InsertSavedFilter(ctx context.Context, f Filter) error
	// ChangeSavedFilter changes a saved filter and returns it. It returns errs.CodeNotFound or
	// NameTaken.
	ChangeSavedFilter(ctx context.Context, tenant, id string, c Change, at time.Time) (Filter, error)
	// DeleteSavedFilter returns errs.CodeNotFound if the tenant has no such filter.
	DeleteSavedFilter(ctx context.Context, tenant, id string) error
}

// CheckName returns the name without spaces around it, or what is wrong with it.
func CheckName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", errs.Invalid("name", "is missing")
	case utf8.RuneCountInString(name) > MaxName:
		return "", errs.Invalid("name", "must have at most %d characters", MaxName)
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", errs.Invalid("name", "must not contain control characters")
	}
	return name, nil
}

// NotFound is the error of a filter that does not exist.
func NotFound() error {
	return errs.Errorf(errs.CodeNotFound, "There is no saved filter with this ID.")
}

// NameTaken is the error of a name that another filter of the tenant has.
func NameTaken() error {
	return &errs.Error{Code: errs.CodeExists, Field: "name", Message: "Another saved filter has this name. Choose another name."}
}

// TooMany is the error of a tenant that has MaxPerTenant saved filters.
func TooMany() error {
	return errs.Errorf(errs.CodeExists, "The tenant has %d saved filters, the maximum. Delete one first.", MaxPerTenant)
}
