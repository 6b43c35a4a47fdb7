package users

import (
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
)

// The values of Grant.ExpiryState.
const (
	GrantPending = "pending"
	GrantActive  = "active"
	GrantExpired = "expired"
)

// EntitlementTypes are the types of entitlements of Zephr's Admin API.
var EntitlementTypes = []string{"bundle", "entitlement", "meter", "credits"}

// StateAt returns the expiry state of a grant at a time, from its start and end. The end itself is
// expired.
func (g Grant) StateAt(now time.Time) string {
	switch {
	case g.Start != nil && g.Start.After(now):
		return GrantPending
	case g.End != nil && !g.End.After(now):
		return GrantExpired
	default:
		return GrantActive
	}
}

var errNoGrant = errs.Errorf(errs.CodeNotFound, "This user has no grant with this ID.")

// WithGrant returns the stored grants of a user with a grant added, or with the grant of the same id
// replaced. The replaced grant's time of creation and account are kept. Other grants are unchanged.
// grants may be missing or null.
func WithGrant(grants bson.RawValue, g Grant) (bson.A, error) {
	list, at, err := findGrant(grants, g.ID)
	if err != nil {
		return nil, err
	}
	if at < 0 {
		return append(list, grantDocument(g)), nil
	}
	old, err := decodeGrant(grants.Array().Index(uint(at)))
	if err != nil {
		return nil, err
	}
	g.AccountID = old.AccountID
	if old.Created != nil {
		g.Created = old.Created
	}
	list[at] = grantDocument(g)
	return list, nil
}

// WithoutGrant returns the stored grants of a user without one grant, or errs.CodeNotFound. Other
// grants are unchanged.
func WithoutGrant(grants bson.RawValue, id string) (bson.A, error) {
	list, at, err := findGrant(grants, id)
	if err != nil {
		return nil, err
	}
	if at < 0 {
		return nil, errNoGrant
	}
	return append(list[:at:at], list[at+1:]...), nil
}

// findGrant returns the stored grants, and the index of the grant with an id or -1.
func findGrant(grants bson.RawValue, id string) (list bson.A, at int, err error) {
	list, at = bson.A{}, -1
	if grants.IsZero() || grants.Type == bson.TypeNull {
		return list, at, nil
	}
	array, ok := grants.ArrayOK()
	if !ok {
		return nil, -1, errors.New("the member grants of the stored document is not an array")
	}
	values, err := array.Values()
	if err != nil {
		return nil, -1, err
	}
	for i, v := range values {
		list = append(list, v)
		if d, isDocument := v.DocumentOK(); isDocument && at < 0 && textOf(d.Lookup("grantId")) == id {
			at = i
		}
	}
	return list, at, nil
}
