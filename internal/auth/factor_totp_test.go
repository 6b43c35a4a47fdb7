package auth

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// The vectors of RFC 6238, appendix B, truncated to six digits.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := totpCode(secret, at/30); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestTOTPWindow(t *testing.T) {
	t.Parallel()
	secret, now := []byte("12345678901234567890"), time.Unix(1111111109, 0)
	step := now.Unix() / 30
	for off, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		if got, ok := totpMatch(secret, now, totpCode(secret, step+off)); ok != want || ok && got != step+off {
			t.Errorf("%d steps off: %t, step %d", off, ok, got-step)
		}
	}
	for _, code := range []string{"", "81804", "0081804", "８１８０４０", "abcdef"} {
		if _, ok := totpMatch(secret, now, code); ok {
			t.Errorf("%q was accepted", code)
		}
	}
}

func TestTOTPSetup(t *testing.T) {
	t.Parallel()

	t.Run("changes nothing before a code confirms the app", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		id := b.session(t, b.admin)
		secret, uri, err := b.factors.BeginTOTP(t.Context(), id)
		if err != nil || !strings.HasPrefix(uri, "otpauth://totp/Egress:amelia@example.com?") || !strings.Contains(uri, "secret="+secret) {
			t.Fatalf("BeginTOTP: %q, %v", uri, err)
		}
		_, err = b.factors.ConfirmTOTP(t.Context(), id, "000000")
		wantError(t, "a wrong code", err, errs.CodeInvalidRequest, "code")
		if have, _ := b.factors.AccountFactors(t.Context(), b.admin.ID); have.Any() || b.reload(t, id).Session.SecondFactor {
			t.Errorf("the account has %+v", have)
		}
		b.login(t) // without a challenge
	})

	t.Run("marks the session and returns ten recovery codes once", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		id := b.session(t, b.admin)
		_, codes := b.addTOTP(t, id)
		if len(codes) != recoveryCodeCount || !b.reload(t, id).Session.SecondFactor {
			t.Errorf("codes %v", codes)
		}
		if _, more := b.addTOTP(t, b.reload(t, id)); more != nil {
			t.Errorf("another app came with codes %v", more)
		}
		for _, c := range b.factorStore.challenges {
			t.Errorf("a set-up still exists: %+v", c)
		}
	})

	t.Run("is valid in the same session for ten minutes", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		id, other := b.session(t, b.admin), b.session(t, b.admin)
		text, _, err := b.factors.BeginTOTP(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		secret, _ := base32Plain.DecodeString(text)
		_, err = b.factors.ConfirmTOTP(t.Context(), other, b.currentCode(secret))
		wantError(t, "another session", err, errs.CodeNotFound, "")
		b.clock.advance(totpSetupLifetime)
		_, err = b.factors.ConfirmTOTP(t.Context(), id, b.currentCode(secret))
		wantError(t, "after ten minutes", err, errs.CodeNotFound, "")
	})

	t.Run("requires the existing second factor", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		stolen := b.session(t, b.admin) // from before the set-up
		id := b.session(t, b.admin)
		b.addTOTP(t, id)
		_, _, err := b.factors.BeginTOTP(t.Context(), stolen)
		wantError(t, "another app", err, errs.CodeConfirmationRequired, "")
		_, err = b.factors.BeginPasskey(t.Context(), stolen)
		wantError(t, "a passkey", err, errs.CodeConfirmationRequired, "")
		_, err = b.factors.MakeRecoveryCodes(t.Context(), stolen)
		wantError(t, "recovery codes", err, errs.CodeConfirmationRequired, "")
		wantError(t, "removing", b.factors.RemoveTOTP(t.Context(), stolen), errs.CodeConfirmationRequired, "")
	})

	t.Run("does not open the secret of another account", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		secret, _ := b.addTOTP(t, b.session(t, b.admin))
		// The record of one account is not valid for another, even if copied in the database.
		b.factorStore.accounts["01B"] = b.factorStore.accounts[b.admin.ID]
		err := b.factors.useTOTPCode(t.Context(), "01B", b.factorStore.accounts["01B"].TOTP, b.currentCode(secret))
		if !errors.Is(err, errCannotDecrypt) {
			t.Errorf("the sealed secret of another account: %v", err)
		}
	})
}

