package authtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

func changesSessions(t *testing.T, ctx context.Context, s Store) {
	now := epoch
	for id, expires := range map[string]time.Time{"old": now, "young": now.Add(time.Hour)} {
		must(t, s.InsertSession(ctx, &auth.Session{ID: id, AdminID: "01A", Created: now, LastUsed: now, Expires: expires}))
	}
	if n, err := s.DeleteSessions(ctx, now); err != nil || n != 1 {
		t.Errorf("DeleteSessions: %d, %v", n, err)
	}
	if _, err := s.Session(ctx, "old"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an ended session: %v", err)
	}
	later := now.Add(2 * time.Hour)
	must(t, s.TouchSession(ctx, "young", now.Add(time.Minute), later))
	got, err := s.Session(ctx, "young")
	if err != nil || !got.Expires.Equal(later) || !got.LastUsed.Equal(now.Add(time.Minute)) || got.AdminID != "01A" {
		t.Errorf("Session: %+v, %v", got, err)
	}
	if n, err := s.DeleteSessions(ctx, now.Add(time.Hour)); err != nil || n != 0 {
		t.Errorf("DeleteSessions at the old expiry of an extended session: %d, %v", n, err)
	}
	must(t, s.DeleteSession(ctx, "young"), s.DeleteSession(ctx, "young"), s.TouchSession(ctx, "young", now, later))
	if _, err := s.Session(ctx, "young"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a session that was ended and then touched: %v", err)
	}
}

func listsSessions(t *testing.T, ctx context.Context, s Store) {
	now := epoch
	one := auth.Session{
		ID: "s1", PublicID: "01P", AdminID: "01A", Created: now, LastUsed: now, Expires: now, Address: "192.0.2.1", UserAgent: "Browser/1",
		SecondFactor: true, Confirmed: now,
	}
	other := auth.Session{ID: "s2", AdminID: "01B", Created: now, LastUsed: now, Expires: now}
	must(t, s.InsertSession(ctx, &one), s.InsertSession(ctx, &other))
	list, err := s.SessionsOf(ctx, "01A")
	if err != nil || len(list) != 1 || !list[0].Confirmed.Equal(now) {
		t.Fatalf("%+v, %v", list, err)
	}
	got := list[0]
	got.Created, got.LastUsed, got.Expires, got.Confirmed = now, now, now, now // ignore the time zone
	if got != one {
		t.Errorf("%+v, want %+v", got, one)
	}
}

func confirmsSessions(t *testing.T, ctx context.Context, s Store) {
	now := epoch
	for _, session := range []auth.Session{{ID: "a1", AdminID: "01A"}, {ID: "a2", AdminID: "01A"}, {ID: "b", AdminID: "01B"}} {
		must(t, s.InsertSession(ctx, &session), s.ConfirmSession(ctx, session.ID, now, true))
	}
	must(t, s.DropSecondFactor(ctx, "01A"), s.ConfirmSession(ctx, "gone", now, true))
	for id, want := range map[string]bool{"a1": false, "a2": false, "b": true} {
		got, err := s.Session(ctx, id)
		if err != nil || got.SecondFactor != want || !got.Confirmed.Equal(now) {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
	}
	if _, err := s.Session(ctx, "gone"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a session that was ended and then confirmed: %v", err)
	}
}
