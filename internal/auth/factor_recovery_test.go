package auth

import (
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()

	t.Run("have groups, and only their hashes are stored", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		_, codes := b.addTOTP(t, b.session(t, b.admin))
		form, seen := regexp.MustCompile(`^([0-9a-hjkmnp-tv-z]{4}-){5}[0-9a-hjkmnp-tv-z]{4}$`), map[string]bool{}
		for _, code := range codes {
			if !form.MatchString(code) || seen[code] {
				t.Errorf("code %q", code)
			}
			seen[code] = true
		}
		for _, hash := range b.factorStore.accounts[b.admin.ID].RecoveryCodes {
			if len(hash) != 64 || seen[hash] {
				t.Errorf("stored %q", hash)
			}
		}
	})

	t.Run("work once each, in any order and format", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		_, codes := b.addTOTP(t, b.session(t, b.admin))
		typed := strings.ToUpper(strings.ReplaceAll(codes[7], "-", " "))
		typed = strings.NewReplacer("0", "O", "1", "l").Replace(typed)
		for _, code := range []string{typed, codes[0]} {
			if _, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, RecoveryCode: code}); err != nil {
				t.Errorf("code %q: %v", code, err)
			}
			_, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, RecoveryCode: code})
			wantError(t, "the same code again", err, errs.CodeInvalidRequest, "recoveryCode")
		}
		if have, _ := b.factors.AccountFactors(t.Context(), b.admin.ID); len(have.RecoveryCodes) != 8 {
			t.Errorf("%d are left", len(have.RecoveryCodes))
		}
	})

	t.Run("are accepted once in concurrent requests", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		_, codes := b.addTOTP(t, b.session(t, b.admin))
		challenges := make([]string, 20)
		r := b.challenge(t)
		for i := range challenges {
			// One challenge would allow only five attempts.
			c := b.factorStore.challenges[SessionID(r.Challenge)]
			challenges[i] = newToken()
			c.ID, c.Nonce = SessionID(challenges[i]), challenges[i]
			b.factorStore.challenges[c.ID] = c
		}
		// All requests read the codes before the first one uses its code.
		have, err := b.factors.AccountFactors(t.Context(), b.admin.ID)
		if err != nil {
			t.Fatal(err)
		}
		var won, stale atomic.Int32
		var all sync.WaitGroup
		for _, c := range challenges {
			all.Go(func() {
				if _, _, _, err := b.CompleteLogin(t.Context(), &FactorAnswer{Challenge: c, RecoveryCode: codes[0]}, Attempt{}); err == nil {
					won.Add(1)
				}
				if b.factors.useRecoveryCode(t.Context(), b.admin.ID, have, codes[1]) == nil {
					stale.Add(1)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 || stale.Load() != 1 {
			t.Errorf("%d logged in; %d of those who read it before", won.Load(), stale.Load())
		}
	})

	t.Run("stop working when new ones are made", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		id := b.session(t, b.admin)
		_, err := b.factors.MakeRecoveryCodes(t.Context(), id)
		wantError(t, "without a second factor", err, errs.CodeExists, "")
		_, old := b.addTOTP(t, id)
		fresh, err := b.factors.MakeRecoveryCodes(t.Context(), b.reload(t, id))
		if err != nil || len(fresh) != recoveryCodeCount {
			t.Fatalf("MakeRecoveryCodes: %v, %v", fresh, err)
		}
		_, err = b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, RecoveryCode: old[0]})
		wantError(t, "an old code", err, errs.CodeInvalidRequest, "recoveryCode")
		if _, err := b.complete(t, FactorAnswer{Challenge: b.challenge(t).Challenge, RecoveryCode: fresh[9]}); err != nil {
			t.Error(err)
		}
	})

	t.Run("belong to one account, even with the same e-mail address", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		_, codes := b.addTOTP(t, b.session(t, b.admin))
		twin := *b.admin
		twin.ID = "01B"
		b.store.admins[twin.ID] = twin
		have, _ := b.factors.AccountFactors(t.Context(), twin.ID)
		if have.Any() {
			t.Fatalf("the factors are shared: %+v", have)
		}
		b.addTOTP(t, b.session(t, &twin))
		r, err := b.factors.newChallenge(t.Context(), &twin, purposeLogin, "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.complete(t, FactorAnswer{Challenge: r.Challenge, RecoveryCode: codes[0]})
		wantError(t, "the code of another account", err, errs.CodeInvalidRequest, "recoveryCode")
		// The hashes of one account are not valid for another, even if copied in the database.
		theirs := b.factorStore.accounts[twin.ID]
		theirs.RecoveryCodes = b.factorStore.accounts[b.admin.ID].RecoveryCodes
		b.factorStore.accounts[twin.ID] = theirs
		_, err = b.complete(t, FactorAnswer{Challenge: r.Challenge, RecoveryCode: codes[0]})
		wantError(t, "the hashes of another account", err, errs.CodeInvalidRequest, "recoveryCode")
	})
}
