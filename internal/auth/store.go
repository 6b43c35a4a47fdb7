package auth

import (
	"context"
	"errors"
	"time"
)

// Errors of a Store.
var (
	ErrNotFound  = errors.New("no such record")
	ErrDuplicate = errors.New("there is such a record already")
)

// Admin is a human who uses Egress.
type Admin struct {
	ID         string // ULID
	Email      string // lower-case; unique; personal data
	Name       string
	Password   string          // argon2id, in PHC form; "" for those who are invited and have not chosen one
	Roles      map[string]Role // by tenant
	Everywhere Role            // in every tenant there is; "" for none
	Created    time.Time
}

// Role returns the admin's role in a tenant, "" where there is none.
func (a *Admin) Role(tenant string) Role { return a.Roles[tenant].Higher(a.Everywhere) }

// Tenant is a customer organisation.
type Tenant struct {
	ID        string
	Name      string
	Retention time.Duration // how long its files are kept; 0: as long as the process keeps files
	// LegacySignatures allows requests whose query is not signed (BlaizeHMAC).
	LegacySignatures bool
}

// Session is one sign-in of an admin. The token that proves it is never stored.
type Session struct {
	ID      string // SHA-256 of the token, in hex
	AdminID string
	Created time.Time
	Seen    time.Time // last use, to the minute
	Expires time.Time // moves with Seen, up to a limit
}

// Store keeps admins, sessions and tenants. What is read is what was last written: a session that was deleted is gone
// at once.
type Store interface {
	// HasAdmins reports whether there is any admin.
	HasAdmins(ctx context.Context) (bool, error)
	// InsertAdmin adds an admin, or returns ErrDuplicate when the e-mail address is taken.
	InsertAdmin(ctx context.Context, a *Admin) error
	// AdminByEmail returns the admin with a lower-case address, or ErrNotFound.
	AdminByEmail(ctx context.Context, email string) (*Admin, error)
	// Admin returns an admin by id, or ErrNotFound.
	Admin(ctx context.Context, id string) (*Admin, error)

	// AdminsIn returns the admins who have a role in a tenant, in no order.
	AdminsIn(ctx context.Context, tenant string) ([]Admin, error)
	// SetRole gives an admin a role in a tenant, or takes it away where role is "". ErrNotFound where there is no such admin.
	SetRole(ctx context.Context, adminID, tenant string, role Role) error
	// SetFirstPassword gives an admin who has no password a name and a password's hash. ErrNotFound where there is none such.
	SetFirstPassword(ctx context.Context, adminID, name, hash string) error

	// InsertInvitation adds an invitation.
	InsertInvitation(ctx context.Context, i *Invitation) error
	// Invitation returns an invitation by id, expired or not, or ErrNotFound.
	Invitation(ctx context.Context, id string) (*Invitation, error)
	// DeleteInvitations removes an admin's invitations. That there is none is no error.
	DeleteInvitations(ctx context.Context, adminID string) error

	// InsertSession adds a session.
	InsertSession(ctx context.Context, s *Session) error
	// Session returns a session by id, ended or not, or ErrNotFound.
	Session(ctx context.Context, id string) (*Session, error)
	// TouchSession notes that a session was used. That it is gone is no error, and does not bring it back.
	TouchSession(ctx context.Context, id string, seen, expires time.Time) error
	// DeleteSession ends a session. That there is none is no error.
	DeleteSession(ctx context.Context, id string) error
	// DeleteSessions removes the sessions that had ended by now, and returns how many.
	DeleteSessions(ctx context.Context, now time.Time) (int64, error)

	// Tenants returns every tenant by id.
	Tenants(ctx context.Context) ([]Tenant, error)
	// Tenant returns a tenant by id, or ErrNotFound.
	Tenant(ctx context.Context, id string) (*Tenant, error)
}
