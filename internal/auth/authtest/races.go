package authtest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// raceForOne runs a race that one goroutine must win. Try reports whether it won.
func raceForOne(t *testing.T, try func(i int) (bool, error)) {
	t.Helper()
	var won atomic.Int64
	race(t, func(i int) error {
		ok, err := try(i)
		if ok {
			won.Add(1)
		}
		return err
	})
	if won.Load() != 1 {
		t.Errorf("%d of %d won", won.Load(), racers)
	}
}

// unless returns whether err is nil, and err without lost, the error of a loser.
func unless(lost, err error) (bool, error) {
	if errors.Is(err, lost) {
		return false, nil
	}
	return err == nil, err
}

func service(t *testing.T, s Store) *auth.Service {
	t.Helper()
	service, err := auth.New(auth.Options{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func racesForPassword(t *testing.T, ctx context.Context, s Store) {
	must(t, s.InsertAdmin(ctx, &auth.Admin{ID: "01A", Password: "old"}))
	raceForOne(t, func(i int) (bool, error) {
		return unless(auth.ErrNotFound, s.SetPassword(ctx, "01A", "old", fmt.Sprint("new", i), epoch))
	})
}

// keepsConcurrentChanges changes different parts of an admin, of second factors, of a session and of
// a tenant at the same time. No change may overwrite another.
func keepsConcurrentChanges(t *testing.T, ctx context.Context, s Store) {
	must(t, s.InsertAdmin(ctx, &auth.Admin{ID: "01A", Password: "old"}), s.InsertTenant(ctx, auth.Tenant{ID: "orion"}),
		s.InsertSession(ctx, &auth.Session{ID: "s", AdminID: "01A", SecondFactor: true}))
	race(t, func(i int) error {
		err := errors.Join(
			s.SetRole(ctx, "01A", fmt.Sprint("tenant-", i), auth.Viewer),
			s.AddPasskey(ctx, "01A", &auth.Passkey{ID: fmt.Sprintf("01K%02d", i), PublicKey: []byte{1}}),
		)
		switch i {
		case 0:
			err = errors.Join(err, s.SetName(ctx, "01A", "Amelia"), s.SetRetention(ctx, "orion", time.Hour), s.TouchSession(ctx, "s", epoch, epoch))
		case 1:
			err = errors.Join(err, s.SetPassword(ctx, "01A", "old", "new", epoch), s.SetLegacySignatures(ctx, "orion", true),
				s.ConfirmSession(ctx, "s", epoch, true))
		case 2:
			err = errors.Join(err, s.SetTOTP(ctx, "01A", &auth.TOTP{ID: "01T"}), s.SetSecondFactorRequired(ctx, "orion", true))
		case 3:
			err = errors.Join(err, s.SetRecoveryCodes(ctx, "01A", []string{"h"}), s.SetZephrSignatures(ctx, "orion", false))
		case 4:
			err = errors.Join(err, s.SetFeature(ctx, "orion", export.FeatureAsync, true))
		case 5:
			err = errors.Join(err, s.SetFeature(ctx, "orion", export.FeatureStateEvents, true))
		}
		return err
	})
	if a, err := s.Admin(ctx, "01A"); err != nil || len(a.Roles) != racers || a.Name != "Amelia" || a.Password != "new" {
		t.Errorf("admin: %+v, %v", a, err)
	}
	if f, err := s.Factors(ctx, "01A"); err != nil || len(f.Passkeys) != racers || f.TOTP == nil || len(f.RecoveryCodes) != 1 {
		t.Errorf("second factors: %+v, %v", f, err)
	}
	if got, err := s.Session(ctx, "s"); err != nil || !got.LastUsed.Equal(epoch) || !got.Confirmed.Equal(epoch) || !got.SecondFactor {
		t.Errorf("session: %+v, %v", got, err)
	}
	want := auth.Tenant{ID: "orion", Retention: time.Hour, LegacySignatures: true, SecondFactorRequired: true, RefuseZephr: true}
	if got, err := s.Tenant(ctx, "orion"); err != nil || *got != want {
		t.Errorf("tenant: %+v, %v", got, err)
	}
	if f, err := s.Features(ctx, "orion"); err != nil || len(f) != 2 {
		t.Errorf("features: %v, %v", f, err)
	}
}

// keepsLastOwner lets all owners of a tenant give up the role at the same time.
func keepsLastOwner(t *testing.T, ctx context.Context, s Store) {
	id := func(i int) string { return fmt.Sprintf("01A%02d", i) }
	for i := range racers {
		must(t, s.InsertAdmin(ctx, &auth.Admin{ID: id(i), Roles: map[string]auth.Role{"daily": auth.Owner}}))
	}
	admins := service(t, s)
	var refused atomic.Int64
	race(t, func(i int) error {
		_, err := admins.SetRole(ctx, "daily", id(i), auth.Viewer)
		if errs.CodeOf(err) == errs.CodeExists {
			refused.Add(1)
			return nil
		}
		return err
	})
	list, err := s.AdminsIn(ctx, "daily")
	if err != nil {
		t.Fatal(err)
	}
	var owners int64
	for _, a := range list {
		if a.Role("daily") == auth.Owner {
			owners++
		}
	}
	if owners == 0 || owners != refused.Load() || len(list) != racers {
		t.Errorf("%d of %d members are owners, and %d were refused", owners, len(list), refused.Load())
	}
}

func racesForInvitation(t *testing.T, ctx context.Context, s Store) {
	raceForOne(t, func(i int) (bool, error) {
		return unless(auth.ErrDuplicate, s.InsertInvitation(ctx, &auth.Invitation{
			ID: fmt.Sprintf("01I%02d", i), TokenHash: fmt.Sprint(i), Tenant: "daily", Email: "noor@example.com",
		}))
	})
	if list, err := s.Invitations(ctx, "daily"); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	raceForOne(t, func(i int) (bool, error) { return s.ClaimInvitation(ctx, "01I", fmt.Sprint(i), epoch) })
}

// racesToJoin lets the accounts of one e-mail address accept an invitation at the same time.
func racesToJoin(t *testing.T, ctx context.Context, s Store) {
	const email = "noor@example.com"
	must(t, s.InsertTenant(ctx, auth.Tenant{ID: "daily"}))
	for i := range racers {
		must(t, s.InsertAdmin(ctx, &auth.Admin{ID: fmt.Sprintf("01A%02d", i), Email: email}))
	}
	admins := service(t, s)
	_, token, err := admins.Invite(ctx, "daily", email, auth.Exporter, "01O")
	if err != nil {
		t.Fatal(err)
	}
	raceForOne(t, func(i int) (bool, error) {
		_, err := admins.JoinTenant(ctx, token, &auth.Admin{ID: fmt.Sprintf("01A%02d", i), Email: email})
		if errs.CodeOf(err) == errs.CodeNotFound { // the invitation was used
			return false, nil
		}
		return err == nil, err
	})
	if list, err := s.AdminsIn(ctx, "daily"); err != nil || len(list) != 1 || list[0].Role("daily") != auth.Exporter {
		t.Errorf("%+v, %v", list, err)
	}
}

func racesForSlot(t *testing.T, ctx context.Context, s Store) {
	raceForOne(t, func(i int) (bool, error) {
		return unless(auth.ErrDuplicate, s.InsertKeyPair(ctx, &auth.KeyPair{
			AccessKey: fmt.Sprint("K", i), Tenant: "daily", AdminID: "01A", Slot: "daily:01A:1",
		}))
	})
	if list, err := s.KeyPairs(ctx, "daily", "01A"); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

// racesToRevoke revokes a key pair while it is used and annotated.
func racesToRevoke(t *testing.T, ctx context.Context, s Store) {
	must(t, s.InsertKeyPair(ctx, &auth.KeyPair{AccessKey: "K", Tenant: "daily", AdminID: "01A", SealedSecret: []byte{1}, Slot: "daily:01A:1"}))
	raceForOne(t, func(int) (bool, error) {
		if err := s.TouchKeyPair(ctx, "K", epoch); err != nil {
			return false, err
		}
		if _, err := unless(auth.ErrNotFound, s.ChangeKeyPair(ctx, "daily", "K", auth.KeyPairChange{Note: new("n")})); err != nil {
			return false, err
		}
		return unless(auth.ErrNotFound, s.RevokeKeyPair(ctx, "daily", "K", epoch))
	})
	if k, err := s.KeyPair(ctx, "K"); err != nil || !k.Revoked.Equal(epoch) || k.SealedSecret != nil || k.Slot != "" {
		t.Errorf("%+v, %v", k, err)
	}
}

func racesForClaim(t *testing.T, ctx context.Context, s Store) {
	raceForOne(t, func(int) (bool, error) { return s.Claim(ctx, "one", time.Time{}) })
	raceForOne(t, func(int) (bool, error) { return s.Claim(ctx, "two", epoch) })
}

// racesToEndSession ends a session while it is used. It must stay ended.
func racesToEndSession(t *testing.T, ctx context.Context, s Store) {
	must(t, s.InsertSession(ctx, &auth.Session{ID: "s", AdminID: "01A"}))
	race(t, func(i int) error {
		if i == 0 {
			return s.DeleteSession(ctx, "s")
		}
		return errors.Join(s.TouchSession(ctx, "s", epoch, epoch), s.ConfirmSession(ctx, "s", epoch, true), s.DropSecondFactor(ctx, "01A"))
	})
	if _, err := s.Session(ctx, "s"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the ended session: %v", err)
	}
}
