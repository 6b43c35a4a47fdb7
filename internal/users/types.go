package users

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// InputType is the type of a schema field, as in the Zephr user schema. It determines the BSON type
// of stored values and the filter operators.
type InputType string

// The input types.
const (
	Text     InputType = "text"
	Number   InputType = "number"
	Range    InputType = "range"
	Date     InputType = "date"
	DateTime InputType = "datetime"
	Clock    InputType = "time"
	Week     InputType = "week"
	Month    InputType = "month"
	Email    InputType = "email"
	Tel      InputType = "tel"
	URL      InputType = "url"
	Select   InputType = "select"
	Radio    InputType = "radio"
	Checkbox InputType = "checkbox"
	Textarea InputType = "textarea"
	Color    InputType = "color"
	Hidden   InputType = "hidden"
	Password InputType = "password"
)

// Kind is a group of input types that store and compare values in the same way.
type Kind string

// The kinds.
const (
	TextKind   Kind = "text"     // BSON string
	NumberKind Kind = "number"   // BSON int64 or double
	DateKind   Kind = "date"     // BSON date, UTC
	BoolKind   Kind = "checkbox" // BSON bool
)

// InputTypes lists all valid input types.
var InputTypes = []InputType{
	Text, Number, Range, Date, DateTime, Clock, Week, Month, Email, Tel, URL, Select, Radio, Checkbox, Textarea, Color,
	Hidden, Password,
}

// Valid reports whether t is an input type.
func (t InputType) Valid() bool { return slices.Contains(InputTypes, t) }

// KindOf returns the kind of an input type. An unknown type is text, so that Egress can read
// schemas that other programs wrote.
func KindOf(t InputType) Kind {
	switch t {
	case Number, Range:
		return NumberKind
	case Date, DateTime, Clock, Week, Month:
		return DateKind
	case Checkbox:
		return BoolKind
	default:
		return TextKind
	}
}

// Kind returns the kind of the field's type.
func (f Field) Kind() Kind { return KindOf(f.Type) }

// Secret reports whether the field is a password. Its values are never stored, shown, searched,
// filtered or exported.
func (f Field) Secret() bool { return f.Type == Password }

// Field is one attribute of a tenant's user schema.
type Field struct {
	Slug    string    `json:"slug" bson:"_id"`
	Label   string    `json:"label" bson:"label"`
	Type    InputType `json:"input-type" bson:"input_type"`
	Options []Option  `json:"select-options,omitempty" bson:"options,omitempty"`
	Order   int       `json:"-" bson:"order"` // the position in the schema and in exports
	// Inferred reports whether an import inferred the type. A later import may widen an inferred
	// type, but not the type that an admin declared.
	Inferred bool `json:"-" bson:"inferred,omitempty"`
	// Constraints are checked when the API writes values of the field.
	Constraints Constraints `json:"-" bson:"constraints,omitempty"`
	// Document is the JSON object that declared the field, with all members of Zephr's user schema,
	// without white space. It is "" for a field that an import or the demo data added.
	Document string `json:"-" bson:"document,omitempty"`
}

// Option is a choice of a select or radio field.
type Option struct {
	Value string `json:"value" bson:"value"`
	Label string `json:"label" bson:"label"`
}

// Schema is the list of a tenant's attribute fields, sorted by Order.
type Schema []Field

// Registry lists the foreign systems and app ids that occur in a tenant's users, each list sorted.
type Registry struct {
	ForeignSystems []string `json:"foreignSystems"`
	AppIDs         []string `json:"appIds"`
}

// Store is a user store.
type Store struct {
	ID    string `json:"id" bson:"_id"`
	Title string `json:"title" bson:"title"`
	// Created is when the store was added; zero if an earlier version of Egress added it.
	Created time.Time `json:"-" bson:"created,omitempty"`
}

// StoresMadeAt returns a copy of stores that are added at a time, which is that of those without one.
func StoresMadeAt(stores []Store, at time.Time) []Store {
	stores = slices.Clone(stores)
	for i := range stores {
		if !stores[i].Created.IsZero() {
			continue
		}
		stores[i].Created = at.UTC().Truncate(time.Millisecond)
	}
	return stores
}

// FirstStore returns the id of the store that was made first, "" if there is none. Of stores made at
// the same time it is the first by id.
func FirstStore(stores []Store) string {
	if len(stores) == 0 {
		return ""
	}
	return slices.MinFunc(stores, func(a, b Store) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	}).ID
}

// User is a user in the API and in imports. Exports read raw BSON instead.
type User struct {
	ID               string                     `json:"user_id"`
	StoreID          string                     `json:"user_store_id"`
	Identifiers      Identifiers                `json:"identifiers"`
	EmailVerified    bool                       `json:"email_verified"`
	Registered       *time.Time                 `json:"registered"`
	LastLogin        *time.Time                 `json:"last_login"`
	Updated          *time.Time                 `json:"updated"`
	TrackingID       string                     `json:"tracking_id,omitempty"`
	Attributes       map[string]any             `json:"attributes"` // coerced: string, int64, float64, bool, time.Time
	ForeignKeys      map[string]string          `json:"foreign_keys"`
	ExtendedProfiles map[string]json.RawMessage `json:"extended_profiles"` // by app id; compact JSON, otherwise unchanged
	AccountIDs       []string                   `json:"account_ids"`
	Grants           []Grant                    `json:"grants"`
	Additional       map[string]json.RawMessage `json:"-"` // AdditionalMembers by name; compact JSON
}

// Identifiers are what a user logs in with.
type Identifiers struct {
	EmailAddress string `json:"email_address,omitempty"`
	Username     string `json:"username,omitempty"`
}

// Grant is a subscription that a user holds.
type Grant struct {
	ID              string     `json:"grantId"`
	UserID          string     `json:"user_id"`
	AccountID       string     `json:"account_id,omitempty"`
	ExpiryState     string     `json:"expiry_state"`     // pending, active, expired
	EntitlementType string     `json:"entitlement_type"` // bundle, entitlement, meter, credits
	EntitlementID   string     `json:"entitlement_id"`
	ProductID       string     `json:"product_id"`
	Start           *time.Time `json:"startTime"`
	End             *time.Time `json:"endTime"`
	Created         *time.Time `json:"createdAt"`
}
