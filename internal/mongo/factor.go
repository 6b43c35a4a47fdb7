package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

var _ auth.FactorStore = (*Admins)(nil)

// Factors returns the second factors of an admin. It returns an empty value for an admin without
// any.
func (s *factorStore) Factors(ctx context.Context, adminID string) (*auth.AccountFactors, error) {
	d, err := findOne[stored.Factors](ctx, s.reads.Collection(factorsCollection), withID(adminID))
	if errors.Is(err, auth.ErrNotFound) {
		return &auth.AccountFactors{}, nil
	}
	if err != nil {
		return nil, err
	}
	return d.Factors(), nil
}

// WithFactors returns which of the admins have a second factor.
func (s *factorStore) WithFactors(ctx context.Context, adminIDs []string) (map[string]bool, error) {
	c, err := s.reads.Collection(factorsCollection).Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: adminIDs}}}})
	if err != nil {
		return nil, fmt.Errorf("find second factors: %w", err)
	}
	var docs []stored.Factors
	if err := c.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read second factors: %w", err)
	}
	hasFactors := map[string]bool{}
	for i := range docs {
		if docs[i].Factors().Any() {
			hasFactors[docs[i].Account] = true
		}
	}
	return hasFactors, nil
}

// SetTOTP replaces the authenticator app; nil removes it.
func (s *factorStore) SetTOTP(ctx context.Context, adminID string, t *auth.TOTP) error {
	if t == nil {
		return s.changeFactors(ctx, withID(adminID), unset("totp"))
	}
	return s.upsertFactors(ctx, adminID, "totp", stored.TOTP(*t))
}

// AddPasskey adds a passkey.
func (s *factorStore) AddPasskey(ctx context.Context, adminID string, p *auth.Passkey) error {
	return s.upsertFactors(ctx, adminID, "passkeys."+p.ID, stored.NewPasskey(p))
}

// RenamePasskey changes the name of a passkey. It returns auth.ErrNotFound if it does not exist.
func (s *factorStore) RenamePasskey(ctx context.Context, adminID, id, name string) error {
	return s.changePasskey(ctx, adminID, id, bson.D{{Key: "passkeys." + id + ".name", Value: name}})
}

// UsePasskey records a use of a passkey. It does nothing if the passkey does not exist.
func (s *factorStore) UsePasskey(ctx context.Context, adminID string, p *auth.Passkey) error {
	field := "passkeys." + p.ID + "."
	err := s.changePasskey(ctx, adminID, p.ID, bson.D{
		{Key: field + "last_used", Value: p.LastUsed}, {Key: field + "sign_count", Value: int64(p.SignCount)}, {Key: field + "flags", Value: int32(p.Flags)},
	})
	if errors.Is(err, auth.ErrNotFound) {
		return nil
	}
	return err
}

// changePasskey sets fields of an existing passkey, or returns auth.ErrNotFound.
func (s *factorStore) changePasskey(ctx context.Context, adminID, id string, fields bson.D) error {
	match := append(withID(adminID), bson.E{Key: "passkeys." + id + ".public_key", Value: bson.D{{Key: "$exists", Value: true}}})
	r, err := s.writes.Collection(factorsCollection).UpdateOne(ctx, match, bson.D{{Key: "$set", Value: fields}})
	if err != nil {
		return fmt.Errorf("change a passkey: %w", err)
	}
	if r.MatchedCount == 0 {
		return auth.ErrNotFound
	}
	return nil
}

// RemovePasskey removes a passkey, if it exists.
func (s *factorStore) RemovePasskey(ctx context.Context, adminID, id string) error {
	return s.changeFactors(ctx, withID(adminID), unset("passkeys."+id))
}

// SetRecoveryCodes replaces the hashes of the unused recovery codes. An empty list removes them.
func (s *factorStore) SetRecoveryCodes(ctx context.Context, adminID string, hashes []string) error {
	if len(hashes) == 0 {
		return s.changeFactors(ctx, withID(adminID), unset("recovery"))
	}
	set := bson.D{}
	for _, h := range hashes {
		set = append(set, bson.E{Key: h, Value: true})
	}
	return s.upsertFactors(ctx, adminID, "recovery", set)
}

// RemoveRecoveryCode removes the hash of a recovery code, if it exists.
func (s *factorStore) RemoveRecoveryCode(ctx context.Context, adminID, hash string) error {
	return s.changeFactors(ctx, withID(adminID), unset("recovery."+hash))
}

func (s *factorStore) changeFactors(ctx context.Context, match, change bson.D) error {
	if _, err := s.writes.Collection(factorsCollection).UpdateOne(ctx, match, change); err != nil {
		return fmt.Errorf("change second factors: %w", err)
	}
	return nil
}

// upsertFactors sets one field of an admin's document, and creates the document if needed.
func (s *factorStore) upsertFactors(ctx context.Context, adminID, field string, value any) error {
	change := bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: value}}}}
	_, err := s.writes.Collection(factorsCollection).UpdateOne(ctx, withID(adminID), change, options.UpdateOne().SetUpsert(true))
	if driver.IsDuplicateKeyError(err) { // another request created the document at the same time
		return s.changeFactors(ctx, withID(adminID), change)
	}
	if err != nil {
		return fmt.Errorf("set second factors: %w", err)
	}
	return nil
}

func withID(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }

func unset(field string) bson.D {
	return bson.D{{Key: "$unset", Value: bson.D{{Key: field, Value: ""}}}}
}
