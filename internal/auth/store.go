package auth

import (
	"context"
	"errors"
	"time"
)

// Errors of a Store.
var (
	ErrNotFound  = errors.New("the record does not exist")
	ErrDuplicate = errors.New("the record already exists")
)

// Admin is the account of a person who uses Egress. An e-mail address may have several accounts:
// accepting an invitation with a new password creates an account that belongs to the inviting
// tenant only.
type Admin struct {
	ID              string // ULID
	Email           string // lower-case; personal data
	Name            string
	Password        string          // argon2id, in PHC form
	PasswordChanged time.Time       // zero: never
	Roles           map[string]Role // by tenant id
	GlobalRole      Role            // role in every tenant; "" for none
	Created         time.Time
}

// Role returns the admin's role in a tenant, "" for none.
func (a *Admin) Role(tenant string) Role { return a.Roles[tenant].Higher(a.GlobalRole) }

// Tenant is a customer organization.
type Tenant struct {
	ID        string
	Name      string
	Retention time.Duration // how long files are kept; 0: the default of the process
	// LegacySignatures allows requests that do not sign the query (BlaizeHMAC).
	LegacySignatures bool
	// SecondFactorRequired denies access to sessions without a second factor. It does not affect
	// key pairs.
	SecondFactorRequired bool
	// RefuseZephr rejects requests that are signed with Zephr's schemes (ZephrHMAC, BlaizeHMAC).
	RefuseZephr bool
	// DefaultStore is the id of the user store of users who are created without one; "": the first
	// store.
	DefaultStore string
}

// Session is a session of an admin. Its token is never stored.
type Session struct {
	ID           string // SHA-256 of the token, in hex
	PublicID     string // ULID; identifies the session in lists; not a credential
	AdminID      string
	Created      time.Time
	LastUsed     time.Time // last use, to the minute
	Expires      time.Time // moves with LastUsed, up to AbsoluteLimit
	Address      string    // IP address of the log-in; personal data
	UserAgent    string    // of the log-in
	SecondFactor bool      // whether a second factor was proven
	Confirmed    time.Time // when the credentials were last proven
}

// Store stores admins and what belongs to them, and the tenants. Reads return the last written state: a
// deleted session is invalid at once.
type Store interface {
	AdminStore
	InvitationStore
	ResetStore
	SessionStore
	TenantStore
}

// AdminStore stores admins and their roles.
type AdminStore interface {
	// HasAdmins reports whether any admin exists.
	HasAdmins(ctx context.Context) (bool, error)
	// InsertAdmin adds an account, or returns ErrDuplicate if the id exists.
	InsertAdmin(ctx context.Context, a *Admin) error
	// AdminsByEmail returns the accounts of a lower-case e-mail address, oldest first. An empty
	// list is no error.
	AdminsByEmail(ctx context.Context, email string) ([]Admin, error)
	// Admin returns an admin by id, or ErrNotFound.
	Admin(ctx context.Context, id string) (*Admin, error)
	// AdminsIn returns the admins who have a role in a tenant, in any order.
	AdminsIn(ctx context.Context, tenant string) ([]Admin, error)
	// SetRole sets an admin's role in a tenant; a role of "" removes it. ErrNotFound if the admin
	// does not exist.
	SetRole(ctx context.Context, adminID, tenant string, role Role) error
	// SetPassword replaces a password hash. ErrNotFound if the account's hash is not old.
	SetPassword(ctx context.Context, adminID, old, hash string, at time.Time) error
	// SetName changes the display name, or returns ErrNotFound.
	SetName(ctx context.Context, adminID, name string) error
}

// InvitationStore stores invitations to tenants.
type InvitationStore interface {
	// InsertInvitation adds an invitation. ErrDuplicate if the tenant already has one for the
	// e-mail address.
	InsertInvitation(ctx context.Context, i *Invitation) error
	// Invitations returns the invitations of a tenant, newest first. It includes expired ones.
	Invitations(ctx context.Context, tenant string) ([]Invitation, error)
	// Invitation returns an invitation by id, even an expired one, or ErrNotFound.
	Invitation(ctx context.Context, id string) (*Invitation, error)
	// InvitationByToken returns an invitation by the hash of its token, even an expired one, or
	// ErrNotFound.
	InvitationByToken(ctx context.Context, hash string) (*Invitation, error)
	// RenewInvitation replaces the token hash and the expiry, or returns ErrNotFound.
	RenewInvitation(ctx context.Context, id, hash string, expires time.Time) error
	// DeleteInvitation removes an invitation. A missing invitation is no error.
	DeleteInvitation(ctx context.Context, id string) error
	// ClaimInvitation reports whether an account may accept an invitation: true for the first
	// account that claims it, on every call, and false for all others.
	ClaimInvitation(ctx context.Context, id, adminID string, at time.Time) (bool, error)
}

// ResetStore stores password resets.
type ResetStore interface {
	// InsertReset adds a password reset.
	InsertReset(ctx context.Context, r *Reset) error
	// Reset returns a password reset by the hash of its token, even an expired one, or ErrNotFound.
	Reset(ctx context.Context, hash string) (*Reset, error)
	// DeleteResets removes the password resets of an account, and all resets that expired before
	// now.
	DeleteResets(ctx context.Context, adminID string, now time.Time) error
}

// SessionStore stores sessions.
type SessionStore interface {
	// InsertSession adds a session.
	InsertSession(ctx context.Context, s *Session) error
	// Session returns a session by id, even an expired one, or ErrNotFound.
	Session(ctx context.Context, id string) (*Session, error)
	// SessionsOf returns the sessions of an account in any order. It includes expired ones.
	SessionsOf(ctx context.Context, adminID string) ([]Session, error)
	// TouchSession updates the last use and the expiry of a session. A missing session is no error
	// and is not created.
	TouchSession(ctx context.Context, id string, seen, expires time.Time) error
	// ConfirmSession records when a session's credentials were proven, and whether with a second
	// factor. A missing session is no error and is not created.
	ConfirmSession(ctx context.Context, id string, at time.Time, secondFactor bool) error
	// DropSecondFactor marks every session of an admin as without a second factor.
	DropSecondFactor(ctx context.Context, adminID string) error
	// DeleteSession removes a session. A missing session is no error.
	DeleteSession(ctx context.Context, id string) error
	// DeleteSessions removes the sessions that expired before now, and returns their number.
	DeleteSessions(ctx context.Context, now time.Time) (int64, error)
}

// TenantStore reads tenants.
type TenantStore interface {
	// Tenants returns all tenants, ordered by id.
	Tenants(ctx context.Context) ([]Tenant, error)
	// Tenant returns a tenant by id, or ErrNotFound.
	Tenant(ctx context.Context, id string) (*Tenant, error)
}
