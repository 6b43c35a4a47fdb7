package auth

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// invite gives somebody new a role in orion, and returns the token.
func (b bundle) invite(t *testing.T, email string, role Role) (*Admin, string) {
	t.Helper()
	admin, token, err := b.Invite(t.Context(), "orion", email, role)
	if err != nil {
		t.Fatal(err)
	}
	return admin, token
}

// roleOf is the role of the one admin in a tenant.
func (b bundle) roleOf(tenant string) Role {
	a := b.store.admins[b.admin.ID]
	return a.Role(tenant)
}

// setupMembers gives a service in which the one admin is owner of orion.
func setupMembers(t *testing.T) bundle {
	b := setup(t)
	b.store.admins[b.admin.ID].Roles["orion"] = Owner
	a := b.store.admins[b.admin.ID]
	a.Everywhere = ""
	b.store.admins[b.admin.ID] = a
	return b
}

func TestInvitations(t *testing.T) {
	t.Parallel()

	t.Run("are taken once, and sign in", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		admin, token := b.invite(t, " Noor@Example.com ", Exporter)
		if len(token) < 43 || admin.Email != "noor@example.com" || strings.Contains(b.store.invitations[SessionID(token)].ID, token) {
			t.Errorf("%+v, %q", admin, token)
		}
		if _, _, err := b.Login(t.Context(), "noor@example.com", "", "192.0.2.1"); export.CodeOf(err) != export.CodeUnauthenticated {
			t.Errorf("signed in without a password: %v", err)
		}
		who, tenant, err := b.Invited(t.Context(), token)
		if err != nil || who.ID != admin.ID || tenant.ID != "orion" {
			t.Fatalf("%+v, %+v, %v", who, tenant, err)
		}
		if _, _, _, err := b.Accept(t.Context(), token, "", "short"); export.CodeOf(err) != export.CodeInvalid {
			t.Errorf("a short password: %v", err)
		}
		accepted, session, _, err := b.Accept(t.Context(), token, " Noor Haddad ", "open sesame")
		if err != nil {
			t.Fatal(err)
		}
		if accepted.Name != "Noor Haddad" || accepted.Password == "" {
			t.Errorf("returned as before: name %q, password chosen: %t", accepted.Name, accepted.Password != "")
		}
		id, err := b.Authenticate(t.Context(), session)
		if err != nil || id.Admin.Name != "Noor Haddad" || id.Admin.Role("orion") != Exporter || id.Admin.Role("meridian") != "" {
			t.Errorf("%+v, %v", id, err)
		}
		if _, _, err := b.Login(t.Context(), "noor@example.com", "open sesame", "192.0.2.1"); err != nil {
			t.Error(err)
		}
		for range 2 { // with the invitation, and without it
			if _, _, _, err := b.Accept(t.Context(), token, "", "another one"); !errors.Is(err, errInvitation) {
				t.Errorf("taken again: %v", err)
			}
			b.store.invitations[SessionID(token)] = Invitation{ID: SessionID(token), AdminID: admin.ID, Tenant: "orion", Expires: b.clock.now().Add(time.Hour)}
		}
	})

	t.Run("end with their time, with a newer one, and with the role", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		admin, first := b.invite(t, "noor@example.com", Exporter)
		_, second, err := b.Reinvite(t.Context(), "orion", admin.ID)
		if err != nil {
			t.Fatal(err)
		}
		good := func(token string) bool {
			_, _, err := b.Invited(t.Context(), token)
			if err != nil && !errors.Is(err, errInvitation) {
				t.Error(err)
			}
			return err == nil
		}
		if good(first) || !good(second) || good("") {
			t.Error("not the newest one is good")
		}
		b.clock.pass(InvitationLimit)
		if good(second) {
			t.Error("it is good for ever")
		}
		_, third, err := b.Reinvite(t.Context(), "orion", admin.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.SetRole(t.Context(), "orion", admin.ID, ""); err != nil || good(third) {
			t.Errorf("it outlives the role: %v", err)
		}
	})

	t.Run("give who has a password a role and no other password", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		admin, token, err := b.Invite(t.Context(), "meridian", testEmail, Viewer)
		if err != nil || token != "" || admin.ID != b.admin.ID || b.roleOf("meridian") != Viewer {
			t.Errorf("%+v, %q, %v", admin, token, err)
		}
		if _, _, err := b.Reinvite(t.Context(), "orion", b.admin.ID); export.CodeOf(err) != export.CodeExists {
			t.Errorf("invited again: %v", err)
		}
	})

	t.Run("are refused for members, for strangers and for what is no address", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		if _, _, err := b.Invite(t.Context(), "orion", testEmail, Viewer); export.CodeOf(err) != export.CodeExists {
			t.Errorf("a member: %v", err)
		}
		for _, email := range []string{"", "noor", "@example.com", "noor@", "no or@example.com"} {
			if _, _, err := b.Invite(t.Context(), "orion", email, Viewer); export.CodeOf(err) != export.CodeInvalid {
				t.Errorf("%q: %v", email, err)
			}
		}
		if _, _, err := b.Reinvite(t.Context(), "meridian", b.admin.ID); export.CodeOf(err) != export.CodeNotFound {
			t.Errorf("another tenant's admin: %v", err)
		}
	})
}

func TestRolesOfMembers(t *testing.T) {
	t.Parallel()

	t.Run("change, and go", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		admin, _ := b.invite(t, "noor@example.com", Exporter)
		before, err := b.SetRole(t.Context(), "orion", admin.ID, Viewer)
		if err != nil || before.Role("orion") != Exporter {
			t.Errorf("%+v, %v", before, err)
		}
		list, err := b.Members(t.Context(), "orion")
		if err != nil || len(list) != 2 || list[0].Email != testEmail || list[1].Role("orion") != Viewer {
			t.Errorf("%+v, %v", list, err)
		}
		if _, err := b.SetRole(t.Context(), "orion", admin.ID, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Member(t.Context(), "orion", admin.ID); export.CodeOf(err) != export.CodeNotFound {
			t.Errorf("is still a member: %v", err)
		}
	})

	t.Run("leave a tenant an owner who can sign in", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		b.invite(t, "noor@example.com", Owner) // has no password yet
		for _, role := range []Role{Exporter, ""} {
			if _, err := b.SetRole(t.Context(), "orion", b.admin.ID, role); export.CodeOf(err) != export.CodeExists {
				t.Errorf("%q: %v", role, err)
			}
			if got := b.roleOf("orion"); got != Owner {
				t.Errorf("the last owner is %q", got)
			}
		}
	})

	t.Run("leave a tenant an owner when two make each other less at once", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		other, token := b.invite(t, "noor@example.com", Owner)
		if _, _, _, err := b.Accept(t.Context(), token, "", "open sesame"); err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		for _, id := range []string{b.admin.ID, other.ID} {
			both.Go(func() {
				if _, err := b.SetRole(t.Context(), "orion", id, Viewer); err != nil && export.CodeOf(err) != export.CodeExists {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if owned, err := b.owned(t.Context(), "orion"); err != nil || !owned {
			t.Errorf("nobody owns it: %v", err)
		}
	})

	t.Run("that the operator gave everywhere stay", func(t *testing.T) {
		t.Parallel()
		b := setup(t) // viewer everywhere, exporter in orion
		if _, err := b.SetRole(t.Context(), "orion", b.admin.ID, ""); export.CodeOf(err) != export.CodeForbidden {
			t.Errorf("%v", err)
		}
	})
}
