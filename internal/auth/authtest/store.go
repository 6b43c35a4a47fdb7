// Package authtest contains the conformance suite of the stores of admins and tenants.
package authtest

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// Store stores admins, what belongs to them, and tenants.
type Store interface {
	auth.Store
	auth.KeyStore
	auth.FactorStore
	TenantSettings
}

// TenantSettings adds tenants and changes their settings. Except for InsertTenant, the methods
// return CodeNotFound if the tenant does not exist.
type TenantSettings interface {
	// InsertTenant adds a tenant. CodeInvalidRequest if its id is invalid, auth.ErrDuplicate if it
	// exists.
	InsertTenant(ctx context.Context, t auth.Tenant) error
	// Features returns only the features that were set for a tenant.
	Features(ctx context.Context, tenant string) (map[export.Feature]bool, error)
	// SetFeature sets a feature. CodeNotFound if the feature does not exist.
	SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error
	// Retention returns how long files are kept, or 0 if that was not set.
	Retention(ctx context.Context, tenant string) (time.Duration, error)
	SetRetention(ctx context.Context, tenant string, d time.Duration) error
	SetLegacySignatures(ctx context.Context, tenant string, allowed bool) error
	SetSecondFactorRequired(ctx context.Context, tenant string, required bool) error
	SetZephrSignatures(ctx context.Context, tenant string, accepted bool) error
	SetDefaultStore(ctx context.Context, tenant, store string) error
}

// racers is the number of goroutines in a race.
const racers = 20

// epoch is the time of most events in the suite.
var epoch = time.Date(2026, 11, 26, 8, 31, 28, 123e6, time.UTC)

// TestStore checks that a store meets the contracts of its ports. Open returns an empty store.
func TestStore(t *testing.T, open func(t *testing.T) Store) {
	run := func(name string, test func(*testing.T, context.Context, Store)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			t.Cleanup(cancel)
			test(t, ctx, open(t))
		})
	}
	run("keeps every field", keepsEveryField)
	run("finds and changes admins", changesAdmins)
	run("lists the admins of a tenant", listsAdminsOfTenant)
	run("extends and ends sessions", changesSessions)
	run("lists the sessions of an admin", listsSessions)
	run("confirms sessions", confirmsSessions)
	run("renews, claims and deletes invitations", changesInvitations)
	run("deletes password resets", deletesResets)
	run("lists, annotates and revokes key pairs", changesKeyPairs)
	run("frees the slot of a revoked key pair", freesSlots)
	run("issues the last key pair to one of twenty", issuesLastKeyPairOnce)
	run("changes second factors", changesFactors)
	run("answers and expires challenges and claims", changesChallenges)
	run("keeps nonces until they expire", keepsNonces)
	run("adds tenants", addsTenants)
	run("switches features", switchesFeatures)
	run("sets retention and signatures", setsRetention)
	run("lets one of twenty change a password", racesForPassword)
	run("keeps concurrent changes of one document", keepsConcurrentChanges)
	run("keeps the last of twenty owners", keepsLastOwner)
	run("gives an invitation to one of twenty", racesForInvitation)
	run("lets one of twenty accept an invitation", racesToJoin)
	run("gives a slot to one of twenty", racesForSlot)
	run("revokes a key pair once", racesToRevoke)
	run("gives a claim to one of twenty", racesForClaim)
	run("ends a session that is in use", racesToEndSession)
}

// race calls f in many goroutines at the same time.
func race(t *testing.T, f func(i int) error) {
	t.Helper()
	start := make(chan struct{})
	var g errgroup.Group
	for i := range racers {
		g.Go(func() error {
			<-start
			return f(i)
		})
	}
	close(start)
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

// must fails the test at the first error.
func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
