package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/auth"
)

var _ auth.KeyStore = (*Accounts)(nil)

type keyPairDocument struct {
	AccessKey string    `bson:"_id"`
	Tenant    string    `bson:"tenant"`
	AdminID   string    `bson:"admin_id"`
	Note      string    `bson:"note,omitempty"`
	Sealed    []byte    `bson:"sealed,omitempty"`
	Created   time.Time `bson:"created"`
	CreatedBy string    `bson:"created_by"`
	LastUsed  time.Time `bson:"last_used,omitempty"`
	Revoked   time.Time `bson:"revoked,omitempty"`
}

// InsertKeyPair adds a pair. auth.ErrDuplicate where the access key is taken.
func (s *Accounts) InsertKeyPair(ctx context.Context, k *auth.KeyPair) error {
	_, err := s.writes.Collection(keyPairsCollection).InsertOne(ctx, keyPairDocument(*k))
	if driver.IsDuplicateKeyError(err) {
		return auth.ErrDuplicate
	}
	if err != nil {
		return fmt.Errorf("insert a key pair: %w", err)
	}
	return nil
}

// KeyPair returns a pair, revoked or not, or auth.ErrNotFound.
func (s *Accounts) KeyPair(ctx context.Context, accessKey string) (*auth.KeyPair, error) {
	d, err := findOne[keyPairDocument](ctx, s.reads.Collection(keyPairsCollection), bson.D{{Key: "_id", Value: accessKey}})
	if err != nil {
		return nil, err
	}
	k := auth.KeyPair(*d)
	return &k, nil
}

// KeyPairs returns the pairs of a tenant that are not revoked, newest first: of one admin, or of all where adminID is "".
func (s *Accounts) KeyPairs(ctx context.Context, tenant, adminID string) ([]auth.KeyPair, error) {
	match := append(goodPairs(tenant), bson.E{Key: "admin_id", Value: adminID})
	if adminID == "" {
		match = goodPairs(tenant)
	}
	c, err := s.reads.Collection(keyPairsCollection).Find(ctx, match,
		options.Find().SetSort(bson.D{{Key: "created", Value: -1}, {Key: "_id", Value: 1}}).SetProjection(bson.D{{Key: "sealed", Value: 0}}))
	if err != nil {
		return nil, fmt.Errorf("find key pairs: %w", err)
	}
	var docs []keyPairDocument
	if err := c.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read key pairs: %w", err)
	}
	list := make([]auth.KeyPair, len(docs))
	for i, d := range docs {
		list[i] = auth.KeyPair(d)
	}
	return list, nil
}

// goodPairs matches the pairs of a tenant that are not revoked.
func goodPairs(tenant string) bson.D {
	return bson.D{{Key: "tenant", Value: tenant}, {Key: "revoked", Value: bson.D{{Key: "$exists", Value: false}}}}
}

// AnnotateKeyPair changes the note of a pair that is not revoked, or returns auth.ErrNotFound.
func (s *Accounts) AnnotateKeyPair(ctx context.Context, tenant, accessKey, note string) error {
	return s.changePair(ctx, tenant, accessKey, bson.D{{Key: "$set", Value: bson.D{{Key: "note", Value: note}}}})
}

// RevokeKeyPair revokes a pair and forgets its secret. auth.ErrNotFound where there is none that is good.
func (s *Accounts) RevokeKeyPair(ctx context.Context, tenant, accessKey string, at time.Time) error {
	return s.changePair(ctx, tenant, accessKey, bson.D{
		{Key: "$set", Value: bson.D{{Key: "revoked", Value: at}}},
		{Key: "$unset", Value: bson.D{{Key: "sealed", Value: ""}}},
	})
}

func (s *Accounts) changePair(ctx context.Context, tenant, accessKey string, change bson.D) error {
	match := append(goodPairs(tenant), bson.E{Key: "_id", Value: accessKey})
	r, err := s.writes.Collection(keyPairsCollection).UpdateOne(ctx, match, change)
	if err != nil {
		return fmt.Errorf("change a key pair: %w", err)
	}
	if r.MatchedCount == 0 {
		return auth.ErrNotFound
	}
	return nil
}

// TouchKeyPair notes that a pair was used. That it is gone is no error.
func (s *Accounts) TouchKeyPair(ctx context.Context, accessKey string, at time.Time) error {
	_, err := s.writes.Collection(keyPairsCollection).UpdateOne(ctx, bson.D{{Key: "_id", Value: accessKey}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "last_used", Value: at}}}})
	if err != nil {
		return fmt.Errorf("touch a key pair: %w", err)
	}
	return nil
}
