package filter

import (
	"strings"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// The fields that every tenant's users have beside their attributes.
const (
	EmailAddress  = "identifiers.email_address"
	Username      = "identifiers.username"
	EmailVerified = "email_verified"
	Registered    = "registered"
	LastLogin     = "last_login"
	AccountName   = "account.name"
	AccountID     = "account.id"
)

const (
	attributePrefix = "attributes."
	accountIDs      = "account_ids" // the path behind AccountName and AccountID
)

// Field is something that rules can be about.
type Field struct {
	Name  string // as in a rule
	Label string // for people
	Type  users.InputType
}

// details are the account details of the filter, in the order in which they are offered.
var details = []Field{
	{EmailAddress, "Email address", users.Email},
	{Username, "Username", users.Text},
	{EmailVerified, "Email verified", users.Checkbox},
	{Registered, "Registered", users.DateTime},
	{LastLogin, "Last login", users.DateTime},
	{AccountName, "Account name", users.Text},
	{AccountID, "Account ID", users.Text},
}

// Fields returns everything that rules can be about in a tenant: the attributes in their order, then the account details.
func Fields(schema users.Schema) []Field {
	visible := schema.Visible()
	fields := make([]Field, 0, len(visible)+len(details))
	for _, f := range visible {
		fields = append(fields, attribute(f))
	}
	return append(fields, details...)
}

func attribute(f users.Field) Field {
	label := f.Label
	if label == "" {
		label = f.Slug
	}
	return Field{Name: attributePrefix + f.Slug, Label: label, Type: f.Type}
}

// find returns the field that a rule names. Passwords are as unknown as fields that do not exist.
func find(name string, schema users.Schema) (Field, bool) {
	if slug, ok := strings.CutPrefix(name, attributePrefix); ok {
		f, ok := schema.Field(slug)
		return attribute(f), ok && !f.Secret()
	}
	for _, f := range details {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Operators returns what may be asked of a kind of field.
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
