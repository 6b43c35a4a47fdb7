package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/errs"

	"github.com/go-webauthn/webauthn/webauthn"
)

// FactorMethod is a kind of second factor.
type FactorMethod string

// The methods.
const (
	MethodTOTP         FactorMethod = "totp"
	MethodPasskey      FactorMethod = "passkey"
	MethodRecoveryCode FactorMethod = "recovery_code"
)

// AccountFactors holds the second factors of one account. Accounts with the same e-mail address do
// not share them.
type AccountFactors struct {
	TOTP     *TOTP     // nil if there is no authenticator app
	Passkeys []Passkey // oldest first
	// RecoveryCodes holds the hashes of the unused recovery codes.
	RecoveryCodes []string
}

// Any reports whether the account has a second factor. Recovery codes do not count.
func (a *AccountFactors) Any() bool { return a.TOTP != nil || len(a.Passkeys) > 0 }

// TOTP is an authenticator app.
type TOTP struct {
	ID           string // ULID of the set-up; it distinguishes the codes of successive apps
	SealedSecret []byte // the shared secret, sealed
	Created      time.Time
}

// Passkey is a WebAuthn credential.
type Passkey struct {
	ID           string // ULID
	Name         string
	Created      time.Time
	LastUsed     time.Time // zero: never
	CredentialID []byte
	PublicKey    []byte // COSE
	AAGUID       []byte // model of the authenticator
	SignCount    uint32
	Transports   []string
	Flags        byte // of the authenticator data, as last received
}

// FactorChallenge is a challenge that an account must answer, or the unfinished set-up of a factor.
type FactorChallenge struct {
	ID       string // SHA-256 of the token in hex; for a set-up, its purpose and the session id
	Nonce    string // ULID; unique per challenge, even if a set-up reuses the ID
	Account  string // admin id
	Purpose  string
	Session  string // id of its session; "" for a log-in
	Password string // passwordFingerprint of the proven password; a password change ends the challenge
	Data     []byte // WebAuthn session data, or a sealed secret
	Expires  time.Time
}

// FactorStore stores second factors. Reads return the last written state.
type FactorStore interface {
	// Factors returns the factors of an account; an empty value if it has none.
	Factors(ctx context.Context, account string) (*AccountFactors, error)
	// WithFactors returns which of the accounts have a second factor.
	WithFactors(ctx context.Context, accounts []string) (map[string]bool, error)
	// SetTOTP replaces the authenticator app; nil removes it.
	SetTOTP(ctx context.Context, account string, t *TOTP) error
	// AddPasskey adds a passkey.
	AddPasskey(ctx context.Context, account string, p *Passkey) error
	// RenamePasskey changes the name of a passkey, or returns ErrNotFound.
	RenamePasskey(ctx context.Context, account, id, name string) error
	// UsePasskey updates LastUsed, SignCount and Flags of a passkey. A missing passkey is no error.
	UsePasskey(ctx context.Context, account string, p *Passkey) error
	// RemovePasskey removes a passkey. A missing passkey is no error.
	RemovePasskey(ctx context.Context, account, id string) error
	// SetRecoveryCodes replaces the hashes of the unused recovery codes; an empty list removes
	// them.
	SetRecoveryCodes(ctx context.Context, account string, hashes []string) error
	// RemoveRecoveryCode removes one hash. A missing hash is no error.
	RemoveRecoveryCode(ctx context.Context, account, hash string) error

	ChallengeStore
}

// ClaimStore stores claims that happen once.
type ClaimStore interface {
	// Claim stores a claim on id and reports whether it is the first one. The claim lasts until
	// expires; a zero time means forever.
	Claim(ctx context.Context, id string, expires time.Time) (won bool, err error)
}

