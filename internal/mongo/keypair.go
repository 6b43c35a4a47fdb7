package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

var _ auth.KeyStore = (*Admins)(nil)

// InsertKeyPair adds a key pair. It returns auth.ErrDuplicate if the access key or the slot is
// taken.
func (s *keyPairStore) InsertKeyPair(ctx context.Context, k *auth.KeyPair) error {
	_, err := s.writes.Collection(keyPairsCollection).InsertOne(ctx, stored.KeyPair(*k))
	if driver.IsDuplicateKeyError(err) {
		return auth.ErrDuplicate
	}
	if err != nil {
		return fmt.Errorf("insert a key pair: %w", err)
	}
	return nil
}

// KeyPair returns a key pair, revoked or not, or auth.ErrNotFound.
func (s *keyPairStore) KeyPair(ctx context.Context, accessKey string) (*auth.KeyPair, error) {
	d, err := findOne[stored.KeyPair](ctx, s.reads.Collection(keyPairsCollection), bson.D{{Key: "_id", Value: accessKey}})
	if err != nil {
		return nil, err
	}
	k := auth.KeyPair(*d)
	return &k, nil
}

// KeyPairs returns the active key pairs of a tenant, newest first, without their secrets: of one
// admin, or of all if adminID is "". With an adminID, tenant "" stands for all tenants.
func (s *keyPairStore) KeyPairs(ctx context.Context, tenant, adminID string) ([]auth.KeyPair, error) {
	match := activePairs(tenant)
	if adminID != "" {
		match = append(match, bson.E{Key: "admin_id", Value: adminID})
		if tenant == "" {
			match = match[1:]
		}
	}
	c, err := s.reads.Collection(keyPairsCollection).Find(ctx, match,
		options.Find().SetSort(bson.D{{Key: "created", Value: -1}, {Key: "_id", Value: 1}}).SetProjection(bson.D{{Key: "sealed", Value: 0}}))
	if err != nil {
		return nil, fmt.Errorf("find key pairs: %w", err)
	}
	var docs []stored.KeyPair
	if err := c.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read key pairs: %w", err)
	}
	list := make([]auth.KeyPair, len(docs))
	for i, d := range docs {
		list[i] = auth.KeyPair(d)
	}
	return list, nil
}

// activePairs matches the key pairs of a tenant that are not revoked.
func activePairs(tenant string) bson.D {
	return bson.D{{Key: "tenant", Value: tenant}, {Key: "revoked", Value: bson.D{{Key: "$exists", Value: false}}}}
}

// ChangeKeyPair changes an active key pair, or returns auth.ErrNotFound.
func (s *keyPairStore) ChangeKeyPair(ctx context.Context, tenant, accessKey string, c auth.KeyPairChange) error {
	set := bson.D{}
	if c.Note != nil {
		set = append(set, bson.E{Key: "note", Value: *c.Note})
	}
	if c.RequestsPerMinute != nil {
		set = append(set, bson.E{Key: "requests_per_minute", Value: *c.RequestsPerMinute})
	}
	if len(set) == 0 {
		return nil
	}
	return s.changePair(ctx, tenant, accessKey, bson.D{{Key: "$set", Value: set}})
}

// RevokeKeyPair revokes an active key pair, deletes its secret and frees its slot. It returns
// auth.ErrNotFound if there is no such key pair.
func (s *keyPairStore) RevokeKeyPair(ctx context.Context, tenant, accessKey string, at time.Time) error {
	return s.changePair(ctx, tenant, accessKey, bson.D{
		{Key: "$set", Value: bson.D{{Key: "revoked", Value: at}}},
		{Key: "$unset", Value: bson.D{{Key: "sealed", Value: ""}, {Key: "slot", Value: ""}}},
	})
}

func (s *keyPairStore) changePair(ctx context.Context, tenant, accessKey string, change bson.D) error {
	match := append(activePairs(tenant), bson.E{Key: "_id", Value: accessKey})
	r, err := s.writes.Collection(keyPairsCollection).UpdateOne(ctx, match, change)
	if err != nil {
		return fmt.Errorf("change a key pair: %w", err)
	}
	if r.MatchedCount == 0 {
		return auth.ErrNotFound
	}
	return nil
}

// TouchKeyPair records the last use of a key pair. It does nothing if the key pair does not exist.
func (s *keyPairStore) TouchKeyPair(ctx context.Context, accessKey string, at time.Time) error {
	_, err := s.writes.Collection(keyPairsCollection).UpdateOne(ctx, bson.D{{Key: "_id", Value: accessKey}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "last_used", Value: at}}}})
	if err != nil {
		return fmt.Errorf("touch a key pair: %w", err)
	}
	return nil
}
