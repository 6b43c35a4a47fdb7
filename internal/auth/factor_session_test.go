package auth

import (
	"context"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

func TestChallengeExpiry(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, factorFixture, *Identity){
		"after five minutes": func(_ *testing.T, b factorFixture, _ *Identity) { b.clock.advance(challengeLifetime) },
		"when the password changes": func(_ *testing.T, b factorFixture, _ *Identity) {
			a := b.store.admins[b.admin.ID]
			a.Password = "$argon2id$another"
			b.store.admins[a.ID] = a
		},
		"when the account is deleted": func(_ *testing.T, b factorFixture, _ *Identity) { delete(b.store.admins, b.admin.ID) },
		"when a factor is removed": func(t *testing.T, b factorFixture, id *Identity) {
			b.addPasskey(t, b.reload(t, id))
			if err := b.factors.RemoveTOTP(t.Context(), b.reload(t, id)); err != nil {
				t.Fatal(err)
			}
		},
		"when the operator removes all": func(t *testing.T, b factorFixture, _ *Identity) {
			if err := b.factors.Reset(t.Context(), b.admin.ID); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupFactors(t)
			id := b.session(t, b.admin)
			_, codes := b.addTOTP(t, id)
			r := b.challenge(t)
			end(t, b, id)
			_, err := b.complete(t, FactorAnswer{Challenge: r.Challenge, RecoveryCode: codes[0]})
			wantError(t, "the answer", err, errs.CodeUnauthenticated, "")
		})
	}
}

func TestFactorAnswer(t *testing.T) {
	t.Parallel()
	b := setupFactors(t)
	_, codes := b.addTOTP(t, b.session(t, b.admin))
	r := b.challenge(t)
	for _, a := range []FactorAnswer{
		{Challenge: r.Challenge}, {Challenge: r.Challenge, Code: "1", RecoveryCode: codes[0]},
		{Challenge: r.Challenge, Code: "1", Passkey: []byte("{}")},
	} {
		_, err := b.complete(t, a)
		wantError(t, "not exactly one answer", err, errs.CodeInvalidRequest, "")
	}
	confirm, err := b.factors.newChallenge(t.Context(), b.admin, purposeConfirm, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.complete(t, FactorAnswer{Challenge: confirm.Challenge, RecoveryCode: codes[0]})
	wantError(t, "a challenge of another purpose", err, errs.CodeUnauthenticated, "")
	_, err = b.complete(t, FactorAnswer{Challenge: "unknown", RecoveryCode: codes[0]})
	wantError(t, "an unknown challenge", err, errs.CodeUnauthenticated, "")
	_, err = b.complete(t, FactorAnswer{Challenge: r.Challenge, Passkey: []byte("{}")})
	wantError(t, "a passkey that was not asked for", err, errs.CodeInvalidRequest, "passkey")
}

func TestConfirm(t *testing.T) {
	t.Parallel()

	t.Run("requires the password, within the limits of log-ins", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		id := b.session(t, b.admin)
		b.clock.advance(time.Hour)
		_, _, err := b.Confirm(t.Context(), id, attemptFrom("192.0.2.1", "wrong"))
		wantError(t, "a wrong password", err, errs.CodeInvalidRequest, "password")
		if n := b.throttle.failures[accountKey(testEmail)]; n != 1 {
			t.Errorf("%d failures are counted", n)
		}
		until, r, err := b.Confirm(t.Context(), id, attemptFrom("192.0.2.1", testPassword))
		if err != nil || r != nil || !until.Equal(b.clock.now().Add(ConfirmationLifetime)) {
			t.Errorf("Confirm: %v, %+v, %v", until, r, err)
		}
		if s := b.reload(t, id).Session; !s.ConfirmedUntil().Equal(until) || s.SecondFactor {
			t.Errorf("session %+v", s)
		}
		b.throttle.failures[accountAddressKey(testEmail, "192.0.2.1")] = accountAddressLimit.Events
		_, _, err = b.Confirm(t.Context(), id, attemptFrom("192.0.2.1", testPassword))
		wantError(t, "after too many", err, errs.CodeRateLimited, "")
	})

	t.Run("requires the second factor of an account that has one", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		old := b.session(t, b.admin) // from before the second factor
		secret, codes := b.addTOTP(t, b.session(t, b.admin))
		before := b.reload(t, old).Session.Confirmed
		until, r, err := b.Confirm(t.Context(), old, attemptFrom("192.0.2.1", testPassword))
		if err != nil || r == nil || !until.IsZero() || !b.reload(t, old).Session.Confirmed.Equal(before) {
			t.Fatalf("the password alone: %v, %+v, %v", until, r, err)
		}
		_, _, err = b.CompleteConfirm(t.Context(), old, &FactorAnswer{Challenge: r.Challenge, Code: "1"})
		wantError(t, "a wrong code", err, errs.CodeInvalidRequest, "code")

		// A challenge is valid for one session and one purpose.
		other := b.session(t, b.admin)
		_, _, err = b.CompleteConfirm(t.Context(), other, &FactorAnswer{Challenge: r.Challenge, RecoveryCode: codes[0]})
		wantError(t, "in another session", err, errs.CodeInvalidRequest, "challenge")
		_, err = b.complete(t, FactorAnswer{Challenge: r.Challenge, RecoveryCode: codes[0]})
		wantError(t, "to log in", err, errs.CodeUnauthenticated, "")
		_, _, err = b.CompleteConfirm(t.Context(), old, &FactorAnswer{Challenge: b.challenge(t).Challenge, RecoveryCode: codes[0]})
		wantError(t, "with the challenge of a log-in", err, errs.CodeInvalidRequest, "challenge")

		b.clock.advance(time.Minute)
		proof, until, err := b.CompleteConfirm(t.Context(), old, &FactorAnswer{Challenge: r.Challenge, Code: b.currentCode(secret)})
		if err != nil || proof.Method != MethodTOTP || proof.Admin.ID != b.admin.ID || !until.Equal(b.clock.now().Add(ConfirmationLifetime)) {
			t.Fatalf("CompleteConfirm: %+v, %v, %v", proof, until, err)
		}
		if s := b.reload(t, old).Session; !s.SecondFactor || !s.ConfirmedUntil().Equal(until) {
			t.Errorf("session %+v", s)
		}
	})
}

