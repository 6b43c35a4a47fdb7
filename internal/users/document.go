package users

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// MaxDocumentBytes is how large a user may be in the database. MongoDB's own limit is 16 MiB of one document together
// with what a command adds to it.
const MaxDocumentBytes = 15_000_000

// Encode returns the user as it is stored. Equal users have equal bytes. A user over MaxDocumentBytes is an
// export.CodeInvalid.
func Encode(u User) (bson.Raw, error) {
	raw, err := bson.Marshal(Document(u))
	if err != nil {
		return nil, fmt.Errorf("encode user: %w", err)
	}
	if len(raw) > MaxDocumentBytes {
		return nil, export.Invalid("user", "takes %d bytes in the database; at most %d are possible", len(raw), MaxDocumentBytes)
	}
	return raw, nil
}

// Document lays the user out as it is stored: keys in a fixed order, those of maps sorted, absent values left out.
func Document(u User) bson.D {
	d := bson.D{{Key: "_id", Value: u.ID}}
	d = addText(d, "user_store_id", u.StoreID)
	identifiers := addText(addText(bson.D{}, "email_address", u.Identifiers.EmailAddress), "username", u.Identifiers.Username)
	d = append(d, bson.E{Key: "identifiers", Value: identifiers}, bson.E{Key: "email_verified", Value: u.EmailVerified})
	d = addTime(d, "registered", u.Registered)
	d = addTime(d, "last_login", u.LastLogin)
	d = addTime(d, "updated", u.Updated)
	d = addText(d, "tracking_id", u.TrackingID)
	d = append(d, bson.E{Key: "attributes", Value: sortedDocument(u.Attributes)})
	d = append(d, bson.E{Key: "foreign_keys", Value: sortedDocument(u.ForeignKeys)})
	profiles := bson.D{}
	for _, app := range slices.Sorted(maps.Keys(u.ExtendedProfiles)) {
		profiles = append(profiles, bson.E{Key: EscapeAppID(app), Value: string(u.ExtendedProfiles[app])})
	}
	d = append(d, bson.E{Key: "extended_profiles", Value: profiles})
	accounts := make(bson.A, len(u.AccountIDs))
	for i, id := range u.AccountIDs {
		accounts[i] = id
	}
	grants := make(bson.A, len(u.Grants))
	for i, g := range u.Grants {
		grants[i] = grantDocument(g)
	}
	return append(d, bson.E{Key: "account_ids", Value: accounts}, bson.E{Key: "grants", Value: grants})
}

func grantDocument(g Grant) bson.D {
	d := bson.D{{Key: "grantId", Value: g.ID}}
	d = addText(d, "account_id", g.AccountID)
	d = addText(d, "expiry_state", g.ExpiryState)
	d = addText(d, "entitlement_type", g.EntitlementType)
	d = addText(d, "entitlement_id", g.EntitlementID)
	d = addText(d, "product_id", g.ProductID)
	d = addTime(d, "startTime", g.Start)
	d = addTime(d, "endTime", g.End)
	return addTime(d, "createdAt", g.Created)
}

func sortedDocument[V any](m map[string]V) bson.D {
	d := make(bson.D, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		d = append(d, bson.E{Key: k, Value: m[k]})
	}
	return d
}

func addText(d bson.D, key, value string) bson.D {
	if value == "" {
		return d
	}
	return append(d, bson.E{Key: key, Value: value})
}

func addTime(d bson.D, key string, t *time.Time) bson.D {
	if t == nil {
		return d
	}
	return append(d, bson.E{Key: key, Value: bson.NewDateTimeFromTime(*t)})
}
