package mongo

import (
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	s, ctx := newTestAdmins(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	for id, expires := range map[string]time.Time{"old": now, "young": now.Add(time.Hour)} {
		if err := s.InsertSession(ctx, &auth.Session{ID: id, AdminID: "01A", Created: now, LastUsed: now, Expires: expires}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.DeleteSessions(ctx, now); err != nil || n != 1 {
		t.Errorf("DeleteSessions: %d, %v", n, err)
	}
	if _, err := s.Session(ctx, "old"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an ended session: %v", err)
	}
	later := now.Add(2 * time.Hour)
	if err := s.TouchSession(ctx, "young", now.Add(time.Minute), later); err != nil {
		t.Fatal(err)
	}
	got, err := s.Session(ctx, "young")
	if err != nil || !got.Expires.Equal(later) || !got.LastUsed.Equal(now.Add(time.Minute)) || got.AdminID != "01A" {
		t.Errorf("Session: %+v, %v", got, err)
	}
	if err := s.DeleteSession(ctx, "young"); err != nil {
		t.Fatal(err)
	}
	if err := s.TouchSession(ctx, "young", now, later); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Session(ctx, "young"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a session that was ended and then touched: %v", err)
	}
}

func TestSessionsOf(t *testing.T) {
	t.Parallel()
	s, ctx := newTestAdmins(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	one := auth.Session{
		ID: "s1", PublicID: "01P", AdminID: "01A", Created: now, LastUsed: now, Expires: now, Address: "192.0.2.1", UserAgent: "Browser/1",
		SecondFactor: true, Confirmed: now,
	}
	other := auth.Session{ID: "s2", AdminID: "01B", Created: now, LastUsed: now, Expires: now}
	if err := errors.Join(s.InsertSession(ctx, &one), s.InsertSession(ctx, &other)); err != nil {
		t.Fatal(err)
	}
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

func TestConfirmSession(t *testing.T) {
	t.Parallel()
	s, ctx := newTestAdmins(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	for _, session := range []auth.Session{{ID: "a1", AdminID: "01A"}, {ID: "a2", AdminID: "01A"}, {ID: "b", AdminID: "01B"}} {
		if err := errors.Join(s.InsertSession(ctx, &session), s.ConfirmSession(ctx, session.ID, now, true)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.DropSecondFactor(ctx, "01A"), s.ConfirmSession(ctx, "gone", now, true)); err != nil {
		t.Fatal(err)
	}
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
