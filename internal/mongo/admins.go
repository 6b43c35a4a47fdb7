package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"github.com/egress-io/egress/internal/auth"
)

// Accounts keeps admins, their sessions and the tenants. It is an auth.Store.
type Accounts struct {
	writes *driver.Database
	reads  *driver.Database
}

var _ auth.Store = (*Accounts)(nil)

// NewAccounts uses the control database of db.
func NewAccounts(db *DB) *Accounts {
	return &Accounts{
		writes: db.Control(),
		// From the primary, since a session that was ended must be gone at once; but not through the write client,
		// where in embedded mode every request would wait for every write.
		reads: db.controlReads.Database(db.name, options.Database().SetReadPreference(readpref.Primary())),
	}
}

type adminDocument struct {
	ID         string               `bson:"_id"`
	Email      string               `bson:"email"`
	Name       string               `bson:"name"`
	Password   string               `bson:"password"`
	Roles      map[string]auth.Role `bson:"roles,omitempty"`
	Everywhere auth.Role            `bson:"everywhere,omitempty"`
	Created    time.Time            `bson:"created"`
}

func (d *adminDocument) admin() *auth.Admin {
	a := auth.Admin(*d)
	return &a
}

// HasAdmins reports whether there is any admin.
func (s *Accounts) HasAdmins(ctx context.Context) (bool, error) {
	err := s.reads.Collection(adminsCollection).FindOne(ctx, bson.D{}, options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find an admin: %w", err)
	}
	return true, nil
}

// InsertAdmin adds an admin, or returns auth.ErrDuplicate when the e-mail address is taken.
func (s *Accounts) InsertAdmin(ctx context.Context, a *auth.Admin) error {
	_, err := s.writes.Collection(adminsCollection).InsertOne(ctx, adminDocument(*a))
	if driver.IsDuplicateKeyError(err) {
		return auth.ErrDuplicate
	}
	if err != nil {
		return fmt.Errorf("insert an admin: %w", err)
	}
	return nil
}

// AdminByEmail returns the admin with a lower-case address, or auth.ErrNotFound.
func (s *Accounts) AdminByEmail(ctx context.Context, email string) (*auth.Admin, error) {
	d, err := findOne[adminDocument](ctx, s.reads.Collection(adminsCollection), bson.D{{Key: "email", Value: email}})
	if err != nil {
		return nil, err
	}
	return d.admin(), nil
}

// Admin returns an admin by id, or auth.ErrNotFound.
func (s *Accounts) Admin(ctx context.Context, id string) (*auth.Admin, error) {
	d, err := findOne[adminDocument](ctx, s.reads.Collection(adminsCollection), bson.D{{Key: "_id", Value: id}})
	if err != nil {
		return nil, err
	}
	return d.admin(), nil
}

// AdminsIn returns the admins who have a role in a tenant, in no order.
func (s *Accounts) AdminsIn(ctx context.Context, tenant string) ([]auth.Admin, error) {
	c, err := s.reads.Collection(adminsCollection).Find(ctx, bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "roles." + tenant, Value: bson.D{{Key: "$exists", Value: true}}}},
		bson.D{{Key: "everywhere", Value: bson.D{{Key: "$exists", Value: true}}}},
	}}})
	if err != nil {
		return nil, fmt.Errorf("find admins: %w", err)
	}
	var docs []adminDocument
	if err := c.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read admins: %w", err)
	}
	list := make([]auth.Admin, len(docs))
	for i, d := range docs {
		list[i] = auth.Admin(d)
	}
	return list, nil
}

// SetRole gives an admin a role in a tenant, or takes it away where role is "". auth.ErrNotFound where there is no such admin.
func (s *Accounts) SetRole(ctx context.Context, adminID, tenant string, role auth.Role) error {
	change := bson.D{{Key: "$set", Value: bson.D{{Key: "roles." + tenant, Value: role}}}}
	if role == "" {
		change = bson.D{{Key: "$unset", Value: bson.D{{Key: "roles." + tenant, Value: ""}}}}
	}
	return s.changeAdmin(ctx, bson.D{{Key: "_id", Value: adminID}}, change)
}

// SetFirstPassword gives an admin who has no password a name and a password's hash. auth.ErrNotFound where there is none such.
func (s *Accounts) SetFirstPassword(ctx context.Context, adminID, name, hash string) error {
	return s.changeAdmin(ctx, bson.D{{Key: "_id", Value: adminID}, {Key: "password", Value: ""}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "name", Value: name}, {Key: "password", Value: hash}}}})
}

func (s *Accounts) changeAdmin(ctx context.Context, match, change bson.D) error {
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
		return nil, fmt.Errorf("find one of %s: %w", c.Name(), err)
	}
	return &d, nil
}
