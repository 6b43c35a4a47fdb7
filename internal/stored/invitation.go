package stored

import (
	"time"

	"github.com/egress-io/egress/internal/auth"
)

// Invitation is an auth.Invitation.
type Invitation struct {
	ID        string    `bson:"_id"`
	TokenHash string    `bson:"token_hash"`
	Tenant    string    `bson:"tenant"`
	Role      auth.Role `bson:"role"`
	Email     string    `bson:"email"`
	InvitedBy string    `bson:"invited_by"`
	Created   time.Time `bson:"created"`
	Expires   time.Time `bson:"expires"`
	Key       string    `bson:"key,omitempty"` // the tenant and the address; unique
}

// NewInvitation returns the document of an invitation.
func NewInvitation(i *auth.Invitation) *Invitation {
	return &Invitation{
		ID: i.ID, TokenHash: i.TokenHash, Tenant: i.Tenant, Role: i.Role, Email: i.Email, InvitedBy: i.InvitedBy,
		Created: i.Created, Expires: i.Expires, Key: i.Tenant + " " + i.Email,
	}
}

// Invitation returns the invitation of the document.
func (d *Invitation) Invitation() auth.Invitation {
	return auth.Invitation{
		ID: d.ID, TokenHash: d.TokenHash, Tenant: d.Tenant, Role: d.Role, Email: d.Email, InvitedBy: d.InvitedBy,
		Created: d.Created, Expires: d.Expires,
	}
}

// InvitationClaim is the claim of an account on an invitation.
type InvitationClaim struct {
	ID string    `bson:"_id"` // InvitationClaimID
	By string    `bson:"by"`  // id of the admin
	At time.Time `bson:"at"`
}

// InvitationClaimID returns the id of the claim on an invitation. Claims on other things are stored
// next to it.
func InvitationClaimID(invitationID string) string { return "invitation:" + invitationID }
