package mongo

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/auth"
)

// A control database of the first version: unique addresses, admins without a password, links that
// open all tenants.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	admins := db.Control().Collection(adminsCollection)
	if _, err := admins.Indexes().CreateOne(ctx, unique(index("email"))); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	insert := func(collection string, d bson.D) {
		t.Helper()
		if _, err := db.Control().Collection(collection).InsertOne(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	insert(adminsCollection, bson.D{
		{Key: "_id", Value: "01N"}, {Key: "email", Value: "noor@example.com"}, {Key: "name", Value: "noor"}, {Key: "password", Value: ""},
		{Key: "roles", Value: bson.D{{Key: "daily", Value: "owner"}, {Key: "weekly", Value: "viewer"}}}, {Key: "created", Value: now},
	})
	insert(adminsCollection, bson.D{
		{Key: "_id", Value: "01A"}, {Key: "email", Value: "amelia@example.com"}, {Key: "name", Value: "Amelia"}, {Key: "password", Value: "$argon2id$"},
		{Key: "roles", Value: bson.D{{Key: "daily", Value: "owner"}}}, {Key: "created", Value: now},
	})
	insert(invitationsCollection, bson.D{
		{Key: "_id", Value: "hash"}, {Key: "admin_id", Value: "01N"}, {Key: "tenant", Value: "weekly"}, {Key: "expires", Value: now.Add(time.Hour)},
	})
	s := NewAdmins(db)
	upgrade := func(ctx context.Context) error { return errors.Join(db.EnsureControlIndexes(ctx), s.Upgrade(ctx)) }
	if err := errors.Join(upgrade(ctx), upgrade(ctx)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Admin(ctx, "01N"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the account without a password: %v", err)
	}
	if a, err := s.Admin(ctx, "01A"); err != nil || a.Role("daily") != auth.Owner {
		t.Errorf("the account with one: %+v, %v", a, err)
	}
	i, err := s.InvitationByToken(ctx, "hash")
	if err != nil || i.Tenant != "weekly" || i.Role != auth.Viewer || i.Email != "noor@example.com" || i.Expired(now) {
		t.Errorf("the link that was sent: %+v, %v", i, err)
	}
	if list, err := s.Invitations(ctx, "daily"); err != nil || len(list) != 1 || list[0].Role != auth.Owner || !list[0].Expired(time.Now()) {
		t.Errorf("the tenant whose link it was not: %+v, %v", list, err)
	}
	if n, err := db.Control().Collection(invitationsCollection).CountDocuments(ctx, bson.D{}); err != nil || n != 2 {
		t.Errorf("%d invitations, %v", n, err)
	}
	twins := errors.Join(s.InsertAdmin(ctx, &auth.Admin{ID: "1", Email: "x@example.com"}), s.InsertAdmin(ctx, &auth.Admin{ID: "2", Email: "x@example.com"}))
	if twins != nil {
		t.Errorf("addresses are unique still: %v", twins)
	}
}
