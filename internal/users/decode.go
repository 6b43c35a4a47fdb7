package users

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Decode decodes a stored user. It accepts documents that other programs wrote: it converts values
// of unexpected types to text (documents and arrays to JSON) and accepts profiles as documents and
// times as text. Only invalid BSON is an error.
func Decode(raw bson.Raw) (User, error) {
	u := User{
		Attributes: map[string]any{}, ForeignKeys: map[string]string{}, ExtendedProfiles: map[string]json.RawMessage{},
		AccountIDs: []string{}, Grants: []Grant{},
	}
	err := eachElement(raw, func(key string, v bson.RawValue) error {
		switch key {
		case "_id":
			u.ID = textOf(v)
		case "user_store_id":
			u.StoreID = textOf(v)
		case "identifiers":
			return eachOf(v, func(key string, v bson.RawValue) error {
				switch key {
				case "email_address":
					u.Identifiers.EmailAddress = textOf(v)
				case "username":
					u.Identifiers.Username = textOf(v)
				}
				return nil
			})
		case "email_verified":
			u.EmailVerified, _ = v.BooleanOK()
		case "registered":
			u.Registered = timeOf(v)
		case "last_login":
			u.LastLogin = timeOf(v)
		case "updated":
			u.Updated = timeOf(v)
		case "tracking_id":
			u.TrackingID = textOf(v)
		case "attributes":
			return eachOf(v, func(slug string, v bson.RawValue) error {
				if x := valueOf(v); x != nil {
					u.Attributes[slug] = x
				}
				return nil
			})
		case "foreign_keys":
			return eachOf(v, func(system string, v bson.RawValue) error {
				if s := textOf(v); s != "" {
					u.ForeignKeys[system] = s
				}
				return nil
			})
		case "extended_profiles":
			return eachOf(v, func(app string, v bson.RawValue) error {
				u.ExtendedProfiles[UnescapeAppID(app)] = StoredJSON(v)
				return nil
			})
		case "account_ids":
			return eachOf(v, func(_ string, v bson.RawValue) error {
				u.AccountIDs = append(u.AccountIDs, textOf(v))
				return nil
			})
		case "grants":
			return eachOf(v, func(_ string, v bson.RawValue) error {
				g, err := decodeGrant(v)
				u.Grants = append(u.Grants, g)
				return err
			})
		case AdditionalKey:
			return eachOf(v, func(name string, v bson.RawValue) error {
				if !IsAdditional(name) {
					return nil
				}
				if u.Additional == nil {
					u.Additional = map[string]json.RawMessage{}
				}
				u.Additional[name] = StoredJSON(v)
				return nil
			})
		}
		return nil
	})
	if err != nil {
		return User{}, fmt.Errorf("decode user: %w", err)
	}
	for i := range u.Grants {
		u.Grants[i].UserID = u.ID
	}
	return u, nil
}

func decodeGrant(v bson.RawValue) (Grant, error) {
	var g Grant
	err := eachOf(v, func(key string, v bson.RawValue) error {
		switch key {
		case "grantId":
			g.ID = textOf(v)
		case "account_id":
			g.AccountID = textOf(v)
		case "expiry_state":
			g.ExpiryState = textOf(v)
		case "entitlement_type":
			g.EntitlementType = textOf(v)
		case "entitlement_id":
			g.EntitlementID = textOf(v)
		case "product_id":
			g.ProductID = textOf(v)
		case "startTime":
			g.Start = timeOf(v)
		case "endTime":
			g.End = timeOf(v)
		case "createdAt":
			g.Created = timeOf(v)
		}
		return nil
	})
	return g, err
}

// eachOf visits the elements of a document or an array. It ignores values of other types.
func eachOf(v bson.RawValue, visit func(key string, v bson.RawValue) error) error {
	switch v.Type {
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		return eachElement(bson.Raw(v.Value), visit)
	default:
		return nil
	}
}

func eachElement(raw bson.Raw, visit func(key string, v bson.RawValue) error) error {
	elements, err := raw.Elements()
	if err != nil {
		return err
	}
	for _, e := range elements {
		v := e.Value()
		if err := v.Validate(); err != nil {
			return err
		}
		if err := visit(e.Key(), v); err != nil {
			return err
		}
	}
	return nil
}

// valueOf converts the value to one of the types that Coerce returns, or nil if it is absent.
func valueOf(v bson.RawValue) any {
	switch v.Type {
	case bson.TypeNull, bson.TypeUndefined:
		return nil
	case bson.TypeBoolean:
		return v.Boolean()
	case bson.TypeInt32:
		return int64(v.Int32())
	case bson.TypeInt64:
		return v.Int64()
	case bson.TypeDouble:
		if f := v.Double(); !math.IsNaN(f) && !math.IsInf(f, 0) { // JSON has neither
			return f
		}
		return textOf(v)
	case bson.TypeDateTime:
		return v.Time().UTC()
	default:
		if s := textOf(v); s != "" {
			return s
		}
		return nil
	}
}

// timeOf returns a time that is stored as a BSON date or, by other programs, as text in any form of
// a datetime.
func timeOf(v bson.RawValue) *time.Time {
	switch v.Type {
	case bson.TypeDateTime:
		t := v.Time().UTC()
		return &t
	case bson.TypeString:
		if t, err := ParseDate(DateTime, v.StringValue()); err == nil {
			return &t
		}
	}
	return nil
}

// StoredJSON returns a stored extended profile or additional member as JSON. Egress stores the JSON
// text; other programs may store any value.
func StoredJSON(v bson.RawValue) json.RawMessage {
	if s, ok := v.StringValueOK(); ok && json.Valid([]byte(s)) {
		return json.RawMessage(s)
	}
	return AppendJSON(nil, v)
}