func TestTOTPLogIn(t *testing.T) {
	t.Parallel()

	t.Run("begins a session with a second factor", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		secret, _ := b.addTOTP(t, b.session(t, b.admin))
		before := len(b.store.sessions)
		r := b.loginChallenge(t)
		if len(b.store.sessions) != before {
			t.Error("a session began without the second factor")
		}
		if _, err := b.Authenticate(t.Context(), r.Challenge); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Errorf("the challenge is a session: %v", err)
		}
		for _, c := range b.factorStore.challenges {
			if c.ID == r.Challenge {
				t.Error("the token is stored in plain text")
			}
		}
		code := b.currentCode(secret)
		session, err := b.complete(t, FactorAnswer{Challenge: r.Challenge, Code: code[:3] + " " + code[3:]})
		if err != nil || !session.SecondFactor || session.AdminID != b.admin.ID || !session.Confirmed.Equal(b.clock.now()) {
			t.Errorf("%+v, %v", session, err)
		}
		_, err = b.complete(t, FactorAnswer{Challenge: r.Challenge, Code: b.currentCode(secret)})
		wantError(t, "the challenge again", err, errs.CodeUnauthenticated, "")
	})

	t.Run("accepts a code once, over all challenges", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		secret, _ := b.addTOTP(t, b.session(t, b.admin))
		var won, refused atomic.Int32
		var all sync.WaitGroup
		code, challenges := b.currentCode(secret), make([]string, 8)
		for i := range challenges {
			challenges[i] = b.challenge(t).Challenge
		}
		for _, c := range challenges {
			all.Go(func() {
				_, _, _, err := b.CompleteLogin(t.Context(), &FactorAnswer{Challenge: c, Code: code}, Attempt{})
				switch errs.CodeOf(err) {
				case "":
					won.Add(1)
				case errs.CodeInvalidRequest:
					refused.Add(1)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 || refused.Load() != 7 {
			t.Errorf("%d logged in, %d were refused", won.Load(), refused.Load())
		}
		b.clock.advance(totpStep) // the code is still within the window
		_, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, Code: code})
		wantError(t, "the code a step later", err, errs.CodeInvalidRequest, "code")
	})

	t.Run("allows five attempts per challenge, even concurrent ones", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		secret, _ := b.addTOTP(t, b.session(t, b.admin))
		r := b.challenge(t)
		var wrong, over atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				_, _, _, err := b.CompleteLogin(t.Context(), &FactorAnswer{Challenge: r.Challenge, Code: "x"}, Attempt{})
				switch errs.CodeOf(err) {
				case errs.CodeInvalidRequest:
					wrong.Add(1)
				case errs.CodeUnauthenticated:
					over.Add(1)
				}
			})
		}
		all.Wait()
		if wrong.Load() != maxChallengeAttempts || over.Load() != 20-maxChallengeAttempts {
			t.Errorf("%d were looked at, %d refused", wrong.Load(), over.Load())
		}
		_, err := b.complete(t, FactorAnswer{Challenge: r.Challenge, Code: b.currentCode(secret)})
		wantError(t, "the right code in the sixth attempt", err, errs.CodeUnauthenticated, "")
	})

	t.Run("limits the codes of an account over all challenges, but not recovery codes", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		secret, codes := b.addTOTP(t, b.session(t, b.admin))
		b.throttle.failures = map[string]int{} // from the set-up
		for i := range codeLimit.Events {
			_, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, Code: strconv.Itoa(i)})
			wantError(t, "a wrong code", err, errs.CodeInvalidRequest, "code")
		}
		_, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, Code: b.currentCode(secret)})
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || e.Code != errs.CodeRateLimited || e.Details["retryAfterSeconds"] != int(codeLimit.Window.Seconds()) {
			t.Errorf("the right code after ten wrong ones: %v", err)
		}
		if _, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, RecoveryCode: codes[0]}); err != nil {
			t.Errorf("the owner's recovery code: %v", err)
		}
	})

	t.Run("resets the 15-minute limit but not the daily limit after a correct code", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		secret, _ := b.addTOTP(t, b.session(t, b.admin))
		for range codeLimit.Events - 1 {
			_, _ = b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, Code: "x"})
		}
		if _, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, Code: b.currentCode(secret)}); err != nil {
			t.Fatal(err)
		}
		if n := b.throttle.failures["factor:code:"+b.admin.ID]; n != 0 {
			t.Errorf("%d are still counted", n)
		}
		b.throttle.failures["factor:code:day:"+b.admin.ID] = codeDailyLimit.Events
		b.clock.advance(2 * totpStep)
		_, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, Code: b.currentCode(secret)})
		wantError(t, "the 51st code of a day", err, errs.CodeRateLimited, "")
	})

	t.Run("refuses codes while they cannot be counted", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		secret, codes := b.addTOTP(t, b.session(t, b.admin))
		b.throttle.down = true
		_, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, Code: b.currentCode(secret)})
		wantError(t, "a right code", err, errs.CodeUnavailable, "")
		if _, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, RecoveryCode: codes[3]}); err != nil {
			t.Errorf("a recovery code: %v", err)
		}
	})
}
