package mongo

import (
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

func TestInvitations(t *testing.T) {
	t.Parallel()
	s, ctx := newTestAdmins(t)
	at := time.Date(2026, 12, 3, 8, 0, 0, 0, time.UTC)
	first := auth.Invitation{
		ID: "01A", TokenHash: "h1", Tenant: "daily", Role: auth.Exporter, Email: "a@example.com", InvitedBy: "01O", Created: at, Expires: at.Add(time.Hour),
	}
	second, other := first, first
	second.ID, second.TokenHash, second.Email = "01B", "h2", "b@example.com"
	other.ID, other.TokenHash, other.Tenant = "01C", "h3", "weekly"
	for _, i := range []auth.Invitation{first, second, other} {
		if err := s.InsertInvitation(ctx, &i); err != nil {
			t.Fatal(err)
		}
	}
	again := first
	again.ID = "01D"
	if err := s.InsertInvitation(ctx, &again); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("a second one of the address in the tenant: %v", err)
	}
	if list, err := s.Invitations(ctx, "daily"); err != nil || len(list) != 2 || list[0].ID != "01B" || list[1] != first {
		t.Errorf("%+v, %v", list, err)
	}
	if err := s.RenewInvitation(ctx, "01A", "h9", at.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.RenewInvitation(ctx, "01Z", "h8", at); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an unknown one was renewed: %v", err)
	}
	if _, err := s.InvitationByToken(ctx, "h1"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the old token: %v", err)
	}
	if i, err := s.InvitationByToken(ctx, "h9"); err != nil || i.ID != "01A" || !i.Expires.Equal(at.Add(2*time.Hour)) {
		t.Errorf("the new token: %+v, %v", i, err)
	}
	for _, c := range []struct {
		by  string
		won bool
	}{{"01X", true}, {"01Y", false}, {"01X", true}} {
		if won, err := s.ClaimInvitation(ctx, "01A", c.by, at); err != nil || won != c.won {
			t.Errorf("claimed by %s: %v, %v", c.by, won, err)
		}
	}
	if err := errors.Join(s.DeleteInvitation(ctx, "01A"), s.DeleteInvitation(ctx, "01A")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Invitation(ctx, "01A"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a deleted one: %v", err)
	}
}
