package filter

import (
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// The fields that every user has in addition to the tenant's attributes.
const (
	EmailAddress  = "identifiers.email_address"
	Username      = "identifiers.username"
	EmailVerified = "email_verified"
	Registered    = "registered"
	LastLogin     = "last_login"
	AccountName   = "account.name"
	AccountID     = "account.id"
	UserID        = "user_id"
)

// The fields of grants. Only a group with a quantifier can name them.
const (
	GrantProduct         = "grant.product" // the product's label
	GrantProductID       = "grant.product_id"
	GrantState           = "grant.expiry_state"
	GrantEntitlementType = "grant.entitlement_type"
	GrantEntitlementID   = "grant.entitlement_id"
	GrantStart           = "grant.start"
	GrantEnd             = "grant.end"
	GrantCreated         = "grant.created"
	GrantAccount         = "grant.account" // the account's name
	GrantAccountID       = "grant.account_id"
)

const (
	grantPrefix     = "grant."
	grantsPath      = "grants" // the stored path of grants
	attributePrefix = "attributes."
	accountIDs      = "account_ids" // the stored path of AccountName and AccountID
	storePath       = "user_store_id"
)

// Field is a field that a rule can name.
type Field struct {
	Name  string // its name in a rule
	Label string // its name in the UI and in descriptions
	Type  users.InputType
}

// userFields are the fields outside the tenant's schema, in the order in which the UI lists them.
var userFields = []Field{
	{EmailAddress, "Email address", users.Email},
	{Username, "Username", users.Text},
	{EmailVerified, "Email verified", users.Checkbox},
	{Registered, "Registered", users.DateTime},
	{LastLogin, "Last login", users.DateTime},
	{AccountName, "Account name", users.Text},
	{AccountID, "Account ID", users.Text},
	{UserID, "User ID", users.Text},
}

// grantFields are the fields of grants, in the order in which the UI lists them.
var grantFields = []Field{
	{GrantProduct, "Product", users.Text},
	{GrantState, "State", users.Select},
	{GrantEntitlementType, "Entitlement type", users.Select},
	{GrantStart, "Start", users.DateTime},
	{GrantEnd, "End", users.DateTime},
	{GrantCreated, "Created", users.DateTime},
	{GrantAccount, "Account name", users.Text},
	{GrantAccountID, "Account ID", users.Text},
	{GrantProductID, "Product ID", users.Text},
	{GrantEntitlementID, "Entitlement ID", users.Text},
}

// grantPaths are the paths within a stored grant of the values that rules on its fields compare.
var grantPaths = map[string]string{
	GrantProduct: "product_id", GrantProductID: "product_id", GrantState: "expiry_state", GrantEntitlementType: "entitlement_type",
	GrantEntitlementID: "entitlement_id", GrantStart: "startTime", GrantEnd: "endTime", GrantCreated: "createdAt",
	GrantAccount: "account_id", GrantAccountID: "account_id",
}

// GrantFields returns the fields of grants, which rules in a group with a quantifier can name.
func GrantFields() []Field { return slices.Clone(grantFields) }

// Fields returns all fields of users that rules can name: the tenant's attributes in schema order, then
// the fields that every user has.
func Fields(schema users.Schema) []Field {
	visible := schema.Visible()
	fields := make([]Field, 0, len(visible)+len(userFields))
	for _, f := range visible {
		fields = append(fields, attributeField(f))
	}
	return append(fields, userFields...)
}

func attributeField(f users.Field) Field {
	label := f.Label
	if label == "" {
		label = f.Slug
	}
	return Field{Name: attributePrefix + f.Slug, Label: label, Type: f.Type}
}

// findField returns the field with a name. It does not find attributes of type password, as if they
// did not exist.
func findField(name string, schema users.Schema) (Field, bool) {
	if slug, ok := strings.CutPrefix(name, attributePrefix); ok {
		f, ok := schema.Field(slug)
		return attributeField(f), ok && !f.Secret()
	}
	for _, f := range userFields {
		if f.Name == name {
			return f, true
		}
	}
	for _, f := range grantFields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// ofGrant reports whether the field is one of grants.
func (f Field) ofGrant() bool { return strings.HasPrefix(f.Name, grantPrefix) }

// isID reports whether the values of the field are compared as they are, without folding: an id or a
// word of a grant has exactly one spelling.
func (f Field) isID() bool {
	switch f.Name {
	case UserID, GrantProductID, GrantState, GrantEntitlementType, GrantEntitlementID, GrantAccountID:
		return true
	default:
		return false
	}
}

// path returns the path of the value that rules on the field compare, in the document of a user or of
// a grant.
func (f Field) path() string {
	switch f.Name {
	case AccountName, AccountID:
		return accountIDs
	case UserID:
		return "_id"
	}
	if f.ofGrant() {
		return grantPaths[f.Name]
	}
	return f.Name
}

// Operators returns the operators that the field supports. Ids support only equality; a user id is
// never unknown.
func (f Field) Operators() []export.Operator {
	equality := []export.Operator{export.Is, export.IsNot, export.IsOneOf, export.IsNoneOf}
	switch {
	case f.Name == UserID:
		return equality
	case f.isID():
		return append(equality, export.HasAnyValue, export.IsUnknown)
	}
	return Operators(users.KindOf(f.Type))
}

// Operators returns the operators that a kind of field supports.
func Operators(k users.Kind) []export.Operator {
	switch k {
	case users.NumberKind:
		return []export.Operator{
			export.Is, export.IsNot, export.IsOneOf, export.IsNoneOf, export.Between, export.HasAnyValue, export.IsUnknown,
		}
	case users.DateKind:
		return []export.Operator{
			export.Is, export.IsNot, export.IsOneOf, export.IsNoneOf, export.Between, export.Before, export.After,
			export.HasAnyValue, export.IsUnknown,
		}
	case users.BoolKind:
		return []export.Operator{export.Checked, export.Unchecked, export.HasAnyValue, export.IsUnknown}
	default:
		return []export.Operator{
			export.Is, export.IsNot, export.IsOneOf, export.IsNoneOf, export.Contains, export.DoesNotContain, export.StartsWith, export.EndsWith,
			export.HasAnyValue, export.IsUnknown,
		}
	}
}
