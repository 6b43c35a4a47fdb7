package users

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/errs"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// MaxDocumentBytes is the maximum size of a user's document. MongoDB's own limit is 16 MiB for the
// document and the overhead of the command that writes it.
const MaxDocumentBytes = 15_000_000

// AdditionalKey is the key of the additional members in a user's document: compact JSON by name.
const AdditionalKey = "additional"

// Encode encodes the user as a BSON document. Equal users have equal bytes. A user larger than
// MaxDocumentBytes is an errs.CodeInvalidRequest.
func Encode(u User) (bson.Raw, error) {
	raw, err := encodeDocument(Document(u))
	if err != nil {
		return nil, fmt.Errorf("encode user: %w", err)
	}
	if err := CheckDocumentSize(raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// CheckDocumentSize returns errs.CodeInvalidRequest if a user's document is larger than
// MaxDocumentBytes.
func CheckDocumentSize(doc bson.Raw) error {
	if len(doc) > MaxDocumentBytes {
		return errs.Invalid("user", "takes %d bytes in the database; the maximum is %d", len(doc), MaxDocumentBytes)
	}
	return nil
}

// Document returns the user's document: keys in a fixed order, map keys sorted, absent values
// omitted, and the folded text last.
func Document(u User) bson.D {
	d := append(make(bson.D, 0, 14), bson.E{Key: "_id", Value: u.ID})
	d = addText(d, "user_store_id", u.StoreID)
	identifiers := addText(addText(make(bson.D, 0, 2), "email_address", u.Identifiers.EmailAddress), "username", u.Identifiers.Username)
	d = append(d, bson.E{Key: "identifiers", Value: identifiers}, bson.E{Key: "email_verified", Value: u.EmailVerified})
	d = addTime(d, "registered", u.Registered)
	d = addTime(d, "last_login", u.LastLogin)
	d = addTime(d, "updated", u.Updated)
	d = addText(d, "tracking_id", u.TrackingID)
	attributes := sortedDocument(u.Attributes)
	d = append(d, bson.E{Key: "attributes", Value: attributes})
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
	d = append(d, bson.E{Key: "account_ids", Value: accounts}, bson.E{Key: "grants", Value: grants})
	if len(u.Additional) > 0 {
		additional := bson.D{}
		for _, name := range slices.Sorted(maps.Keys(u.Additional)) {
			additional = append(additional, bson.E{Key: name, Value: string(u.Additional[name])})
		}
		d = append(d, bson.E{Key: AdditionalKey, Value: additional})
	}
	if folded := u.folded(attributes); len(folded) > 0 {
		d = append(d, bson.E{Key: FoldedKey, Value: folded})
	}
	return d
}

func grantDocument(g Grant) bson.D {
	d := append(make(bson.D, 0, 9), bson.E{Key: "grantId", Value: g.ID})
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
