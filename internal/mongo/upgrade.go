package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/auth"
)

// The first version allowed one admin per e-mail address. An invited person had an admin without a
// password, with roles already set, and one link for all tenants. The functions below upgrade such
// a control database. They may run at every start, in several processes at once.

// dropUniqueEmailIndex drops the index that made e-mail addresses unique.
func dropUniqueEmailIndex(ctx context.Context, admins *driver.Collection) error {
	specs, err := admins.Indexes().ListSpecifications(ctx)
	if err != nil {
		return fmt.Errorf("list the indexes of %s: %w", admins.Name(), err)
	}
	for _, spec := range specs {
		if spec.Name == "email_1" && spec.Unique != nil && *spec.Unique {
			if err := admins.Indexes().DropOne(ctx, spec.Name); err != nil {
				return fmt.Errorf("drop an index of %s: %w", admins.Name(), err)
			}
		}
	}
	return nil
}

// Upgrade replaces admins without a password by invitations, one per tenant. A link stays valid for
// the tenant that sent it, and for no other.
func (s *Admins) Upgrade(ctx context.Context) error {
	pending, err := s.findAdmins(ctx, bson.D{{Key: "password", Value: ""}})
	if err != nil {
		return err
	}
	for i := range pending {
		if err := s.replaceByInvitations(ctx, &pending[i]); err != nil {
			return err
		}
		if _, err := s.adminStore.writes.Collection(adminsCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: pending[i].ID}}); err != nil {
			return fmt.Errorf("remove an admin without a password: %w", err)
		}
	}
	// Old invitations now lead to no admin.
	_, err = s.invitationStore.writes.Collection(invitationsCollection).DeleteMany(ctx, bson.D{{Key: "admin_id", Value: bson.D{{Key: "$exists", Value: true}}}})
	if err != nil {
		return fmt.Errorf("remove old invitations: %w", err)
	}
	return nil
}

// replaceByInvitations inserts the invitations of an admin without a password. It ignores the role
// in all tenants: only the operator grants that, and only to admins with passwords.
func (s *Admins) replaceByInvitations(ctx context.Context, a *auth.Admin) error {
	for tenant, role := range a.Roles {
		now := time.Now().UTC()
		i := auth.Invitation{
			ID: ulid.Make().String(), Tenant: tenant, Role: role, Email: a.Email, Created: a.Created, Expires: now,
		}
		var old struct {
			TokenHash string    `bson:"_id"`
			Expires   time.Time `bson:"expires"`
		}
		err := s.invitationStore.reads.Collection(invitationsCollection).FindOne(ctx, bson.D{
			{Key: "admin_id", Value: a.ID}, {Key: "tenant", Value: tenant},
		}).Decode(&old)
		switch {
		case err == nil:
			i.TokenHash, i.Expires = old.TokenHash, old.Expires
		case !errors.Is(err, driver.ErrNoDocuments):
			return fmt.Errorf("find an old invitation: %w", err)
		}
		if err := s.InsertInvitation(ctx, &i); err != nil && !errors.Is(err, auth.ErrDuplicate) {
			return err
		}
	}
	return nil
}
