package api

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

// Auth is every port that *auth.Service implements. A handler takes only those that it needs.
type Auth interface {
	Authenticator
	SignIns
	BrowserSessions
	Sessions
	Members
	Invitations
	Accounts
	PasswordResets
}

// Authenticator returns who sends a request, and what they may do in a tenant.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (*auth.Identity, error)
	// Check is Authenticate for connections that outlive a request. It does not count as use of the
	// session.
	Check(ctx context.Context, sessionID, tenant string) (auth.Membership, error)
	Memberships(ctx context.Context, a *auth.Admin) ([]auth.Membership, error)
	Membership(ctx context.Context, a *auth.Admin, tenant string) (auth.Membership, error)
	// SessionMembership is Membership for a session. It returns CodeSecondFactorMissing if the
	// tenant requires a second factor that the session does not have.
	SessionMembership(ctx context.Context, id *auth.Identity, tenant string) (auth.Membership, error)
}

// SignIns starts and confirms sessions.
type SignIns interface {
	Login(ctx context.Context, a auth.Attempt) (token string, session *auth.Session, err error)
	// CompleteLogin creates the session after Login returned CodeSecondFactorRequired.
	CompleteLogin(ctx context.Context, a *auth.FactorAnswer, from auth.Attempt) (proof auth.FactorProof, token string, session *auth.Session, err error)
	// Confirm verifies the password of a session's admin again. The challenge is not nil if a
	// second factor is required too.
	Confirm(ctx context.Context, id *auth.Identity, a auth.Attempt) (until time.Time, challenge *auth.FactorRequest, err error)
	// CompleteConfirm answers the challenge of Confirm.
	CompleteConfirm(ctx context.Context, id *auth.Identity, a *auth.FactorAnswer) (proof auth.FactorProof, until time.Time, err error)
}

// BrowserSessions identifies browsers and ends their sessions.
type BrowserSessions interface {
	// Device returns the value of the device cookie for a new session. It may be the client's
	// current value.
	Device(ctx context.Context, session *auth.Session, has string) (string, error)
	// Logout ends a session. It returns auth.ErrEndPending if the session ends later.
	Logout(ctx context.Context, token string) (sessionID string, err error)
}

// Sessions lists and ends the sessions of accounts.
type Sessions interface {
	// Sessions returns the active sessions of an account.
	Sessions(ctx context.Context, adminID string) ([]auth.Session, error)
	EndSession(ctx context.Context, adminID, name string) (id string, err error)
	EndSessions(ctx context.Context, adminID string) (ids []string, err error)
}

// Members manages the roles of admins in tenants.
type Members interface {
	// Members returns the admins who have a role in a tenant, sorted by e-mail address.
	Members(ctx context.Context, tenant string) ([]auth.Admin, error)
	// Member returns a member of a tenant, or CodeNotFound.
	Member(ctx context.Context, tenant, adminID string) (*auth.Admin, error)
	// SetRole changes a role, or removes it if role is "". It returns the admin as before the
	// change.
	SetRole(ctx context.Context, tenant, adminID string, role auth.Role) (before *auth.Admin, err error)
}

// Invitations manages invitations to tenants.
type Invitations interface {
	// Invitations returns the open invitations of a tenant.
	Invitations(ctx context.Context, tenant string) ([]auth.Invitation, error)
	Invite(ctx context.Context, tenant, email string, role auth.Role, by string) (i *auth.Invitation, token string, err error)
	RenewInvitation(ctx context.Context, tenant, id string) (i *auth.Invitation, token string, err error)
	WithdrawInvitation(ctx context.Context, tenant, id string) (*auth.Invitation, error)
	// InvitationByToken returns the invitation of a token and its tenant.
	InvitationByToken(ctx context.Context, token string) (*auth.Invitation, *auth.Tenant, error)
	// AcceptInvitation accepts an invitation with a password and creates a session. JoinTenant
	// accepts it with the account of a session.
	AcceptInvitation(ctx context.Context, token, name string, a auth.Attempt) (admin *auth.Admin, sessionToken string, session *auth.Session, err error)
	JoinTenant(ctx context.Context, token string, admin *auth.Admin) (auth.Membership, error)
}

