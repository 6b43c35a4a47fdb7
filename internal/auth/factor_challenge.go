package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/egress-io/egress/internal/errs"

	"github.com/oklog/ulid/v2"
)

// The purposes of a challenge.
const (
	purposeLogin   = "login"
	purposeConfirm = "confirm"
	purposeTOTP    = "totp_setup"
	purposePasskey = "passkey_setup"
)

// The limits of a challenge.
const (
	challengeLifetime    = 5 * time.Minute
	maxChallengeAttempts = 5
)

// The limits on authenticator codes, per account over all challenges. At any time, three codes in a
// million are correct. So 50 attempts a day find one with probability 0.00015, and a year of
// attempts with probability 0.053. An attacker needs the password to make an attempt. Passkeys and
// recovery codes cannot be guessed: they are not limited, so the owner can still log in.
var (
	codeLimit      = Limit{Events: 10, Window: 15 * time.Minute} // a correct code resets it
	codeDailyLimit = Limit{Events: 50, Window: 24 * time.Hour}   // correct codes count, too
)

// FactorRequest asks for the second factor of an account. It is the member secondFactor of API
// responses.
type FactorRequest struct {
	Challenge string          `json:"challenge"` // the challenge token
	Methods   []FactorMethod  `json:"methods"`
	Passkey   *PasskeyRequest `json:"passkey"` // nil if the account has no passkey
}

// PasskeyRequest is the JSON form of the argument of navigator.credentials.get.
type PasskeyRequest struct {
	PublicKey any `json:"publicKey"`
}

// FactorAnswer answers a FactorRequest. Exactly one of Code, RecoveryCode and Passkey is set.
type FactorAnswer struct {
	Challenge    string
	Code         string
	RecoveryCode string
	Passkey      []byte // the result of navigator.credentials.get, as JSON
}

// method returns the method of an answer, or CodeInvalidRequest unless exactly one is set.
func (a *FactorAnswer) method() (FactorMethod, error) {
	var given []FactorMethod
	if a.Code != "" {
		given = append(given, MethodTOTP)
	}
	if a.RecoveryCode != "" {
		given = append(given, MethodRecoveryCode)
	}
	if len(a.Passkey) > 0 {
		given = append(given, MethodPasskey)
	}
	if len(given) != 1 {
		return "", errs.Invalid("", "must have exactly one of code, recoveryCode and passkey")
	}
	return given[0], nil
}

// newChallenge stores a challenge for an account and returns it, nil if the account has no second
// factor.
func (f *Factors) newChallenge(ctx context.Context, admin *Admin, purpose, session string) (*FactorRequest, error) {
	have, err := f.AccountFactors(ctx, admin.ID)
	if err != nil || !have.Any() {
		return nil, err
	}
	token := newToken()
	c := &FactorChallenge{
		ID: SessionID(token), Nonce: ulid.Make().String(), Account: admin.ID, Purpose: purpose, Session: session,
		Password: passwordFingerprint(admin), Expires: f.o.Now().Add(challengeLifetime),
	}
	r := &FactorRequest{Challenge: token, Methods: []FactorMethod{}}
	if len(have.Passkeys) > 0 && f.rp != nil {
		assertion, state, err := f.rp.BeginLogin(rpUser{admin, have})
		if err != nil {
			return nil, fmt.Errorf("create the challenge of a passkey: %w", err)
		}
		if c.Data, err = json.Marshal(state); err != nil {
			return nil, fmt.Errorf("encode the challenge of a passkey: %w", err)
		}
		r.Passkey = &PasskeyRequest{assertion.Response}
		r.Methods = append(r.Methods, MethodPasskey)
	}
	if have.TOTP != nil {
		r.Methods = append(r.Methods, MethodTOTP)
	}
	if len(have.RecoveryCodes) > 0 {
		r.Methods = append(r.Methods, MethodRecoveryCode)
	}
	if err := f.o.Factors.PutChallenge(ctx, c); err != nil {
		return nil, fmt.Errorf("store a challenge: %w", err)
	}
	return r, nil
}

// passwordFingerprint identifies an admin's password hash. It changes whenever a password is set,
// even to the same password.
func passwordFingerprint(a *Admin) string {
	sum := sha256.Sum256([]byte(a.Password))
	return hex.EncodeToString(sum[:])
}

// errInvalidChallenge is the single error for a challenge that is unknown, expired, already used,
// out of attempts, or of another account.
var errInvalidChallenge = errors.New("the challenge is no longer valid")

