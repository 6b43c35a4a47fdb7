package authtest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

func changesFactors(t *testing.T, ctx context.Context, s Store) {
	now := epoch
	if have, err := s.Factors(ctx, "01A"); err != nil || have.Any() || len(have.RecoveryCodes) != 0 {
		t.Fatalf("an account without factors: %+v, %v", have, err)
	}
	app := &auth.TOTP{ID: "01T", SealedSecret: []byte{1, 2}, Created: now}
	first := auth.Passkey{
		ID: "01K1", Name: "Laptop", Created: now, CredentialID: []byte{3}, PublicKey: []byte{4}, AAGUID: make([]byte, 16),
		SignCount: 1<<32 - 1, Transports: []string{"internal", "hybrid"}, Flags: 0xdd,
	}
	second := auth.Passkey{ID: "01K2", Name: "Key", Created: now, CredentialID: []byte{5}, PublicKey: []byte{6}, AAGUID: make([]byte, 16)}
	must(t,
		s.AddPasskey(ctx, "01A", &second), s.AddPasskey(ctx, "01A", &first), s.SetTOTP(ctx, "01A", app),
		s.SetRecoveryCodes(ctx, "01A", []string{"old"}), s.SetRecoveryCodes(ctx, "01A", []string{"h2", "h1"}),
		s.SetRecoveryCodes(ctx, "01B", []string{"h1"}), // recovery codes alone are no second factor
	)
	want := &auth.AccountFactors{TOTP: app, Passkeys: []auth.Passkey{first, second}, RecoveryCodes: []string{"h1", "h2"}}
	if have, err := s.Factors(ctx, "01A"); err != nil || !reflect.DeepEqual(have, want) {
		t.Errorf("Factors: %+v, %v\nwant %+v", have, err, want)
	}
	if have, err := s.WithFactors(ctx, []string{"01A", "01B", "01C"}); err != nil || len(have) != 1 || !have["01A"] {
		t.Errorf("WithFactors: %v, %v", have, err)
	}
	if have, err := s.WithFactors(ctx, []string{}); err != nil || len(have) != 0 {
		t.Errorf("WithFactors of nobody: %v, %v", have, err)
	}

	used := first
	used.LastUsed, used.SignCount, used.Flags = now.Add(time.Minute), 7, 0x1d
	gone := auth.Passkey{ID: "01K9"}
	must(t,
		s.UsePasskey(ctx, "01A", &used), s.UsePasskey(ctx, "01A", &gone), s.RenamePasskey(ctx, "01A", "01K1", "Work laptop"),
		s.RemovePasskey(ctx, "01A", "01K2"), s.RemovePasskey(ctx, "01A", "01K2"), s.RemoveRecoveryCode(ctx, "01A", "h1"), s.SetTOTP(ctx, "01A", nil),
	)
	for _, err := range []error{s.RenamePasskey(ctx, "01A", "01K2", "x"), s.RenamePasskey(ctx, "01B", "01K1", "x")} {
		if !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("a passkey of nobody or another was renamed: %v", err)
		}
	}
	used.Name = "Work laptop"
	want = &auth.AccountFactors{Passkeys: []auth.Passkey{used}, RecoveryCodes: []string{"h2"}}
	if have, err := s.Factors(ctx, "01A"); err != nil || !reflect.DeepEqual(have, want) {
		t.Errorf("after the changes: %+v, %v\nwant %+v", have, err, want)
	}

	// Removals of what does not exist, and of everything.
	must(t,
		s.SetTOTP(ctx, "01Z", nil), s.RemovePasskey(ctx, "01Z", "01K1"), s.SetRecoveryCodes(ctx, "01Z", nil), s.RemoveRecoveryCode(ctx, "01Z", "h1"),
		s.UsePasskey(ctx, "01Z", &used), s.RemovePasskey(ctx, "01A", "01K1"), s.SetRecoveryCodes(ctx, "01A", nil),
	)
	for _, id := range []string{"01A", "01Z"} {
		if have, err := s.Factors(ctx, id); err != nil || have.Any() || len(have.RecoveryCodes) != 0 {
			t.Errorf("%s without factors: %+v, %v", id, have, err)
		}
	}
}

func changesChallenges(t *testing.T, ctx context.Context, s Store) {
	now := epoch
	c := auth.FactorChallenge{
		ID: "c1", Nonce: "n1", Account: "01A", Purpose: "login", Session: "s", Password: "p", Data: []byte("{}"), Expires: now.Add(time.Minute),
	}
	again := c
	again.Nonce = "n2"
	expired := auth.FactorChallenge{ID: "c2", Account: "01B", Expires: now}
	for _, one := range []*auth.FactorChallenge{&c, &again, &expired} {
		must(t, s.PutChallenge(ctx, one))
	}
	if got, err := s.Challenge(ctx, "c1"); err != nil || !reflect.DeepEqual(*got, again) {
		t.Errorf("Challenge: %+v, %v", got, err)
	}
	for _, id := range []string{"one", "two"} {
		expires := map[string]time.Time{"two": now}[id]
		if ok, err := s.Claim(ctx, id, expires); err != nil || !ok {
			t.Fatalf("claim %s: %t, %v", id, ok, err)
		}
	}
	if n, err := s.DeleteExpired(ctx, now); err != nil || n != 2 {
		t.Errorf("DeleteExpired: %d, %v", n, err)
	}
	if ok, err := s.Claim(ctx, "one", now); err != nil || ok {
		t.Errorf("a claim for ever was deleted: %t, %v", ok, err)
	}
	if ok, err := s.Claim(ctx, "two", now); err != nil || !ok {
		t.Errorf("a claim that has expired: %t, %v", ok, err)
	}
	must(t, s.DeleteChallenges(ctx, "01A"))
	for _, id := range []string{"c1", "c2"} {
		if _, err := s.Challenge(ctx, id); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("challenge %s: %v", id, err)
		}
	}
	must(t, s.PutChallenge(ctx, &c), s.DeleteChallenge(ctx, "c1"), s.DeleteChallenge(ctx, "c1"))
	if _, err := s.Challenge(ctx, "c1"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a deleted challenge: %v", err)
	}
}
