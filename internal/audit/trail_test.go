package audit

import (
	"context"
	"errors"
	"testing"
	"time"
)

// slice is a Log that keeps everything.
type slice struct {
	records []Record
	err     error
}

func (s *slice) Append(_ context.Context, records ...Record) error {
	if s.err != nil {
		return s.err
	}
	s.records = append(s.records, records...)
	return nil
}

func (s *slice) Records(context.Context, string, Query) ([]Record, error) { return s.records, s.err }

func TestTrail(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 8, 31, 28, 123456789, time.UTC)
	setup := func() (*slice, *Trail) {
		log := &slice{}
		return log, NewTrail(log, func() time.Time { return now })
	}
	look := Record{Kind: UserViewed, Tenant: "daily", AdminID: "01A", Subject: "u1"}

	t.Run("says when, in the order in which it was told", func(t *testing.T) {
		log, trail := setup()
		if err := trail.Append(t.Context(), Record{Kind: SignedIn}, Record{Kind: SignedOut}); err != nil {
			t.Fatal(err)
		}
		a, b := log.records[0], log.records[1]
		if a.ID >= b.ID || len(a.ID) != 26 || !a.Time.Equal(now.Truncate(time.Millisecond)) || a.Once != "" {
			t.Errorf("%+v, %+v", a, b)
		}
		if err := trail.Append(t.Context()); err != nil || len(log.records) != 2 {
			t.Errorf("nothing to add: %v", err)
		}
	})

	t.Run("tells a look once an hour, for each who looks and each thing", func(t *testing.T) {
		log, trail := setup()
		others := []func(*Record){
			func(*Record) {}, func(*Record) {}, func(r *Record) { r.Kind = LinkGiven }, func(r *Record) { r.Tenant = "weekly" },
			func(r *Record) { r.AdminID = "01B" }, func(r *Record) { r.AccessKey = "AK" }, func(r *Record) { r.Subject = "u2" },
		}
		for _, change := range others {
			r := look
			change(&r)
			if err := trail.Once(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if len(log.records) != len(others)-1 {
			t.Errorf("%d records", len(log.records))
		}
		before := now
		defer func() { now = before }()
		now = now.Add(time.Hour)
		if err := trail.Once(t.Context(), look); err != nil || len(log.records) != len(others) {
			t.Errorf("an hour later: %d records, %v", len(log.records), err)
		}
		if log.records[0].Once == log.records[len(others)-1].Once {
			t.Error("the log would leave out the one of the next hour")
		}
	})

	t.Run("tells a look again that could not be written", func(t *testing.T) {
		log, trail := setup()
		log.err = errors.New("down")
		if err := trail.Once(t.Context(), look); err == nil {
			t.Error("no error")
		}
		log.err = nil
		if err := trail.Once(t.Context(), look); err != nil || len(log.records) != 1 {
			t.Errorf("%d records, %v", len(log.records), err)
		}
	})

	t.Run("does not remember without bounds", func(t *testing.T) {
		log, trail := setup()
		for i := range maxSeen + 10 {
			r := look
			r.Subject = time.Duration(i).String()
			if err := trail.Once(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if len(trail.seen) > maxSeen || len(log.records) != maxSeen+10 {
			t.Errorf("%d remembered, %d records", len(trail.seen), len(log.records))
		}
	})
}
