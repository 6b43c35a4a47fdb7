package api

import (
	"encoding/json"
	"time"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// viewUser returns a user as the API answers one: times in our form, nothing that is an array or an object null.
func viewUser(u *users.User) gen.User {
	v := gen.User{
		UserID: u.ID, UserStoreID: u.StoreID, Identifiers: u.Identifiers, EmailVerified: u.EmailVerified,
		Registered: timeOrNull(u.Registered), LastLogin: timeOrNull(u.LastLogin), Updated: timeOrNull(u.Updated),
		TrackingID: orNull(u.TrackingID), Attributes: map[string]any{}, ForeignKeys: map[string]string{},
		ExtendedProfiles: map[string]json.RawMessage{}, AccountIds: append([]string{}, u.AccountIDs...),
		Grants: make([]gen.Grant, len(u.Grants)),
	}
	for slug, value := range u.Attributes {
		if t, ok := value.(time.Time); ok {
			value = export.NewTime(t)
		}
		v.Attributes[slug] = value
	}
	if u.ForeignKeys != nil {
		v.ForeignKeys = u.ForeignKeys
	}
	if u.ExtendedProfiles != nil {
		v.ExtendedProfiles = u.ExtendedProfiles
	}
	for i := range u.Grants {
		v.Grants[i] = viewGrant(&u.Grants[i])
	}
	return v
}

func viewGrant(g *users.Grant) gen.Grant {
	return gen.Grant{
		GrantID: g.ID, AccountID: orNull(g.AccountID), ExpiryState: g.ExpiryState, EntitlementType: g.EntitlementType,
		EntitlementID: g.EntitlementID, ProductID: g.ProductID,
		StartTime: timeOrNull(g.Start), EndTime: timeOrNull(g.End), CreatedAt: timeOrNull(g.Created),
	}
}
