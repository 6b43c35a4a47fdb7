package auth

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

// Passwords that CheckPassword accepts.
const (
	strongPassword = "plain violet harbour 41"
	otherPassword  = "seven quiet lanterns 9"
)

func (b serviceFixture) invite(t *testing.T, tenant, email string, role Role) (*Invitation, string) {
	t.Helper()
	i, token, err := b.Invite(t.Context(), tenant, email, role, "01A")
	if err != nil {
		t.Fatal(err)
	}
	return i, token
}

func (b serviceFixture) accept(t *testing.T, token, password string) (*Admin, string) {
	t.Helper()
	admin, session, _, err := b.AcceptInvitation(t.Context(), token, "", attemptFrom("192.0.2.7", password))
	if err != nil {
		t.Fatal(err)
	}
	return admin, session
}

// attemptFrom returns an attempt from an IP address.
func attemptFrom(address, password string) Attempt {
	return Attempt{Password: password, Address: address}
}

// tenants returns the tenants that a session has access to.
func (b serviceFixture) tenants(t *testing.T, session string) (ids []string) {
	t.Helper()
	id, err := b.Authenticate(t.Context(), session)
	if err != nil {
		t.Fatal(err)
	}
	all, err := b.Memberships(t.Context(), id.Admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		ids = append(ids, m.Tenant.ID)
	}
	return ids
}

