package mongo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

// Admins stores admins and what belongs to them: sessions, invitations, password resets, key
// pairs and second factors. It stores the tenants too. It implements auth.Store, auth.KeyStore and
// auth.FactorStore.
type Admins struct {
	*adminStore
	*sessionStore
	*invitationStore
	*resetStore
	*keyPairStore
	*factorStore
	*challengeStore
	*tenantStore
}

var _ auth.Store = (*Admins)(nil)

// controlDatabase is the control database as the stores of admins use it.
type controlDatabase struct {
	writes *driver.Database
	reads  *driver.Database
}

// The stores that Admins consists of.
type (
	adminStore      struct{ *controlDatabase }
	sessionStore    struct{ *controlDatabase }
	invitationStore struct{ *controlDatabase }
	resetStore      struct{ *controlDatabase }
	keyPairStore    struct{ *controlDatabase }
	factorStore     struct{ *controlDatabase }
	challengeStore  struct{ *controlDatabase }
	tenantStore     struct{ *controlDatabase }
)

// NewAdmins returns the store of admins in the control database of db.
func NewAdmins(db *DB) *Admins {
	c := &controlDatabase{
		writes: db.Control(),
		// Reads go to the primary, because a session that was ended must be gone at once. They do
		// not use the write client: on FerretDB, each request would wait for all writes.
		reads: db.controlReads.Database(db.name, options.Database().SetReadPreference(readpref.Primary())),
	}
	return &Admins{
		&adminStore{c}, &sessionStore{c}, &invitationStore{c}, &resetStore{c}, &keyPairStore{c}, &factorStore{c}, &challengeStore{c}, &tenantStore{c},
	}
}

// HasAdmins reports whether at least one admin exists.
func (s *adminStore) HasAdmins(ctx context.Context) (bool, error) {
	err := s.reads.Collection(adminsCollection).FindOne(ctx, bson.D{}, options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find an admin: %w", err)
	}
	return true, nil
}

// InsertAdmin adds an admin. It returns auth.ErrDuplicate if the id exists.
func (s *adminStore) InsertAdmin(ctx context.Context, a *auth.Admin) error {
	_, err := s.writes.Collection(adminsCollection).InsertOne(ctx, stored.Admin(*a))
	if driver.IsDuplicateKeyError(err) {
		return auth.ErrDuplicate
	}
	if err != nil {
		return fmt.Errorf("insert an admin: %w", err)
	}
	return nil
}

// AdminsByEmail returns the admins with an e-mail address, which must be lower-case, oldest first.
func (s *adminStore) AdminsByEmail(ctx context.Context, email string) ([]auth.Admin, error) {
	list, err := s.findAdmins(ctx, bson.D{{Key: "email", Value: email}})
	slices.SortFunc(list, func(a, b auth.Admin) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	return list, err
}

// Admin returns an admin by id, or auth.ErrNotFound.
func (s *adminStore) Admin(ctx context.Context, id string) (*auth.Admin, error) {
	d, err := findOne[stored.Admin](ctx, s.reads.Collection(adminsCollection), bson.D{{Key: "_id", Value: id}})
	if err != nil {
		return nil, err
	}
	a := auth.Admin(*d)
	return &a, nil
}

// AdminsIn returns the admins who have a role in a tenant, in no order.
func (s *adminStore) AdminsIn(ctx context.Context, tenant string) ([]auth.Admin, error) {
	return s.findAdmins(ctx, bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "roles." + tenant, Value: bson.D{{Key: "$exists", Value: true}}}},
		bson.D{{Key: "everywhere", Value: bson.D{{Key: "$exists", Value: true}}}},
	}}})
}

func (s *adminStore) findAdmins(ctx context.Context, match bson.D) ([]auth.Admin, error) {
	c, err := s.reads.Collection(adminsCollection).Find(ctx, match)
	if err != nil {
		return nil, fmt.Errorf("find admins: %w", err)
	}
	var docs []stored.Admin
	if err := c.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read admins: %w", err)
	}
	list := make([]auth.Admin, len(docs))
	for i, d := range docs {
		list[i] = auth.Admin(d)
	}
	return list, nil
}

// SetRole sets an admin's role in a tenant; role "" removes it. It returns auth.ErrNotFound if the
// admin does not exist.
func (s *adminStore) SetRole(ctx context.Context, adminID, tenant string, role auth.Role) error {
	change := bson.D{{Key: "$set", Value: bson.D{{Key: "roles." + tenant, Value: role}}}}
	if role == "" {
		change = bson.D{{Key: "$unset", Value: bson.D{{Key: "roles." + tenant, Value: ""}}}}
	}
	return s.changeAdmin(ctx, bson.D{{Key: "_id", Value: adminID}}, change)
}

// SetPassword replaces the hash of a password. It returns auth.ErrNotFound if the admin's current
// hash is not old.
func (s *adminStore) SetPassword(ctx context.Context, adminID, old, hash string, at time.Time) error {
	return s.changeAdmin(ctx, bson.D{{Key: "_id", Value: adminID}, {Key: "password", Value: old}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "password", Value: hash}, {Key: "password_changed", Value: at}}}})
}

// SetName changes the display name. It returns auth.ErrNotFound if the admin does not exist.
func (s *adminStore) SetName(ctx context.Context, adminID, name string) error {
	return s.changeAdmin(ctx, bson.D{{Key: "_id", Value: adminID}}, bson.D{{Key: "$set", Value: bson.D{{Key: "name", Value: name}}}})
}

func (s *adminStore) changeAdmin(ctx context.Context, match, change bson.D) error {
	r, err := s.writes.Collection(adminsCollection).UpdateOne(ctx, match, change)
	if err != nil {
		return fmt.Errorf("change an admin: %w", err)
	}
	if r.MatchedCount == 0 {
		return auth.ErrNotFound
	}
	return nil
}

// findOne decodes the document that matches, or returns auth.ErrNotFound.
func findOne[T any](ctx context.Context, c *driver.Collection, match bson.D) (*T, error) {
	var d T
	err := c.FindOne(ctx, match).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, auth.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find a document of %s: %w", c.Name(), err)
	}
	return &d, nil
}
