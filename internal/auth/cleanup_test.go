package auth

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestRunDeletesExpiredSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		now := time.Now()
		for id, expires := range map[string]time.Duration{"ended": -time.Minute, "soon": 30 * time.Second, "later": 3 * time.Hour} {
			if err := store.InsertSession(t.Context(), &Session{ID: id, Expires: now.Add(expires)}); err != nil {
				t.Fatal(err)
			}
		}
		s, err := New(Options{Store: store})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go s.Run(ctx)
		for _, want := range []int{2, 1} { // at once, and after the interval
			synctest.Wait()
			store.mu.Lock()
			got := len(store.sessions)
			store.mu.Unlock()
			if got != want {
				t.Errorf("%d sessions are left, want %d", got, want)
			}
			<-time.After(cleanupInterval) // by the bubble's clock: it costs no time
		}
	})
}
