package authtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

func changesInvitations(t *testing.T, ctx context.Context, s Store) {
	at := epoch
	first := auth.Invitation{
		ID: "01A", TokenHash: "h1", Tenant: "daily", Role: auth.Exporter, Email: "a@example.com", InvitedBy: "01O", Created: at, Expires: at.Add(time.Hour),
	}
	second, other := first, first
	second.ID, second.TokenHash, second.Email = "01B", "h2", "b@example.com"
	other.ID, other.TokenHash, other.Tenant = "01C", "h3", "weekly"
	for _, i := range []auth.Invitation{first, second, other} {
		must(t, s.InsertInvitation(ctx, &i))
	}
	again := first
	again.ID = "01D"
	if err := s.InsertInvitation(ctx, &again); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("a second one of the address in the tenant: %v", err)
	}
	if list, err := s.Invitations(ctx, "daily"); err != nil || len(list) != 2 || list[0].ID != "01B" || list[1] != first {
		t.Errorf("%+v, %v", list, err)
	}
	must(t, s.RenewInvitation(ctx, "01A", "h9", at.Add(2*time.Hour)))
	if err := s.RenewInvitation(ctx, "01Z", "h8", at); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an unknown one was renewed: %v", err)
	}
	if _, err := s.InvitationByToken(ctx, "h1"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the old token: %v", err)
	}
	if i, err := s.InvitationByToken(ctx, "h9"); err != nil || i.ID != "01A" || !i.Expires.Equal(at.Add(2*time.Hour)) {
		t.Errorf("the new token: %+v, %v", i, err)
	}
	if err := s.InsertInvitation(ctx, &again); !errors.Is(err, auth.ErrDuplicate) {
		t.Errorf("a second one of the address after the renewal: %v", err)
	}
	for _, c := range []struct {
		by  string
		won bool
	}{{"01X", true}, {"01Y", false}, {"01X", true}} {
		if won, err := s.ClaimInvitation(ctx, "01A", c.by, at); err != nil || won != c.won {
			t.Errorf("claimed by %s: %v, %v", c.by, won, err)
		}
	}
	must(t, s.DeleteInvitation(ctx, "01A"), s.DeleteInvitation(ctx, "01A"))
	if _, err := s.Invitation(ctx, "01A"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a deleted one: %v", err)
	}
	if won, err := s.ClaimInvitation(ctx, "01A", "01Y", at); err != nil || won {
		t.Errorf("the claim ended with the invitation: %v, %v", won, err)
	}
	if err := s.InsertInvitation(ctx, &again); err != nil {
		t.Errorf("the address after the first invitation was deleted: %v", err)
	}
}

func deletesResets(t *testing.T, ctx context.Context, s Store) {
	at := epoch
	for _, r := range []auth.Reset{
		{ID: "h1", AdminID: "01A", Password: "p", Expires: at.Add(time.Hour)}, {ID: "h2", AdminID: "01B", Expires: at.Add(time.Hour)},
		{ID: "h3", AdminID: "01C", Expires: at},
	} {
		must(t, s.InsertReset(ctx, &r))
	}
	if r, err := s.Reset(ctx, "h1"); err != nil || r.AdminID != "01A" || r.Password != "p" || !r.Expires.Equal(at.Add(time.Hour)) {
		t.Errorf("%+v, %v", r, err)
	}
	must(t, s.DeleteResets(ctx, "01A", at))
	for id, there := range map[string]bool{"h1": false, "h2": true, "h3": false} {
		_, err := s.Reset(ctx, id)
		if there && err != nil || !there && !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
}
