package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/oklog/ulid/v2"
)

// The limits of passkeys.
const (
	MaxPasskeys          = 20  // per account
	MaxPasskeyName       = 100 // bytes
	passkeySetupLifetime = 5 * time.Minute
	devServerOrigin      = "http://localhost:5173" // of Vite, see `make dev`
	defaultPasskeyName   = "Passkey"
)

// relyingParty returns the WebAuthn relying party for the host of the public URL. Loopback
// addresses become localhost, because WebAuthn does not allow IP addresses. The result is nil if
// browsers do not support passkeys there: for other IP addresses, and without https.
func relyingParty(public string) (*webauthn.WebAuthn, error) {
	if public == "" {
		public = "http://localhost"
	}
	u, err := url.Parse(public)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("the public URL %q has no host", public)
	}
	host, origins := strings.ToLower(u.Hostname()), []string{u.Scheme + "://" + u.Host}
	ip := net.ParseIP(host)
	switch {
	case host == "localhost" || ip != nil && ip.IsLoopback():
		host = "localhost"
		origins = []string{u.Scheme + "://localhost", devServerOrigin}
		if port := u.Port(); port != "" {
			origins[0] += ":" + port
		}
	case ip != nil || u.Scheme != "https":
		return nil, nil
	}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: totpIssuer, RPOrigins: origins,
		AttestationPreference: protocol.PreferNoAttestation, // the authenticator model is not needed
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			// Preferred, so that password managers store and sync the passkey. Security keys
			// without storage still work.
			ResidentKey: protocol.ResidentKeyRequirementPreferred,
			// The password is already proven; the passkey proves possession. Older security keys do
			// so without a PIN.
			UserVerification: protocol.VerificationPreferred,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("set up passkeys for %s: %w", host, err)
	}
	return rp, nil
}

// rpUser adapts an account to the interface of the WebAuthn library.
type rpUser struct {
	admin *Admin
	have  *AccountFactors
}

// WebAuthnID returns the user handle. It contains no personal data.
func (u rpUser) WebAuthnID() []byte          { return []byte(u.admin.ID) }
func (u rpUser) WebAuthnName() string        { return u.admin.Email }
func (u rpUser) WebAuthnDisplayName() string { return u.admin.Name }

func (u rpUser) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(u.have.Passkeys))
	for i, p := range u.have.Passkeys {
		c := webauthn.Credential{
			ID: p.CredentialID, PublicKey: p.PublicKey, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(p.Flags)),
			Authenticator: webauthn.Authenticator{AAGUID: p.AAGUID, SignCount: p.SignCount},
		}
		for _, t := range p.Transports {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
		}
		all[i] = c
	}
	return all
}

var errNoPasskeys = errs.Errorf(errs.CodeUnsupported,
	"Browsers support passkeys only on https URLs with a host name, and on localhost. Set EGRESS_PUBLIC_URL to such a URL, and open Egress there.")

// BeginPasskey starts the set-up of a passkey and returns the options for
// navigator.credentials.create. They are valid in this session for five minutes.
func (f *Factors) BeginPasskey(ctx context.Context, id *Identity) (options any, err error) {
	have, err := f.changeableFactors(ctx, id)
	if err != nil {
		return nil, err
	}
	if f.rp == nil {
		return nil, errNoPasskeys
	}
	if len(have.Passkeys) >= MaxPasskeys {
		return nil, errs.Errorf(errs.CodeExists, "The account already has the maximum of %d passkeys. Remove one first.", MaxPasskeys)
	}
	user := rpUser{id.Admin, have}
	exclude := make([]protocol.CredentialDescriptor, 0, len(have.Passkeys))
	for _, c := range user.WebAuthnCredentials() {
		exclude = append(exclude, c.Descriptor())
	}
	creation, session, err := f.rp.BeginRegistration(user, webauthn.WithExclusions(exclude))
	if err != nil {
		return nil, fmt.Errorf("create the set-up of a passkey: %w", err)
	}
	data, err := json.Marshal(session)
	if err != nil {
		return nil, fmt.Errorf("encode the set-up of a passkey: %w", err)
	}
	if err := f.o.Factors.PutChallenge(ctx, f.newSetup(purposePasskey, id, data, passkeySetupLifetime)); err != nil {
		return nil, fmt.Errorf("store the set-up of a passkey: %w", err)
	}
	return creation.Response, nil
}

