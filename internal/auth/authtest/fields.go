package authtest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

// keepsEveryField stores values without zero fields and reads them again.
func keepsEveryField(t *testing.T, ctx context.Context, s Store) {
	at := func(hours int) time.Time { return epoch.Add(time.Duration(hours) * time.Hour) }
	admin := auth.Admin{
		ID: "01A", Email: "amelia@example.com", Name: "Amelia", Password: "$argon2id$", PasswordChanged: at(1),
		Roles: map[string]auth.Role{"daily": auth.Owner, "weekly-2": auth.Viewer}, GlobalRole: auth.Exporter, Created: at(0),
	}
	session := auth.Session{
		ID: "s1", PublicID: "01P", AdminID: "01A", Created: at(0), LastUsed: at(1), Expires: at(2), Address: "192.0.2.1", UserAgent: "Browser/1",
		SecondFactor: true, Confirmed: at(3),
	}
	invitation := auth.Invitation{
		ID: "01I", TokenHash: "h", Tenant: "daily", Role: auth.Exporter, Email: "noor@example.com", InvitedBy: "01A", Created: at(0), Expires: at(1),
	}
	reset := auth.Reset{ID: "r", AdminID: "01A", Password: "p", Expires: at(1)}
	pair := auth.KeyPair{
		AccessKey: "K", Tenant: "daily", AdminID: "01A", Note: "nightly", SealedSecret: []byte{1, 0, 2}, Created: at(0), CreatedBy: "01B",
		LastUsed: at(1), Revoked: at(2), Slot: "daily:01A:1", RequestsPerMinute: 600,
	}
	challenge := auth.FactorChallenge{
		ID: "c", Nonce: "n", Account: "01A", Purpose: "login", Session: "s1", Password: "p", Data: []byte("{}"), Expires: at(1),
	}
	must(t, s.InsertAdmin(ctx, &admin), s.InsertSession(ctx, &session), s.InsertInvitation(ctx, &invitation), s.InsertReset(ctx, &reset),
		s.InsertKeyPair(ctx, &pair), s.PutChallenge(ctx, &challenge))

	kept(t, admin, func() (*auth.Admin, error) { return s.Admin(ctx, admin.ID) })
	kept(t, session, func() (*auth.Session, error) { return s.Session(ctx, session.ID) })
	kept(t, invitation, func() (*auth.Invitation, error) { return s.Invitation(ctx, invitation.ID) })
	kept(t, reset, func() (*auth.Reset, error) { return s.Reset(ctx, reset.ID) })
	kept(t, pair, func() (*auth.KeyPair, error) { return s.KeyPair(ctx, pair.AccessKey) })
	kept(t, challenge, func() (*auth.FactorChallenge, error) { return s.Challenge(ctx, challenge.ID) })
}

// kept checks that want has no zero field, and that read returns it.
func kept[T any](t *testing.T, want T, read func() (*T, error)) {
	t.Helper()
	v := reflect.ValueOf(want)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the test sets no %T.%s", want, v.Type().Field(i).Name)
		}
	}
	if got, err := read(); err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
}