// verifyAnswer verifies the answer to a challenge of a purpose and a session, and accepts it once.
// The error is errChallengeOver, with a nil admin, if the challenge is not valid, and CodeInvalidRequest
// if the answer is wrong.
func (f *Factors) verifyAnswer(ctx context.Context, purpose, session string, a *FactorAnswer) (*Admin, FactorMethod, error) {
	method, err := a.method()
	if err != nil {
		return nil, "", err
	}
	c, admin, err := f.openChallenge(ctx, purpose, session, a.Challenge)
	if err != nil {
		return nil, method, err
	}
	if err := f.takeAttempt(ctx, c); err != nil {
		return nil, method, err
	}
	have, err := f.AccountFactors(ctx, admin.ID)
	if err != nil {
		return nil, method, err
	}
	switch method {
	case MethodTOTP:
		err = f.checkTOTPCode(ctx, admin.ID, have, a.Code)
	case MethodRecoveryCode:
		err = f.useRecoveryCode(ctx, admin.ID, have, a.RecoveryCode)
	case MethodPasskey:
		err = f.checkPasskey(ctx, c, admin, have, a.Passkey)
	}
	if err != nil {
		return admin, method, err
	}
	won, err := f.o.Factors.Claim(ctx, "answered:"+c.Nonce, c.Expires)
	if err != nil {
		return admin, method, fmt.Errorf("claim a challenge: %w", err)
	}
	if !won {
		return nil, method, errInvalidChallenge
	}
	f.deleteChallenge(ctx, c.ID)
	return admin, method, nil
}

// openChallenge returns a valid challenge and its account, or errChallengeOver.
func (f *Factors) openChallenge(ctx context.Context, purpose, session, token string) (*FactorChallenge, *Admin, error) {
	c, err := f.o.Factors.Challenge(ctx, SessionID(token))
	if errors.Is(err, ErrNotFound) {
		return nil, nil, errInvalidChallenge
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read a challenge: %w", err)
	}
	if c.Purpose != purpose || c.Session != session || !f.o.Now().Before(c.Expires) {
		return nil, nil, errInvalidChallenge
	}
	admin, err := f.o.Store.Admin(ctx, c.Account)
	if errors.Is(err, ErrNotFound) {
		return nil, nil, errInvalidChallenge
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the admin of a challenge: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(c.Password), []byte(passwordFingerprint(admin))) != 1 {
		return nil, nil, errInvalidChallenge // the password has changed since
	}
	return c, admin, nil
}

// takeAttempt uses one attempt of a challenge. Each attempt is a claim, so concurrent answers are
// counted, too.
func (f *Factors) takeAttempt(ctx context.Context, c *FactorChallenge) error {
	for n := range maxChallengeAttempts {
		won, err := f.o.Factors.Claim(ctx, "attempt:"+c.Nonce+":"+strconv.Itoa(n), c.Expires)
		if err != nil {
			return fmt.Errorf("claim an attempt: %w", err)
		}
		if won {
			return nil
		}
	}
	return errInvalidChallenge
}

// checkTOTPCode verifies a code of the authenticator app, within the limits.
func (f *Factors) checkTOTPCode(ctx context.Context, account string, have *AccountFactors, code string) error {
	if have.TOTP == nil {
		return errs.Invalid("code", "The account has no authenticator app. Use another method.")
	}
	burst := "factor:code:" + account
	// Count before the check: concurrent guesses must not pass the limit together.
	for _, limit := range []struct {
		Limit
		key string
	}{{codeLimit, burst}, {codeDailyLimit, "factor:code:day:" + account}} {
		n, left, err := f.o.Throttle.Take(ctx, limit.key, limit.Limit)
		if err != nil {
			// A code, unlike a password, is easy to guess: fail closed while attempts cannot be
			// counted.
			return errs.Wrap(errs.CodeUnavailable, err,
				"Egress cannot check codes right now. Try again in a moment, or use a passkey or a recovery code.")
		}
		if n > limit.Events {
			e := errs.Errorf(errs.CodeRateLimited,
				"Too many codes were entered for this account. Wait, or use a passkey or a recovery code.")
			e.Details = map[string]any{"retryAfterSeconds": int(math.Ceil(left.Seconds()))}
			return e
		}
	}
	if err := f.useTOTPCode(ctx, account, have.TOTP, code); err != nil {
		return err
	}
	if err := f.o.Throttle.ResetCount(ctx, burst); err != nil {
		f.logger.WarnContext(ctx, "cannot reset the count of wrong codes of an account", "error", err)
	}
	return nil
}

// deleteExpired deletes expired challenges and claims.
func (f *Factors) deleteExpired(ctx context.Context) error {
	_, err := f.o.Factors.DeleteExpired(ctx, f.o.Now())
	return err
}
