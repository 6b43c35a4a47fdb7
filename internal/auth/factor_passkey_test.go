package auth

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/egress-io/egress/internal/errs"

	"github.com/descope/virtualwebauthn"
)

func TestPasskeys(t *testing.T) {
	t.Parallel()

	t.Run("are added with recovery codes, renamed, used and removed", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		id := b.session(t, b.admin)
		authenticator, credential := b.addPasskey(t, id)
		id = b.reload(t, id)
		have, _ := b.factors.AccountFactors(t.Context(), b.admin.ID)
		if len(have.Passkeys) != 1 || len(have.RecoveryCodes) != recoveryCodeCount || !id.Session.SecondFactor {
			t.Fatalf("the account has %+v", have)
		}
		key := have.Passkeys[0].ID
		if p, err := b.factors.RenamePasskey(t.Context(), id, key, " Work laptop "); err != nil || p.Name != "Work laptop" {
			t.Errorf("RenamePasskey: %+v, %v", p, err)
		}
		r := b.challenge(t)
		session, err := b.complete(t, FactorAnswer{Challenge: r.Challenge, Passkey: b.assertion(t, r, authenticator, credential)})
		if err != nil || !session.SecondFactor {
			t.Fatalf("%+v, %v", session, err)
		}
		have, _ = b.factors.AccountFactors(t.Context(), b.admin.ID)
		if p := have.Passkeys[0]; !p.LastUsed.Equal(b.clock.now()) || p.SignCount != credential.Counter || p.Name != "Work laptop" {
			t.Errorf("after its use: %+v", p)
		}
		if _, err := b.factors.RemovePasskey(t.Context(), id, key); err != nil {
			t.Fatal(err)
		}
		have, _ = b.factors.AccountFactors(t.Context(), b.admin.ID)
		if have.Any() || len(have.RecoveryCodes) != 0 || b.reload(t, id).Session.SecondFactor || b.reload(t, &Identity{Session: session}).Session.SecondFactor {
			t.Errorf("after the last factor was removed: %+v", have)
		}
		b.login(t) // without a challenge
		_, err = b.factors.RemovePasskey(t.Context(), id, key)
		wantError(t, "removing it again", err, errs.CodeNotFound, "")
		_, err = b.factors.RenamePasskey(t.Context(), id, key, "x")
		wantError(t, "renaming a removed passkey", err, errs.CodeNotFound, "")
	})

	t.Run("answer their own challenge once", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		authenticator, credential := b.addPasskey(t, b.session(t, b.admin))
		one, other := b.challenge(t), b.challenge(t)
		answer := b.assertion(t, one, authenticator, credential)
		_, err := b.complete(t, FactorAnswer{Challenge: other.Challenge, Passkey: answer})
		wantError(t, "the assertion of another challenge", err, errs.CodeInvalidRequest, "passkey")
		if _, err := b.complete(t, FactorAnswer{Challenge: one.Challenge, Passkey: answer}); err != nil {
			t.Fatal(err)
		}
		for _, again := range []string{one.Challenge, b.challenge(t).Challenge} {
			if _, err := b.complete(t, FactorAnswer{Challenge: again, Passkey: answer}); err == nil {
				t.Error("the assertion was replayed")
			}
		}
	})

	t.Run("accept a response once, even if the authenticator does not count", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		authenticator, credential := b.addPasskey(t, b.session(t, b.admin))
		kept := b.factorStore.accounts[b.admin.ID]
		kept.Passkeys[0].SignCount, credential.Counter = 0, ^uint32(0) // assertion adds one
		b.factorStore.keepChallenges = true                            // the challenge can be answered again
		r := b.challenge(t)
		answer := b.assertion(t, r, authenticator, credential)
		var won atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, _, _, err := b.CompleteLogin(t.Context(), &FactorAnswer{Challenge: r.Challenge, Passkey: answer}, Attempt{}); err == nil {
					won.Add(1)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d logged in", won.Load())
		}
	})

	t.Run("refuse another site, another account and another key", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		authenticator, credential := b.addPasskey(t, b.session(t, b.admin))
		twin := *b.admin
		twin.ID = "01B"
		b.store.admins[twin.ID] = twin
		theirs, their := b.addPasskey(t, b.session(t, &twin))
		phishing := b
		phishing.rp = virtualwebauthn.RelyingParty{ID: b.rp.ID, Origin: "https://egress.example.com.evil.test"}
		foreign := b
		foreign.rp = virtualwebauthn.RelyingParty{ID: "evil.test", Origin: b.rp.Origin}
		forged := newCredential()
		forged.ID, forged.Counter = credential.ID, 100
		absent := authenticator
		absent.Options.UserNotPresent = true
		for name, answer := range map[string]func(*FactorRequest) []byte{
			"another origin":    func(r *FactorRequest) []byte { return phishing.assertion(t, r, authenticator, credential) },
			"another host":      func(r *FactorRequest) []byte { return foreign.assertion(t, r, authenticator, credential) },
			"another account's": func(r *FactorRequest) []byte { return b.assertion(t, r, theirs, their) },
			"another key":       func(r *FactorRequest) []byte { return b.assertion(t, r, authenticator, &forged) },
			"no user presence":  func(r *FactorRequest) []byte { return b.assertion(t, r, absent, credential) },
			"no JSON":           func(*FactorRequest) []byte { return []byte("{") },
			"empty JSON":        func(*FactorRequest) []byte { return []byte("{}") },
		} {
			r := b.challenge(t)
			_, err := b.complete(t, FactorAnswer{Challenge: r.Challenge, Passkey: answer(r)})
			wantError(t, name, err, errs.CodeInvalidRequest, "passkey")
		}
		unverified := authenticator // a security key without a PIN
		unverified.Options.UserNotVerified = true
		r := b.challenge(t)
		if _, err := b.complete(t, FactorAnswer{Challenge: r.Challenge, Passkey: b.assertion(t, r, unverified, credential)}); err != nil {
			t.Errorf("without user verification: %v", err)
		}
	})

	t.Run("refuse a decreased counter, and accept authenticators without a counter", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		id := b.session(t, b.admin)
		authenticator, credential := b.addPasskey(t, id)
		credential.Counter = 2 // of an older copy
		r := b.challenge(t)
		_, err := b.complete(t, FactorAnswer{Challenge: r.Challenge, Passkey: b.assertion(t, r, authenticator, credential)})
		wantError(t, "a copy", err, errs.CodeInvalidRequest, "passkey")

		synced := newCredential()
		manager := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{BackupEligible: true, BackupState: true})
		if _, err := b.factors.AddPasskey(t.Context(), b.reload(t, id), "", b.attestation(t, b.reload(t, id), manager, synced)); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			r := b.challenge(t)
			synced.Counter-- // assertion adds one
			if _, err := b.complete(t, FactorAnswer{Challenge: r.Challenge, Passkey: b.assertion(t, r, manager, &synced)}); err != nil {
				t.Errorf("a synced passkey: %v", err)
			}
		}
	})

	t.Run("are set up once, in the same session, within five minutes", func(t *testing.T) {
		t.Parallel()
		b := setupFactors(t)
		id, other := b.session(t, b.admin), b.session(t, b.admin)
		authenticator, credential := virtualwebauthn.NewAuthenticator(), newCredential()
		made := b.attestation(t, id, authenticator, credential)
		_, err := b.factors.AddPasskey(t.Context(), other, "", made)
		wantError(t, "in another session", err, errs.CodeNotFound, "")
		b.clock.advance(passkeySetupLifetime)
		_, err = b.factors.AddPasskey(t.Context(), id, "", made)
		wantError(t, "after five minutes", err, errs.CodeNotFound, "")
		made = b.attestation(t, id, authenticator, credential)
		_, err = b.factors.AddPasskey(t.Context(), id, "", []byte("{}"))
		wantError(t, "an empty answer", err, errs.CodeInvalidRequest, "credential")
		_, err = b.factors.AddPasskey(t.Context(), id, "", made)
		wantError(t, "options that were used", err, errs.CodeNotFound, "")
		_, err = b.factors.AddPasskey(t.Context(), id, string(make([]byte, MaxPasskeyName))+"x", made)
		wantError(t, "a long name", err, errs.CodeInvalidRequest, "name")
		if _, err := b.factors.AddPasskey(t.Context(), id, "", b.attestation(t, id, authenticator, credential)); err != nil {
			t.Fatal(err)
		}
		_, err = b.factors.AddPasskey(t.Context(), b.reload(t, id), "", b.attestation(t, b.reload(t, id), authenticator, credential))
		wantError(t, "the same passkey again", err, errs.CodeExists, "")
	})
}

func TestRelyingParty(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]struct{ id, origin string }{
		"":                                {"localhost", "http://localhost"},
		"http://127.0.0.1:8080":           {"localhost", "http://localhost:8080"},
		"http://[::1]:8080":               {"localhost", "http://localhost:8080"},
		"http://localhost:8080":           {"localhost", "http://localhost:8080"},
		"https://Egress.example.com:8443": {"egress.example.com", "https://Egress.example.com:8443"},
		"http://egress.example.com":       {}, // browsers require https
		"https://10.0.0.7":                {}, // and a host name
	} {
		rp, err := relyingParty(public)
		if err != nil {
			t.Errorf("%q: %v", public, err)
			continue
		}
		if rp == nil {
			if want.id != "" {
				t.Errorf("%q: none", public)
			}
			continue
		}
		if rp.Config.RPID != want.id || rp.Config.RPOrigins[0] != want.origin {
			t.Errorf("%q: %s, %s", public, rp.Config.RPID, rp.Config.RPOrigins)
		}
	}
}
