package api

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

// fakeConfirmations is the part of fakeAuth for second factors and confirmations. Sessions count as
// just confirmed, except those in stale.
type fakeConfirmations struct {
	stale    map[string]bool // by token
	proven   map[string]bool // tokens of sessions with a second factor
	required map[string]bool // tenants that require a second factor

	complete func(*auth.FactorAnswer) (auth.FactorProof, error) // completes a log-in or a confirmation
	confirm  func(password, address string) (*auth.FactorRequest, error)
}

func newFakeConfirmations() fakeConfirmations {
	return fakeConfirmations{stale: map[string]bool{}, proven: map[string]bool{}, required: map[string]bool{}}
}

func (f *fakeConfirmations) confirmedAt(token string) time.Time {
	if f.stale[token] {
		return time.Now().Add(-auth.ConfirmationLifetime)
	}
	return time.Now()
}

func (f *fakeAuth) SessionMembership(ctx context.Context, id *auth.Identity, tenant string) (auth.Membership, error) {
	m, err := f.Membership(ctx, id.Admin, tenant)
	if err == nil && auth.FactorMissing(&m.Tenant, id.Session) {
		return m, errs.Errorf(errs.CodeSecondFactorMissing, "This tenant requires a second factor.")
	}
	return m, err
}

func (f *fakeAuth) CompleteLogin(_ context.Context, a *auth.FactorAnswer, _ auth.Attempt) (auth.FactorProof, string, *auth.Session, error) {
	proof, err := f.complete(a)
	if err != nil {
		return proof, "", nil, err
	}
	return proof, "fresh", &auth.Session{ID: "fresh", Created: time.Now(), SecondFactor: true}, nil
}

func (f *fakeAuth) Confirm(_ context.Context, id *auth.Identity, a auth.Attempt) (time.Time, *auth.FactorRequest, error) {
	r, err := f.confirm(a.Password, a.Address)
	if err != nil || r != nil {
		return time.Time{}, r, err
	}
	return f.confirmed(id, false), nil, nil
}

func (f *fakeAuth) CompleteConfirm(_ context.Context, id *auth.Identity, a *auth.FactorAnswer) (auth.FactorProof, time.Time, error) {
	proof, err := f.complete(a)
	if err != nil {
		return proof, time.Time{}, err
	}
	return proof, f.confirmed(id, true), nil
}

func (f *fakeAuth) confirmed(id *auth.Identity, secondFactor bool) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.stale, id.Session.ID)
	f.proven[id.Session.ID] = secondFactor
	return time.Now().Add(auth.ConfirmationLifetime)
}

func (f *fakeAuth) SetSecondFactorRequired(_ context.Context, tenant string, required bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	f.required[tenant] = required
	return nil
}

// fakeFactors are the second factors of one account. The code of its app is 123456, the secret
// SECRET.
type fakeFactors struct {
	have auth.AccountFactors
	err  error // returned by every change
}

func (f *fakeFactors) AccountFactors(context.Context, string) (*auth.AccountFactors, error) {
	return &f.have, nil
}

func (f *fakeFactors) AccountsWithFactor(_ context.Context, accounts []string) (map[string]bool, error) {
	having := map[string]bool{}
	for _, id := range accounts {
		having[id] = f.have.Any()
	}
	return having, nil
}

func (f *fakeFactors) BeginTOTP(_ context.Context, id *auth.Identity) (secret, uri string, err error) {
	return "SECRET", "otpauth://totp/Egress:" + id.Admin.ID, f.err
}

func (f *fakeFactors) ConfirmTOTP(_ context.Context, _ *auth.Identity, code string) ([]string, error) {
	if code != "123456" {
		return nil, errs.Invalid("code", "The code is wrong.")
	}
	f.have.TOTP = &auth.TOTP{Created: time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)}
	return f.codes(), f.err
}

// codes returns recovery codes with the first factor only.
func (f *fakeFactors) codes() []string {
	if len(f.have.RecoveryCodes) > 0 {
		return nil
	}
	f.have.RecoveryCodes = []string{"h1", "h2"}
	return []string{"c1", "c2"}
}

func (f *fakeFactors) RemoveTOTP(context.Context, *auth.Identity) error { return f.err }

func (f *fakeFactors) BeginPasskey(context.Context, *auth.Identity) (any, error) {
	return map[string]any{"challenge": "x"}, f.err
}

func (f *fakeFactors) AddPasskey(_ context.Context, _ *auth.Identity, name string, credential []byte) ([]string, error) {
	if f.err != nil {
		return nil, f.err
	}
	f.have.Passkeys = append(f.have.Passkeys, auth.Passkey{ID: "01K", Name: name, CredentialID: credential, Created: time.Now()})
	return f.codes(), nil
}

func (f *fakeFactors) RenamePasskey(_ context.Context, _ *auth.Identity, passkey, name string) (*auth.Passkey, error) {
	if f.err != nil {
		return nil, f.err
	}
	return &auth.Passkey{ID: passkey, Name: name, Created: time.Now(), LastUsed: time.Now()}, nil
}

func (f *fakeFactors) RemovePasskey(_ context.Context, _ *auth.Identity, passkey string) (*auth.Passkey, error) {
	if f.err != nil {
		return nil, f.err
	}
	return &auth.Passkey{ID: passkey, Name: "Key"}, nil
}

func (f *fakeFactors) MakeRecoveryCodes(context.Context, *auth.Identity) ([]string, error) {
	return []string{"c3"}, f.err
}
