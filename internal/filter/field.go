package filter

import (
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

const (
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

// Fields returns all fields that rules can name: the tenant's attributes in schema order, then the
// fields that every user has.
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
	return Field{}, false
}

// Operators returns the operators that the field supports. A user id supports only equality.
func (f Field) Operators() []export.Operator {
	if f.Name == UserID {
		return []export.Operator{export.Is, export.IsNot}
	}
	return Operators(users.KindOf(f.Type))
}

// Operators returns the operators that a kind of field supports.
func Operators(k users.Kind) []export.Operator {
	switch k {
	case users.NumberKind, users.DateKind:
		return []export.Operator{export.Is, export.IsNot, export.Between, export.HasAnyValue, export.IsUnknown}
	case users.BoolKind:
		return []export.Operator{export.Checked, export.Unchecked, export.HasAnyValue, export.IsUnknown}
	default:
		return []export.Operator{
			export.Is, export.IsNot, export.Contains, export.DoesNotContain, export.StartsWith, export.EndsWith,
			export.HasAnyValue, export.IsUnknown,
		}
	}
}