// An owner who invites an admin of another tenant gets no access to the other tenant.
func TestInvitationGivesNoAccessToOtherTenants(t *testing.T) {
	t.Parallel()
	const victim = "noor@example.com"

	t.Run("by a second invitation while the first is pending", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		_, theirs := b.invite(t, "meridian", victim, Owner)
		_, mine := b.invite(t, "orion", victim, Owner)
		_, session := b.accept(t, mine, strongPassword)
		if got := b.tenants(t, session); !slices.Equal(got, []string{"orion"}) {
			t.Fatalf("the password that orion's owner chose gives access to %v", got)
		}
		// The other tenant's invitation stays pending, and the person accepts it with a new
		// password.
		admin, own := b.accept(t, theirs, otherPassword)
		if got := b.tenants(t, own); !slices.Equal(got, []string{"meridian"}) || admin.Role("orion") != "" {
			t.Errorf("the person's own password gives access to %v", got)
		}
		if got := b.tenants(t, session); !slices.Equal(got, []string{"orion"}) {
			t.Errorf("afterwards the password that orion's owner chose gives access to %v", got)
		}
		for password, want := range map[string]string{strongPassword: "orion", otherPassword: "meridian"} {
			token, _, err := b.Login(t.Context(), Attempt{Email: victim, Password: password, Address: "192.0.2.8"})
			if err != nil {
				t.Fatal(err)
			}
			if got := b.tenants(t, token); !slices.Equal(got, []string{want}) {
				t.Errorf("the session has access to %v, not %s", got, want)
			}
		}
	})

	t.Run("by an account that was created before", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		_, mine := b.invite(t, "orion", victim, Viewer)
		_, session := b.accept(t, mine, strongPassword)
		_, theirs := b.invite(t, "meridian", victim, Owner)
		if got := b.tenants(t, session); !slices.Equal(got, []string{"orion"}) {
			t.Errorf("an invitation alone gives access: %v", got)
		}
		b.accept(t, theirs, otherPassword)
		if got := b.tenants(t, session); !slices.Equal(got, []string{"orion"}) {
			t.Errorf("another account's acceptance gives access: %v", got)
		}
	})

	t.Run("by an account with another e-mail address", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		_, theirs := b.invite(t, "meridian", victim, Owner)
		if _, err := b.JoinTenant(t.Context(), theirs, b.admin); errs.CodeOf(err) != errs.CodeForbidden {
			t.Errorf("%v", err)
		}
		if _, _, err := b.InvitationByToken(t.Context(), theirs); err != nil {
			t.Errorf("the failed attempt used the invitation: %v", err)
		}
	})

	t.Run("by guessing the password of the other account through invitations", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		_, theirs := b.invite(t, "meridian", victim, Owner)
		b.accept(t, theirs, otherPassword)
		var limited bool
		for n := range accountAddressLimit.Events + 1 {
			i, mine := b.invite(t, "orion", victim, Viewer)
			admin, _, _, err := b.AcceptInvitation(t.Context(), mine, "", attemptFrom("192.0.2.7", strongPassword+strings.Repeat("!", n)))
			limited = limited || errs.CodeOf(err) == errs.CodeRateLimited
			if err == nil {
				// Logging in to the own account does not reset the limit.
				own := Attempt{Email: victim, Password: strongPassword, Address: "192.0.2.7"}
				if _, _, err := b.Login(t.Context(), own); err != nil && errs.CodeOf(err) != errs.CodeRateLimited {
					t.Fatal(err)
				}
				_, err = b.SetRole(t.Context(), "orion", admin.ID, "")
			} else {
				_, err = b.WithdrawInvitation(t.Context(), "orion", i.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if !limited {
			t.Error("the guesses are not limited")
		}
	})
}

func TestInvitations(t *testing.T) {
	t.Parallel()

	t.Run("are accepted once and begin a session", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		i, token := b.invite(t, "orion", " Noor@Example.com ", Exporter)
		if len(token) < 43 || i.Email != "noor@example.com" || strings.Contains(i.TokenHash, token) || i.InvitedBy != "01A" {
			t.Errorf("%+v, %q", i, token)
		}
		if list, err := b.store.AdminsByEmail(t.Context(), "noor@example.com"); err != nil || len(list) != 0 {
			t.Errorf("an account before the acceptance: %+v, %v", list, err)
		}
		if _, tenant, err := b.InvitationByToken(t.Context(), token); err != nil || tenant.ID != "orion" {
			t.Fatalf("%+v, %v", tenant, err)
		}
		if _, _, _, err := b.AcceptInvitation(t.Context(), token, "", attemptFrom("192.0.2.7", "short")); errs.CodeOf(err) != errs.CodeInvalidRequest {
			t.Errorf("a short password: %v", err)
		}
		admin, session, _, err := b.AcceptInvitation(t.Context(), token, " Noor Haddad ", attemptFrom("192.0.2.7", strongPassword))
		if err != nil {
			t.Fatal(err)
		}
		id, err := b.Authenticate(t.Context(), session)
		if err != nil || id.Admin.Name != "Noor Haddad" || id.Admin.ID != admin.ID || id.Admin.Role("orion") != Exporter || id.Admin.Role("meridian") != "" {
			t.Errorf("%+v, %v", id, err)
		}
		if _, _, _, err := b.AcceptInvitation(t.Context(), token, "", attemptFrom("192.0.2.7", otherPassword)); !errors.Is(err, errInvalidInvitation) {
			t.Errorf("accepted again: %v", err)
		}
		b.store.invitations[i.ID] = *i // as if a crash had left it
		if _, _, _, err := b.AcceptInvitation(t.Context(), token, "", attemptFrom("192.0.2.7", otherPassword)); !errors.Is(err, errInvalidInvitation) {
			t.Errorf("accepted again after a crash: %v", err)
		}
	})

	t.Run("create one account if many accept at the same time", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		_, token := b.invite(t, "orion", "noor@example.com", Exporter)
		var all sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for n := range 6 {
			all.Go(func() {
				_, _, _, err := b.AcceptInvitation(t.Context(), token, "", attemptFrom("192.0.2.7", strongPassword+strings.Repeat("!", n)))
				if err == nil {
					mu.Lock()
					won++
					mu.Unlock()
				} else if !errors.Is(err, errInvalidInvitation) && !errors.Is(err, errAlreadyMember) && !errors.Is(err, errWrongPassword) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		list, err := b.store.AdminsByEmail(t.Context(), "noor@example.com")
		if err != nil || len(list) != 1 || won != 1 {
			t.Errorf("%d accounts, %d acceptances, %v", len(list), won, err)
		}
	})

	t.Run("expire, and end with a newer link or a withdrawal", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		i, first := b.invite(t, "orion", "noor@example.com", Exporter)
		renew := func() string {
			_, token, err := b.RenewInvitation(t.Context(), "orion", i.ID)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		valid := func(token string) bool {
			_, _, err := b.InvitationByToken(t.Context(), token)
			if err != nil && !errors.Is(err, errInvalidInvitation) {
				t.Error(err)
			}
			return err == nil
		}
		second := renew()
		if valid(first) || !valid(second) || valid("") {
			t.Error("only the newest link must be valid")
		}
		b.clock.advance(InvitationLifetime)
		if valid(second) {
			t.Error("the invitation does not expire")
		}
		third := renew()
		if _, err := b.WithdrawInvitation(t.Context(), "orion", i.ID); err != nil || valid(third) {
			t.Errorf("the invitation is valid after its withdrawal: %v", err)
		}
		if _, _, _, err := b.AcceptInvitation(t.Context(), third, "", attemptFrom("192.0.2.7", strongPassword)); !errors.Is(err, errInvalidInvitation) {
			t.Errorf("a withdrawn invitation was accepted: %v", err)
		}
	})

	t.Run("add the account of a session, which keeps its other tenants", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		_, token := b.invite(t, "meridian", testEmail, Viewer)
		m, err := b.JoinTenant(t.Context(), token, b.admin)
		if err != nil || m.Tenant.ID != "meridian" || m.Role != Viewer || b.roleOf("meridian") != Viewer || b.roleOf("orion") != Owner {
			t.Errorf("%+v, %v", m, err)
		}
		if _, err := b.JoinTenant(t.Context(), token, b.admin); !errors.Is(err, errInvalidInvitation) {
			t.Errorf("joined twice: %v", err)
		}
	})

	t.Run("add the account that has the password", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		_, token := b.invite(t, "meridian", testEmail, Viewer)
		admin, session := b.accept(t, token, testPassword)
		if got := b.tenants(t, session); admin.ID != b.admin.ID || !slices.Equal(got, []string{"meridian", "orion"}) {
			t.Errorf("%s, %v", admin.ID, got)
		}
	})

	t.Run("are refused for members, invited addresses and invalid addresses", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		if _, _, err := b.Invite(t.Context(), "orion", testEmail, Viewer, "01A"); !errors.Is(err, errAlreadyMember) {
			t.Errorf("a member: %v", err)
		}
		b.invite(t, "orion", "noor@example.com", Viewer)
		if _, _, err := b.Invite(t.Context(), "orion", "NOOR@example.com", Owner, "01A"); !errors.Is(err, errAlreadyInvited) {
			t.Errorf("already invited: %v", err)
		}
		for _, email := range []string{"", "noor", "@example.com", "noor@", "no or@example.com"} {
			if _, _, err := b.Invite(t.Context(), "orion", email, Viewer, "01A"); errs.CodeOf(err) != errs.CodeInvalidRequest {
				t.Errorf("%q: %v", email, err)
			}
		}
		i, _ := b.invite(t, "meridian", "other@example.com", Viewer)
		_, _, renewed := b.RenewInvitation(t.Context(), "orion", i.ID)
		_, withdrawn := b.WithdrawInvitation(t.Context(), "orion", i.ID)
		if errs.CodeOf(renewed) != errs.CodeNotFound || errs.CodeOf(withdrawn) != errs.CodeNotFound {
			t.Errorf("another tenant's invitation: %v, %v", renewed, withdrawn)
		}
	})

	t.Run("give the same response for known and unknown addresses", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		known, _ := b.invite(t, "meridian", testEmail, Viewer) // an account of another tenant
		unknown, _ := b.invite(t, "meridian", "nobody@example.com", Viewer)
		known.ID, known.TokenHash, known.Email = unknown.ID, unknown.TokenHash, unknown.Email
		if *known != *unknown {
			t.Errorf("%+v, %+v", known, unknown)
		}
	})
}

func TestEnterRequiresTenant(t *testing.T) {
	t.Parallel()
	b := setup(t) // viewer everywhere, exporter in orion
	_, err := b.Membership(t.Context(), b.admin, "")
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Code != errs.CodeTenantRequired || !slices.Equal(e.Details["tenants"].([]string), []string{"meridian", "orion"}) {
		t.Fatalf("%v", err)
	}
	one := *b.admin
	one.GlobalRole = ""
	if m, err := b.Membership(t.Context(), &one, ""); err != nil || m.Tenant.ID != "orion" {
		t.Errorf("of one tenant: %+v, %v", m, err)
	}
}
