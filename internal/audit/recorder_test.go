package audit

import (
	"context"
	"errors"
	"testing"
	"time"
)

// memoryLog is a Log in memory.
type memoryLog struct {
	records  []Record
	appended map[string]bool // values of DedupKey that were appended
	err      error
}

func (s *memoryLog) Append(_ context.Context, records ...Record) error {
	if s.err != nil {
		return s.err
	}
	for _, r := range records {
		if r.DedupKey == "" || !s.appended[r.DedupKey] {
			s.records = append(s.records, r)
		}
		if s.appended == nil {
			s.appended = map[string]bool{}
		}
		s.appended[r.DedupKey] = true
	}
	return nil
}

func (s *memoryLog) Records(context.Context, string, Query) ([]Record, error) {
	return s.records, s.err
}

func (s *memoryLog) Follow(context.Context, string, string, int) ([]Record, error) {
	return s.records, s.err
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 8, 31, 28, 123456789, time.UTC)
	setup := func() (*memoryLog, *Recorder) {
		log := &memoryLog{}
		return log, NewRecorder(log, func() time.Time { return now })
	}
	access := Record{Kind: UserViewed, Tenant: "daily", AdminID: "01A", Subject: "u1"}

	t.Run("sets increasing ids and the time", func(t *testing.T) {
		log, trail := setup()
		if err := trail.Append(t.Context(), Record{Kind: SignedIn}, Record{Kind: SignedOut}); err != nil {
			t.Fatal(err)
		}
		a, b := log.records[0], log.records[1]
		if a.ID >= b.ID || len(a.ID) != 26 || !a.Time.Equal(now.Truncate(time.Millisecond)) || a.DedupKey != "" {
			t.Errorf("%+v, %+v", a, b)
		}
		if err := trail.Append(t.Context()); err != nil || len(log.records) != 2 {
			t.Errorf("nothing to add: %v", err)
		}
	})

	t.Run("adds one record per hour for each admin, credential and subject", func(t *testing.T) {
		log, trail := setup()
		others := []func(*Record){
			func(*Record) {}, func(*Record) {}, func(r *Record) { r.Kind = LinkGiven }, func(r *Record) { r.Tenant = "weekly" },
			func(r *Record) { r.AdminID = "01B" }, func(r *Record) { r.AccessKey = "AK" }, func(r *Record) { r.Subject = "u2" },
		}
		for _, change := range others {
			r := access
			change(&r)
			if err := trail.AppendOnce(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if len(log.records) != len(others)-1 {
			t.Errorf("%d records", len(log.records))
		}
		before := now
		defer func() { now = before }()
		now = now.Add(time.Hour)
		if err := trail.AppendOnce(t.Context(), access); err != nil || len(log.records) != len(others) {
			t.Errorf("an hour later: %d records, %v", len(log.records), err)
		}
		if log.records[0].DedupKey == log.records[len(others)-1].DedupKey {
			t.Error("the log would drop the record of the next hour")
		}
	})

	t.Run("adds a record again after a failed write", func(t *testing.T) {
		log, trail := setup()
		log.err = errors.New("down")
		if err := trail.AppendOnce(t.Context(), access); err == nil {
			t.Error("no error")
		}
		log.err = nil
		if err := trail.AppendOnce(t.Context(), access); err != nil || len(log.records) != 1 {
			t.Errorf("%d records, %v", len(log.records), err)
		}
	})

	t.Run("limits the keys in memory", func(t *testing.T) {
		log, trail := setup()
		for i := range maxSeen + 10 {
			r := access
			r.Subject = time.Duration(i).String()
			if err := trail.AppendOnce(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if len(trail.seen) > maxSeen || len(log.records) != maxSeen+10 {
			t.Errorf("%d remembered, %d records", len(trail.seen), len(log.records))
		}
	})
}