var (
	errNoPasskeySetup = errs.Errorf(errs.CodeNotFound, "This session has no pending passkey set-up. Start again.")
	errBadCredential  = errs.Invalid("credential", "The browser's response was not accepted. Start again.")
)

// AddPasskey completes BeginPasskey with the browser's response, as JSON. If this is the first
// factor of the account, codes holds ten recovery codes; otherwise it is nil. The options are valid
// for one call, even if the response is invalid.
func (f *Factors) AddPasskey(ctx context.Context, id *Identity, name string, credential []byte) (codes []string, err error) {
	if name, err = passkeyName(name); err != nil {
		return nil, err
	}
	have, err := f.changeableFactors(ctx, id)
	if err != nil {
		return nil, err
	}
	if f.rp == nil {
		return nil, errNoPasskeys
	}
	session, err := f.takePasskeySetup(ctx, id)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(credential)
	if err != nil {
		return nil, f.rejectPasskey(ctx, errBadCredential, err)
	}
	made, err := f.rp.CreateCredential(rpUser{id.Admin, have}, *session, parsed)
	if err != nil {
		return nil, f.rejectPasskey(ctx, errBadCredential, err)
	}
	if slices.ContainsFunc(have.Passkeys, func(p Passkey) bool { return bytes.Equal(p.CredentialID, made.ID) }) {
		return nil, errs.Errorf(errs.CodeExists, "The account already has this passkey.")
	}
	p := &Passkey{
		ID: ulid.Make().String(), Name: name, Created: f.o.Now(), CredentialID: made.ID, PublicKey: made.PublicKey,
		AAGUID: made.Authenticator.AAGUID, SignCount: made.Authenticator.SignCount, Flags: byte(made.Flags.ProtocolValue()),
	}
	for _, t := range made.Transport {
		p.Transports = append(p.Transports, string(t))
	}
	if err := f.o.Factors.AddPasskey(ctx, id.Admin.ID, p); err != nil {
		return nil, fmt.Errorf("store a passkey: %w", err)
	}
	return f.completeSetup(ctx, id, !have.Any())
}

// takePasskeySetup returns the pending set-up of a session. It succeeds for one request only.
func (f *Factors) takePasskeySetup(ctx context.Context, id *Identity) (*webauthn.SessionData, error) {
	c, err := f.pendingSetup(ctx, purposePasskey, id)
	if errors.Is(err, ErrNotFound) {
		return nil, errNoPasskeySetup
	}
	if err != nil {
		return nil, err
	}
	won, err := f.o.Factors.Claim(ctx, "setup:"+c.Nonce, c.Expires)
	if err != nil {
		return nil, fmt.Errorf("claim the set-up of a passkey: %w", err)
	}
	f.deleteChallenge(ctx, c.ID)
	if !won {
		return nil, errNoPasskeySetup
	}
	var session webauthn.SessionData
	if err := json.Unmarshal(c.Data, &session); err != nil {
		return nil, fmt.Errorf("read the set-up of a passkey: %w", err)
	}
	return &session, nil
}

// rejectPasskey logs why a response was rejected and returns the client's error, which does not say
// why. The library's messages contain no secrets.
func (f *Factors) rejectPasskey(ctx context.Context, answer *errs.Error, why error) error {
	f.logger.InfoContext(ctx, "rejected a passkey", "error", why)
	return answer
}

