package api

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// zephrUser returns a user in Zephr's form: absent members are left out, and objects and arrays are
// never null.
func zephrUser(u *users.User, schema users.Schema) gen.ZephrUser {
	attributes, profiles, grants := zephrAttributes(u.Attributes, schema), u.ExtendedProfiles, make([]gen.ZephrGrant, len(u.Grants))
	if profiles == nil {
		profiles = map[string]json.RawMessage{}
	}
	for i := range u.Grants {
		grants[i] = zephrGrant(u.ID, &u.Grants[i])
	}
	v := gen.ZephrUser{
		UserID: u.ID, UserStoreID: u.StoreID, Identifiers: u.Identifiers, EmailVerified: u.EmailVerified,
		Registered: zephrTime(u.Registered), LastLogin: zephrTime(u.LastLogin), Updated: zephrTime(u.Updated),
		TrackingID: u.TrackingID, Attributes: &attributes, ForeignKeys: u.ForeignKeys, ExtendedProfiles: &profiles,
		AccountIds: append([]string{}, u.AccountIDs...), Grants: &grants,

		AccountMembershipCode: u.Additional["accountMembershipCode"], CreatedAt: u.Additional["created_at"],
		ProductSharingID: u.Additional["product_sharing_id"], RegistrationState: u.Additional["registration_state"],
		RegistrationTenant: u.Additional["registration_tenant"], SessionLimit: u.Additional["session_limit"],
	}
	if v.ForeignKeys == nil {
		v.ForeignKeys = map[string]string{}
	}
	return v
}

// zephrAttributes returns attributes with dates in the form of their fields.
func zephrAttributes(attributes map[string]any, schema users.Schema) map[string]any {
	v := make(map[string]any, len(attributes))
	for slug, value := range attributes {
		if t, ok := value.(time.Time); ok {
			field, _ := schema.Field(slug)
			value = shortTime(users.FormatDate(field.Type, t))
		}
		v[slug] = value
	}
	return v
}

// zephrGrant returns a grant of a user in Zephr's form.
func zephrGrant(userID string, g *users.Grant) gen.ZephrGrant {
	return gen.ZephrGrant{
		GrantID: g.ID, UserID: userID, AccountID: g.AccountID, ExpiryState: g.ExpiryState, EntitlementType: g.EntitlementType,
		EntitlementID: g.EntitlementID, ProductID: g.ProductID,
		StartTime: zephrGrantTime(g.Start), EndTime: zephrGrantTime(g.End), CreatedAt: zephrGrantTime(g.Created),
	}
}

// zephrTime returns a stored time in Zephr's form, such as 2021-02-24T15:43:28Z.
func zephrTime(t *time.Time) *gen.ZephrTime {
	if t == nil {
		return nil
	}
	return new(shortTime(export.FormatTime(*t)))
}

// zephrGrantTime returns a time of a grant in Zephr's form, such as 2022-06-01 00:00:00.
func zephrGrantTime(t *time.Time) *gen.ZephrGrantTime {
	if t == nil {
		return nil
	}
	text := strings.TrimSuffix(shortTime(export.FormatTime(*t)), "Z")
	return new(strings.Replace(text, "T", " ", 1))
}

// shortTime removes the milliseconds from a time in the form of export.FormatTime if they are zero.
// It returns other text unchanged.
func shortTime(text string) string {
	if short, zero := strings.CutSuffix(text, ".000Z"); zero {
		return short + "Z"
	}
	return text
}