// Accounts finds and changes accounts.
type Accounts interface {
	// Account returns an account and its memberships, nil if it does not exist.
	Account(ctx context.Context, adminID string) (*auth.Admin, []auth.Membership, error)
	// Accounts returns the accounts of an e-mail address.
	Accounts(ctx context.Context, email string) ([]auth.Admin, error)
	SetName(ctx context.Context, adminID, name string) (string, error)
	// ChangePassword ends every session and creates a new one. It returns the ids of the ended
	// sessions, also with an error.
	ChangePassword(ctx context.Context, id *auth.Identity, next string, a auth.Attempt) (token string, session *auth.Session, ended []string, err error)
}

// AuditedAccounts finds the accounts that audit records name.
type AuditedAccounts interface {
	Account(ctx context.Context, adminID string) (*auth.Admin, []auth.Membership, error)
	Accounts(ctx context.Context, email string) ([]auth.Admin, error)
	Memberships(ctx context.Context, a *auth.Admin) ([]auth.Membership, error)
}

// PasswordResets replaces forgotten passwords.
type PasswordResets interface {
	RequestReset(ctx context.Context, email, address string) ([]auth.ResetLink, error)
	CheckReset(ctx context.Context, token string) (*auth.Admin, error)
	ResetPassword(ctx context.Context, token, password string) (admin *auth.Admin, ended []string, err error)
}

// Factors manages second factors; *auth.Factors. codes are recovery codes: ten with the first
// factor of an account, else none.
type Factors interface {
	AccountFactors(ctx context.Context, account string) (*auth.AccountFactors, error)
	// AccountsWithFactor returns which of the accounts have a second factor.
	AccountsWithFactor(ctx context.Context, accounts []string) (map[string]bool, error)
	BeginTOTP(ctx context.Context, id *auth.Identity) (secret, uri string, err error)
	ConfirmTOTP(ctx context.Context, id *auth.Identity, code string) (codes []string, err error)
	RemoveTOTP(ctx context.Context, id *auth.Identity) error
	BeginPasskey(ctx context.Context, id *auth.Identity) (options any, err error)
	AddPasskey(ctx context.Context, id *auth.Identity, name string, credential []byte) (codes []string, err error)
	RenamePasskey(ctx context.Context, id *auth.Identity, passkey, name string) (*auth.Passkey, error)
	RemovePasskey(ctx context.Context, id *auth.Identity, passkey string) (*auth.Passkey, error)
	MakeRecoveryCodes(ctx context.Context, id *auth.Identity) ([]string, error)
}

// SignatureVerifier verifies signed requests; *auth.Keys.
type SignatureVerifier interface {
	Verify(ctx context.Context, header string, t auth.Target) (*auth.Signer, error)
	// VerifyMessage is Verify for HTTP Message Signatures.
	VerifyMessage(ctx context.Context, m auth.Message) (*auth.Signer, error)
}

// Keys issues key pairs and verifies signed requests; *auth.Keys.
type Keys interface {
	SignatureVerifier
	Issue(ctx context.Context, tenant, adminID, by, note string) (pair *auth.KeyPair, secret string, err error)
	List(ctx context.Context, tenant, adminID string) ([]auth.KeyPair, error)
	Pair(ctx context.Context, tenant, adminID, accessKey string) (*auth.KeyPair, error)
	Change(ctx context.Context, tenant, accessKey string, c auth.KeyPairChange) error
	Revoke(ctx context.Context, tenant, accessKey string) error
	// RevokeAll revokes the key pairs of an admin in a tenant, or in all tenants if tenant is "".
	// It returns their number.
	RevokeAll(ctx context.Context, tenant, adminID string) (int, error)
	// Emails returns the e-mail addresses of admins by id, without admins who were removed.
	Emails(ctx context.Context, adminIDs []string) (map[string]string, error)
}
