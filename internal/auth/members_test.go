package auth

import (
	"sync"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

// addMember invites a new admin to orion, who accepts with a password.
func (b serviceFixture) addMember(t *testing.T, email string, role Role) *Admin {
	t.Helper()
	_, token := b.invite(t, "orion", email, role)
	admin, _ := b.accept(t, token, strongPassword)
	return admin
}

// roleOf returns the role of the fixture's admin in a tenant.
func (b serviceFixture) roleOf(tenant string) Role {
	a := b.store.admins[b.admin.ID]
	return a.Role(tenant)
}

// setupMembers returns a service whose admin is owner of orion.
func setupMembers(t *testing.T) serviceFixture {
	b := setup(t)
	b.store.admins[b.admin.ID].Roles["orion"] = Owner
	a := b.store.admins[b.admin.ID]
	a.GlobalRole = ""
	b.store.admins[b.admin.ID] = a
	return b
}

func TestSetRole(t *testing.T) {
	t.Parallel()

	t.Run("changes and removes a role", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		admin := b.addMember(t, "noor@example.com", Exporter)
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
		if _, err := b.Member(t.Context(), "orion", admin.ID); errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("is still a member: %v", err)
		}
	})

	t.Run("keeps the last owner, and does not count invitations", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		b.invite(t, "orion", "noor@example.com", Owner)
		for _, role := range []Role{Exporter, ""} {
			if _, err := b.SetRole(t.Context(), "orion", b.admin.ID, role); errs.CodeOf(err) != errs.CodeExists {
				t.Errorf("%q: %v", role, err)
			}
			if got := b.roleOf("orion"); got != Owner {
				t.Errorf("the last owner is %q", got)
			}
		}
	})

	t.Run("keeps an owner when two owners demote each other at the same time", func(t *testing.T) {
		t.Parallel()
		b := setupMembers(t)
		other := b.addMember(t, "noor@example.com", Owner)
		var both sync.WaitGroup
		for _, id := range []string{b.admin.ID, other.ID} {
			both.Go(func() {
				if _, err := b.SetRole(t.Context(), "orion", id, Viewer); err != nil && errs.CodeOf(err) != errs.CodeExists {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if hasOwner, err := b.hasOwner(t.Context(), "orion"); err != nil || !hasOwner {
			t.Errorf("no owner is left: %v", err)
		}
	})

	t.Run("does not change a role in every tenant", func(t *testing.T) {
		t.Parallel()
		b := setup(t) // viewer everywhere, exporter in orion
		if _, err := b.SetRole(t.Context(), "orion", b.admin.ID, ""); errs.CodeOf(err) != errs.CodeForbidden {
			t.Errorf("%v", err)
		}
	})
}
