package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
)

const (
	// FigureDays is the number of days of ExportDays, today included.
	FigureDays = 30

	figuresAge     = 10 * time.Second
	maxFigureCache = 1000 // entries; beyond it the cache starts empty
)

// Figure is what figures of a tenant's jobs need of one job.
type Figure struct {
	Created time.Time
	Outcome export.Status // "" while the job is live
	Expires *time.Time
	Rows    int64 // of all files
	Files   int64 // that are stored
	Bytes   int64 // of the stored files
}

// NewFigure returns the figure of a job with these values.
func NewFigure(created time.Time, outcome export.Status, expires *time.Time, files []export.File) Figure {
	f := Figure{Created: created, Outcome: outcome, Expires: expires}
	for i := range files {
		f.Rows += files[i].Rows
		if files[i].Key != "" { // not streamed
			f.Files++
			f.Bytes += files[i].Bytes
		}
	}
	return f
}

// ExportDay is the jobs that were created on a day.
type ExportDay struct {
	Day     string // 2026-01-31
	Exports int64
	Rows    int64 // of their files, also of those that have been deleted
	Failed  int64
}

// KeptDay is the stored files that are deleted on a day.
type KeptDay struct {
	Day   string
	Files int64
	Bytes int64
}

// dayCache keeps the figures of tenants for figuresAge, so that open tabs share a read.
type dayCache struct {
	mu      sync.Mutex
	entries map[dayKey]dayEntry
}

type dayKey struct{ kind, tenant, zone string }

type dayEntry struct {
	at   time.Time
	days any
}

// ExportDays returns the last FigureDays days of a zone, oldest first, with the jobs of a tenant. The
// result may be some seconds old.
func (s *Service) ExportDays(ctx context.Context, tenant string, zone *time.Location) ([]ExportDay, error) {
	return cachedDays(s, dayKey{"exports", tenant, zone.String()}, func() ([]ExportDay, error) {
		today := s.now().In(zone)
		first := time.Date(today.Year(), today.Month(), today.Day()-FigureDays+1, 0, 0, 0, 0, zone)
		days, places := make([]ExportDay, FigureDays), map[string]int{}
		for i := range days {
			days[i].Day = time.Date(first.Year(), first.Month(), first.Day()+i, 12, 0, 0, 0, zone).Format(time.DateOnly)
			places[days[i].Day] = i
		}
		from, err := firstID("from", first)
		if err != nil {
			return nil, err
		}
		err = s.store.Figures(ctx, tenant, from, func(f Figure) error {
			place, ok := places[f.Created.In(zone).Format(time.DateOnly)]
			if !ok { // tomorrow: it began after now was read
				return nil
			}
			days[place].Exports++
			days[place].Rows += f.Rows
			if f.Outcome == export.Failed {
				days[place].Failed++
			}
			return nil
		})
		if err != nil {
			return nil, unavailable(err, "read the figures of jobs")
		}
		return days, nil
	})
}

// KeptDays returns the days of a zone on which stored files of a tenant are deleted, from the first to
// the last, each day between them included. The result may be some seconds old.
func (s *Service) KeptDays(ctx context.Context, tenant string, zone *time.Location) ([]KeptDay, error) {
	return cachedDays(s, dayKey{"kept", tenant, zone.String()}, func() ([]KeptDay, error) {
		kept := map[string]KeptDay{}
		var first, last time.Time
		err := s.store.KeptFigures(ctx, tenant, func(f Figure) error {
			if f.Expires == nil || f.Files == 0 {
				return nil
			}
			at := f.Expires.In(zone)
			day := kept[at.Format(time.DateOnly)]
			day.Files += f.Files
			day.Bytes += f.Bytes
			kept[at.Format(time.DateOnly)] = day
			if first.IsZero() || at.Before(first) {
				first = at
			}
			if at.After(last) {
				last = at
			}
			return nil
		})
		if err != nil {
			return nil, unavailable(err, "read the figures of stored files")
		}
		days := []KeptDay{}
		if len(kept) == 0 {
			return days, nil
		}
		end := last.Format(time.DateOnly)
		for i := 0; ; i++ {
			name := time.Date(first.Year(), first.Month(), first.Day()+i, 12, 0, 0, 0, zone).Format(time.DateOnly)
			day := kept[name]
			day.Day = name
			if days = append(days, day); name >= end {
				return days, nil
			}
		}
	})
}

// cachedDays returns days from the cache of a service, or reads them.
func cachedDays[T any](s *Service, key dayKey, read func() ([]T, error)) ([]T, error) {
	now := s.now()
	s.days.mu.Lock()
	entry, ok := s.days.entries[key]
	s.days.mu.Unlock()
	if days, isT := entry.days.([]T); ok && isT && now.Sub(entry.at) < figuresAge {
		return days, nil
	}
	days, err := read()
	if err != nil {
		return nil, err
	}
	s.days.mu.Lock()
	defer s.days.mu.Unlock()
	if s.days.entries == nil || len(s.days.entries) >= maxFigureCache {
		s.days.entries = map[dayKey]dayEntry{}
	}
	s.days.entries[key] = dayEntry{now, days}
	return days, nil
}