// RenamePasskey changes the name of a passkey and returns the passkey. CodeNotFound if it does not
// exist.
func (f *Factors) RenamePasskey(ctx context.Context, id *Identity, passkey, name string) (*Passkey, error) {
	name, err := passkeyName(name)
	if err != nil {
		return nil, err
	}
	have, err := f.AccountFactors(ctx, id.Admin.ID)
	if err != nil {
		return nil, err
	}
	i := indexOfPasskey(have, passkey)
	if i < 0 {
		return nil, errUnknownPasskey
	}
	err = f.o.Factors.RenamePasskey(ctx, id.Admin.ID, passkey, name)
	if errors.Is(err, ErrNotFound) {
		return nil, errUnknownPasskey
	}
	if err != nil {
		return nil, fmt.Errorf("rename a passkey: %w", err)
	}
	have.Passkeys[i].Name = name
	return &have.Passkeys[i], nil
}

var errUnknownPasskey = errs.Errorf(errs.CodeNotFound, "The account has no such passkey.")

// RemovePasskey removes a passkey and returns it. CodeNotFound if it does not exist; CodeExists if
// it is the last second factor and a tenant requires one.
func (f *Factors) RemovePasskey(ctx context.Context, id *Identity, passkey string) (*Passkey, error) {
	have, err := f.changeableFactors(ctx, id)
	if err != nil {
		return nil, err
	}
	i := indexOfPasskey(have, passkey)
	if i < 0 {
		return nil, errUnknownPasskey
	}
	removed := have.Passkeys[i]
	have.Passkeys = slices.Delete(have.Passkeys, i, i+1)
	if err := f.checkRemovable(ctx, id.Admin, have); err != nil {
		return nil, err
	}
	if err := f.o.Factors.RemovePasskey(ctx, id.Admin.ID, passkey); err != nil {
		return nil, fmt.Errorf("remove a passkey: %w", err)
	}
	return &removed, f.cleanUp(ctx, id.Admin.ID)
}

func indexOfPasskey(have *AccountFactors, id string) int {
	return slices.IndexFunc(have.Passkeys, func(p Passkey) bool { return p.ID == id })
}

func passkeyName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case len(name) > MaxPasskeyName:
		return "", errs.Invalid("name", "must have at most %d bytes", MaxPasskeyName)
	case !utf8.ValidString(name):
		return "", errs.Invalid("name", "is not valid UTF-8")
	case name == "":
		return defaultPasskeyName, nil
	}
	return name, nil
}

var errWrongPasskey = errs.Invalid("passkey", "This passkey was not accepted. Try again, or use another method.")

// checkPasskey verifies a passkey's response to a challenge.
func (f *Factors) checkPasskey(ctx context.Context, c *FactorChallenge, admin *Admin, have *AccountFactors, answer []byte) error {
	var session webauthn.SessionData
	if f.rp == nil || len(c.Data) == 0 {
		return errWrongPasskey // the challenge did not offer passkeys
	}
	if err := json.Unmarshal(c.Data, &session); err != nil {
		return fmt.Errorf("read the challenge of a passkey: %w", err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return f.rejectPasskey(ctx, errWrongPasskey, err)
	}
	used, err := f.rp.ValidateLogin(rpUser{admin, have}, session, parsed)
	if err != nil {
		return f.rejectPasskey(ctx, errWrongPasskey, err)
	}
	i := slices.IndexFunc(have.Passkeys, func(p Passkey) bool { return bytes.Equal(p.CredentialID, used.ID) })
	if i < 0 {
		return errWrongPasskey
	}
	p := have.Passkeys[i]
	if used.Authenticator.CloneWarning {
		// One of the two may be a copy, and Egress cannot tell which. Synced passkeys do not count
		// their uses and are not affected.
		f.logger.WarnContext(ctx, "rejected a passkey: its signature counter decreased, so it may have been copied",
			"admin", admin.ID, "passkey", p.ID)
		return errs.Invalid("passkey", "This passkey may have been copied, so it was not accepted. Use another method, then remove the passkey.")
	}
	p.LastUsed, p.SignCount, p.Flags = f.o.Now(), used.Authenticator.SignCount, byte(used.Flags.ProtocolValue())
	if err := f.o.Factors.UsePasskey(ctx, admin.ID, &p); err != nil {
		return fmt.Errorf("update the last use of a passkey: %w", err)
	}
	return nil
}
