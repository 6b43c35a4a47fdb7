package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238; authenticator apps know nothing else, and HMAC does not need more of it
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/errs"

	"github.com/oklog/ulid/v2"
)

// The parameters of TOTP (RFC 6238). Authenticator apps ignore other values.
const (
	totpDigits      = 6
	totpModulus     = 1_000_000
	totpStep        = 30 * time.Second
	totpSkew        = 1  // steps in either direction, for clock differences and slow typing
	totpSecretBytes = 20 // bytes, as recommended by RFC 4226

	totpSetupLifetime = 10 * time.Minute
	totpIssuer        = "Egress"
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// totpOwner returns the owner that a TOTP secret is sealed for. The prefix distinguishes it from
// access keys.
func totpOwner(account string) string { return "totp:" + account }

// BeginTOTP returns a new secret for an authenticator app, in base32 and as an otpauth URI. The
// set-up must be completed with ConfirmTOTP in the same session within ten minutes.
func (f *Factors) BeginTOTP(ctx context.Context, id *Identity) (secret, uri string, err error) {
	if _, err := f.changeableFactors(ctx, id); err != nil {
		return "", "", err
	}
	raw := make([]byte, totpSecretBytes)
	_, _ = rand.Read(raw) // crypto/rand does not fail
	secret = base32Plain.EncodeToString(raw)
	c := f.newSetup(purposeTOTP, id, f.o.Sealer.Seal(totpOwner(id.Admin.ID), secret), totpSetupLifetime)
	if err := f.o.Factors.PutChallenge(ctx, c); err != nil {
		return "", "", fmt.Errorf("store the set-up of an authenticator app: %w", err)
	}
	return secret, totpURI(id.Admin.Email, secret), nil
}

// totpURI returns the otpauth URI that apps read from a QR code.
func totpURI(email, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {totpIssuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	// Some apps show "+" where a space is encoded as "+". These values contain no spaces.
	return "otpauth://totp/" + url.PathEscape(totpIssuer+":"+email) + "?" + q.Encode()
}

var errNoTOTPSetup = errs.Errorf(errs.CodeNotFound, "This session has no pending set-up of an authenticator app. Start again.")

// ConfirmTOTP completes BeginTOTP with a code of the app, and replaces an existing app. If this is
// the first factor of the account, codes holds ten recovery codes; otherwise it is nil.
// CodeNotFound if no set-up is pending; CodeInvalidRequest for a wrong code.
func (f *Factors) ConfirmTOTP(ctx context.Context, id *Identity, code string) (codes []string, err error) {
	have, err := f.changeableFactors(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := f.pendingSetup(ctx, purposeTOTP, id)
	if errors.Is(err, ErrNotFound) {
		return nil, errNoTOTPSetup
	}
	if err != nil {
		return nil, err
	}
	app := &TOTP{ID: c.Nonce, SealedSecret: c.Data, Created: f.o.Now()}
	if err := f.useTOTPCode(ctx, id.Admin.ID, app, code); err != nil {
		return nil, err
	}
	// The set-up needs no claim of its own: spendCode accepts the code in one request only.
	if err := f.o.Factors.SetTOTP(ctx, id.Admin.ID, app); err != nil {
		return nil, fmt.Errorf("store an authenticator app: %w", err)
	}
	f.deleteChallenge(ctx, c.ID)
	return f.completeSetup(ctx, id, !have.Any())
}

// RemoveTOTP removes the authenticator app. CodeNotFound if the account has none; CodeExists if it
// is the last second factor and a tenant requires one.
func (f *Factors) RemoveTOTP(ctx context.Context, id *Identity) error {
	have, err := f.changeableFactors(ctx, id)
	if err != nil {
		return err
	}
	if have.TOTP == nil {
		return errs.Errorf(errs.CodeNotFound, "The account has no authenticator app.")
	}
	have.TOTP = nil
	if err := f.checkRemovable(ctx, id.Admin, have); err != nil {
		return err
	}
	if err := f.o.Factors.SetTOTP(ctx, id.Admin.ID, nil); err != nil {
		return fmt.Errorf("remove an authenticator app: %w", err)
	}
	return f.cleanUp(ctx, id.Admin.ID)
}

var errWrongCode = errs.Invalid("code", "The code is wrong. Check the clock of your device, then enter the code that the app shows now.")

// useTOTPCode verifies a code and accepts it once.
func (f *Factors) useTOTPCode(ctx context.Context, account string, app *TOTP, code string) error {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "") // apps show "123 456"
	secret, err := f.o.Sealer.Open(totpOwner(account), app.SealedSecret)
	if err != nil {
		return fmt.Errorf("open the secret of an authenticator app: %w", err)
	}
	raw, err := base32Plain.DecodeString(secret)
	if err != nil {
		return fmt.Errorf("read the secret of an authenticator app: %w", err)
	}
	step, ok := totpMatch(raw, f.o.Now(), code)
	if !ok {
		return errWrongCode
	}
	claim := fmt.Sprintf("totp:%s:%s:%d", account, app.ID, step)
	won, err := f.o.Factors.Claim(ctx, claim, f.o.Now().Add((2*totpSkew+2)*totpStep))
	if err != nil {
		return fmt.Errorf("claim a code: %w", err)
	}
	if !won {
		return errs.Invalid("code", "This code was already used. Wait for the next one.")
	}
	return nil
}

// totpMatch returns the time step of a code. It compares all accepted steps, so that the duration
// does not reveal which one matched.
func totpMatch(secret []byte, now time.Time, code string) (step int64, ok bool) {
	current := now.Unix() / int64(totpStep/time.Second)
	for s := current - totpSkew; s <= current+totpSkew; s++ {
		if subtle.ConstantTimeCompare([]byte(totpCode(secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// totpCode returns the HOTP code (RFC 4226, section 5.3) of a time step.
func totpCode(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash does not fail
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, number%totpModulus)
}

// newSetup returns a new pending set-up of a session.
func (f *Factors) newSetup(purpose string, id *Identity, data []byte, limit time.Duration) *FactorChallenge {
	return &FactorChallenge{
		ID: setupID(purpose, id), Nonce: ulid.Make().String(), Account: id.Admin.ID, Purpose: purpose, Session: id.Session.ID,
		Data: data, Expires: f.o.Now().Add(limit),
	}
}

func setupID(purpose string, id *Identity) string { return purpose + ":" + id.Session.ID }

// pendingSetup returns the pending set-up of a session, or ErrNotFound.
func (f *Factors) pendingSetup(ctx context.Context, purpose string, id *Identity) (*FactorChallenge, error) {
	c, err := f.o.Factors.Challenge(ctx, setupID(purpose, id))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("read a set-up: %w", err)
	}
	if err != nil || c.Account != id.Admin.ID || c.Purpose != purpose || !f.o.Now().Before(c.Expires) {
		return nil, ErrNotFound
	}
	return c, nil
}

// deleteChallenge deletes a used challenge. If that fails, its claim still prevents a second use.
func (f *Factors) deleteChallenge(ctx context.Context, id string) {
	if err := f.o.Factors.DeleteChallenge(ctx, id); err != nil {
		f.logger.WarnContext(ctx, "cannot delete a used challenge; it cannot be used again", "error", err)
	}
}
