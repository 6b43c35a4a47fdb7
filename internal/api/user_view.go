package api

import (
	"encoding/json"
	"time"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// viewUser returns the API's view of a user. Arrays and objects are never null.
func viewUser(u *users.User) gen.User {
	v := gen.User{
		UserID: u.ID, UserStoreID: u.StoreID, Identifiers: u.Identifiers, EmailVerified: u.EmailVerified,
		Registered: storedTime(u.Registered), LastLogin: storedTime(u.LastLogin), Updated: storedTime(u.Updated),
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
		StartTime: storedTime(g.Start), EndTime: storedTime(g.End), CreatedAt: storedTime(g.Created),
	}
}

// storedTime returns a stored time, null for nil. Unlike timeOrNull, it treats Go's zero time as a
// time, because .NET uses the same value.
func storedTime(t *time.Time) *export.Time {
	if t == nil {
		return nil
	}
	v := export.NewTime(*t)
	return &v
}