func TestTenantRequiresSecondFactor(t *testing.T) {
	t.Parallel()
	b := setupFactors(t)
	b.store.tenants[1].SecondFactorRequired = true // orion
	id := b.session(t, b.admin)
	_, err := b.SessionMembership(t.Context(), id, "orion")
	wantError(t, "a request without one", err, errs.CodeSecondFactorMissing, "")
	_, err = b.Check(t.Context(), id.Session.ID, "orion")
	wantError(t, "a socket without one", err, errs.CodeSecondFactorMissing, "")
	_, err = b.SessionMembership(t.Context(), id, "vega")
	wantError(t, "a tenant that does not exist", err, errs.CodeNotFound, "")
	if _, err := b.SessionMembership(t.Context(), id, "meridian"); err != nil {
		t.Errorf("a tenant without the requirement: %v", err)
	}
	b.addTOTP(t, id)
	id = b.reload(t, id)
	if m, err := b.SessionMembership(t.Context(), id, "orion"); err != nil || m.Role != Exporter {
		t.Errorf("with one: %+v, %v", m, err)
	}
	// The last factor cannot be removed while the tenant requires one.
	wantError(t, "removing the last one", b.factors.RemoveTOTP(t.Context(), id), errs.CodeExists, "")
	b.addPasskey(t, id)
	if err := b.factors.RemoveTOTP(t.Context(), id); err != nil {
		t.Errorf("removing one of two: %v", err)
	}
	have, _ := b.factors.AccountFactors(t.Context(), b.admin.ID)
	_, err = b.factors.RemovePasskey(t.Context(), id, have.Passkeys[0].ID)
	wantError(t, "removing the last one", err, errs.CodeExists, "")
	if list, err := b.factors.RequiredBy(t.Context(), b.admin); err != nil || len(list) != 1 || list[0].ID != "orion" {
		t.Errorf("RequiredBy: %v, %v", list, err)
	}
	if have, err := b.factors.AccountsWithFactor(t.Context(), []string{"01A", "01B"}); err != nil || !have["01A"] || have["01B"] {
		t.Errorf("AccountsWithFactor: %v, %v", have, err)
	}
}

func TestRunDeletesExpiredChallenges(t *testing.T) {
	t.Parallel()
	b := setupFactors(t)
	b.addTOTP(t, b.session(t, b.admin))
	b.challenge(t)
	b.clock.advance(challengeLifetime)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b.Run(ctx) // once
	if len(b.factorStore.challenges) != 0 || len(b.factorStore.claims) != 0 {
		t.Errorf("left %v, %v", b.factorStore.challenges, b.factorStore.claims)
	}
}
