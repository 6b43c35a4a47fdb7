package auth

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

func TestLogoutWithoutDatabase(t *testing.T) {
	t.Parallel()

	t.Run("rejects the session at once and deletes it when the database responds", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		token := b.login(t)
		b.store.setDeleteErr(errors.New("no server"))
		id, err := b.Logout(t.Context(), token)
		if !errors.Is(err, ErrEndPending) || id != SessionID(token) {
			t.Fatalf("Logout: %q, %v", id, err)
		}
		if _, err := b.Authenticate(t.Context(), token); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Errorf("the session is still valid: %v", err)
		}
		if _, err := b.Check(t.Context(), id, "orion"); errs.CodeOf(err) != errs.CodeUnauthenticated {
			t.Errorf("its sockets are still open: %v", err)
		}

		waits, goOn := make(chan time.Duration), make(chan struct{})
		b.sessionKeeper.wait = func(ctx context.Context, d time.Duration) error {
			select {
			case waits <- d:
			case <-ctx.Done():
				return ctx.Err()
			}
			<-goOn
			return nil
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			b.deletePendingSessions(ctx)
		}()
		if d := <-waits; d != deleteRetryInterval {
			t.Errorf("waited %s", d)
		}
		if _, err := b.store.Session(t.Context(), id); err != nil {
			t.Errorf("the session: %v", err)
		}
		deleted := b.store.onDelete()
		b.store.setDeleteErr(nil)
		goOn <- struct{}{}
		<-deleted
		if _, err := b.store.Session(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("the session still exists: %v", err)
		}
		stop()
		<-ended
		if n := len(b.pendingLogouts.all()); n != 0 {
			t.Errorf("%d deletions are pending", n)
		}
	})

	t.Run("fails if too many deletions are pending", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		token := b.login(t)
		b.store.setDeleteErr(errors.New("no server"))
		for i := range maxPendingLogouts {
			b.pendingLogouts.ids[strconv.Itoa(i)] = struct{}{}
		}
		if _, err := b.Logout(t.Context(), token); errors.Is(err, ErrEndPending) || errs.CodeOf(err) != errs.CodeUnavailable {
			t.Errorf("Logout: %v", err)
		}
		if _, err := b.Authenticate(t.Context(), token); err != nil {
			t.Errorf("the session must stay valid: %v", err)
		}
	})
}
