package mongo

import (
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

func TestResets(t *testing.T) {
	t.Parallel()
	s, ctx := newTestAdmins(t)
	at := time.Date(2026, 12, 3, 8, 0, 0, 0, time.UTC)
	for _, r := range []auth.Reset{
		{ID: "h1", AdminID: "01A", Password: "p", Expires: at.Add(time.Hour)}, {ID: "h2", AdminID: "01B", Expires: at.Add(time.Hour)},
		{ID: "h3", AdminID: "01C", Expires: at},
	} {
		if err := s.InsertReset(ctx, &r); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := s.Reset(ctx, "h1"); err != nil || r.AdminID != "01A" || r.Password != "p" || !r.Expires.Equal(at.Add(time.Hour)) {
		t.Errorf("%+v, %v", r, err)
	}
	if err := s.DeleteResets(ctx, "01A", at); err != nil {
		t.Fatal(err)
	}
	for id, there := range map[string]bool{"h1": false, "h2": true, "h3": false} {
		if _, err := s.Reset(ctx, id); (err == nil) != there {
			t.Errorf("%s: %v", id, err)
		}
	}
}