// ChallengeStore stores what a second factor has to answer, and claims.
type ChallengeStore interface {
	ClaimStore
	// PutChallenge adds a challenge or replaces the one with the same id.
	PutChallenge(ctx context.Context, c *FactorChallenge) error
	// Challenge returns a challenge by id, even an expired one, or ErrNotFound.
	Challenge(ctx context.Context, id string) (*FactorChallenge, error)
	// DeleteChallenge removes a challenge. A missing challenge is no error.
	DeleteChallenge(ctx context.Context, id string) error
	// DeleteChallenges removes every challenge of an account.
	DeleteChallenges(ctx context.Context, account string) error
	// DeleteExpired removes the challenges and claims that expired before now, and returns their
	// number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}

// FactorsOptions configures NewFactors.
type FactorsOptions struct {
	Store    Store
	Factors  FactorStore
	Throttle Throttle
	Sealer   *Sealer
	// PublicURL is the address of Egress for browsers. Passkeys are bound to its host. "" means
	// localhost.
	PublicURL string
	Now       func() time.Time // nil: time.Now
	Logger    *slog.Logger     // nil: none
}

// Factors sets up and verifies second factors. It is safe for concurrent use.
type Factors struct {
	o      FactorsOptions
	rp     *webauthn.WebAuthn // nil if browsers do not support passkeys on the public URL
	logger *slog.Logger
}

// NewFactors returns Factors. It fails if the public URL has no host.
func NewFactors(o FactorsOptions) (*Factors, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	rp, err := relyingParty(o.PublicURL)
	if err != nil {
		return nil, err
	}
	return &Factors{o: o, rp: rp, logger: o.Logger.With("component", "auth")}, nil
}

// AccountFactors returns the factors of an account.
func (f *Factors) AccountFactors(ctx context.Context, account string) (*AccountFactors, error) {
	have, err := f.o.Factors.Factors(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("read the second factors of an account: %w", err)
	}
	return have, nil
}

// AccountsWithFactor returns which of the accounts have a second factor.
func (f *Factors) AccountsWithFactor(ctx context.Context, accounts []string) (map[string]bool, error) {
	have, err := f.o.Factors.WithFactors(ctx, accounts)
	if err != nil {
		return nil, fmt.Errorf("look for second factors: %w", err)
	}
	return have, nil
}

// RequiredBy returns the tenants of an account that require a second factor, ordered by id.
func (f *Factors) RequiredBy(ctx context.Context, a *Admin) ([]Tenant, error) {
	tenants, err := f.o.Store.Tenants(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tenants: %w", err)
	}
	return slices.DeleteFunc(tenants, func(t Tenant) bool {
		return !t.SecondFactorRequired || !a.Role(t.ID).Valid()
	}), nil
}

// Reset removes all factors of an account, even if a tenant requires one. It is for the operator,
// when the account's owner has lost all factors.
func (f *Factors) Reset(ctx context.Context, account string) error {
	have, err := f.AccountFactors(ctx, account)
	if err != nil {
		return err
	}
	err = f.o.Factors.SetTOTP(ctx, account, nil)
	for _, p := range have.Passkeys {
		err = errors.Join(err, f.o.Factors.RemovePasskey(ctx, account, p.ID))
	}
	if err != nil {
		return fmt.Errorf("remove second factors: %w", err)
	}
	return f.cleanUpAfterLast(ctx, account)
}

var (
	errSecondFactorFirst = errs.Errorf(errs.CodeConfirmationRequired,
		"Confirm who you are first: this session was started without the account's second factor.")
	errNoSecondFactor = errs.Errorf(errs.CodeExists, "The account has no second factor yet. Set one up first.")
)

// changeableFactors returns the factors that a session is about to change. A session without the
// second factor of its account must prove it first: otherwise a stolen session from before the
// set-up could add a factor.
func (f *Factors) changeableFactors(ctx context.Context, id *Identity) (*AccountFactors, error) {
	have, err := f.AccountFactors(ctx, id.Admin.ID)
	if err != nil {
		return nil, err
	}
	if have.Any() && !id.Session.SecondFactor {
		return nil, errSecondFactorFirst
	}
	return have, nil
}

// completeSetup completes the set-up of a factor that the session has just proven. For the first
// factor of an account it returns recovery codes.
func (f *Factors) completeSetup(ctx context.Context, id *Identity, first bool) (codes []string, err error) {
	if first {
		if codes, err = f.newRecoveryCodes(ctx, id.Admin.ID); err != nil {
			return nil, err
		}
	}
	if err := f.o.Store.ConfirmSession(ctx, id.Session.ID, f.o.Now(), true); err != nil {
		return nil, fmt.Errorf("update the second factor of a session: %w", err)
	}
	return codes, nil
}

// checkRemovable returns CodeExists if no factor is left and a tenant of the account requires one.
func (f *Factors) checkRemovable(ctx context.Context, a *Admin, left *AccountFactors) error {
	if left.Any() {
		return nil
	}
	tenants, err := f.RequiredBy(ctx, a)
	if err != nil {
		return err
	}
	if len(tenants) == 0 {
		return nil
	}
	names := make([]string, len(tenants))
	for i, t := range tenants {
		names[i] = t.Name
	}
	return errs.Errorf(errs.CodeExists,
		"This is your last second factor, and %s requires one. Add another one first, then remove this one.", strings.Join(names, ", "))
}

// cleanUp cleans up after the removal of a factor: it deletes the account's open challenges.
func (f *Factors) cleanUp(ctx context.Context, account string) error {
	// Read again: of two concurrent removals, each still sees the factor that the other removes.
	have, err := f.AccountFactors(ctx, account)
	if err != nil {
		return err
	}
	if !have.Any() {
		return f.cleanUpAfterLast(ctx, account)
	}
	return f.deleteChallenges(ctx, account)
}

// cleanUpAfterLast cleans up after the last factor of an account was removed: recovery codes,
// challenges, and the second factor state of its sessions.
func (f *Factors) cleanUpAfterLast(ctx context.Context, account string) error {
	if err := f.o.Factors.SetRecoveryCodes(ctx, account, nil); err != nil {
		return fmt.Errorf("remove recovery codes: %w", err)
	}
	if err := f.o.Store.DropSecondFactor(ctx, account); err != nil {
		return fmt.Errorf("mark sessions as without a second factor: %w", err)
	}
	return f.deleteChallenges(ctx, account)
}

func (f *Factors) deleteChallenges(ctx context.Context, account string) error {
	if err := f.o.Factors.DeleteChallenges(ctx, account); err != nil {
		return fmt.Errorf("end the challenges of an account: %w", err)
	}
	return nil
}
