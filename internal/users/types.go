package users

import (
	"encoding/json"
	"time"
)

// InputType is the kind of a schema field, in the words of the Zephr user schema. It decides the BSON type in which
// values are stored and which filter operators apply.
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

// Kind groups input types by how their values are stored and compared.
type Kind string

// The kinds.
const (
	TextKind   Kind = "text"     // BSON string
	NumberKind Kind = "number"   // BSON int64 or double
	DateKind   Kind = "date"     // BSON date, UTC
	BoolKind   Kind = "checkbox" // BSON bool
)

// Field is one attribute of a tenant's user schema.
type Field struct {
	Slug    string    `json:"slug" bson:"_id"`
	Label   string    `json:"label" bson:"label"`
	Type    InputType `json:"input-type" bson:"input_type"`
	Options []Option  `json:"select-options,omitempty" bson:"options,omitempty"`
	Order   int       `json:"-" bson:"order"` // the position in the schema, and so in the file
}

// Option is one choice of a select or radio field.
type Option struct {
	Value string `json:"value" bson:"value"`
	Label string `json:"label" bson:"label"`
}

// Schema is a tenant's attribute fields in their order.
type Schema []Field

// Registry is the foreign systems and app ids that a tenant's users have, each sorted.
type Registry struct {
	ForeignSystems []string `json:"foreignSystems"`
	AppIDs         []string `json:"appIds"`
}

// Store is a user store.
type Store struct {
	ID    string `json:"id" bson:"_id"`
	Title string `json:"title" bson:"title"`
}

// Product gives a grant its label.
type Product struct {
	ID    string `json:"id" bson:"_id"`
	Label string `json:"label" bson:"label"`
}

// Account is a buyer of subscriptions.
type Account struct {
	ID   string `json:"id" bson:"_id"`
	Name string `json:"name" bson:"name"`
}

// User is a user as the API shows one and as an import gives one. The export itself never decodes into this: it reads
// raw BSON.
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
	ExtendedProfiles map[string]json.RawMessage `json:"extended_profiles"` // by app id; compact JSON, as it came
	AccountIDs       []string                   `json:"account_ids"`
	Grants           []Grant                    `json:"grants"`
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
