package jobstest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/stored"
)

// Memory is a jobs.Store in memory, for tests of many jobs. It passes the conformance suite.
type Memory struct {
	mu     sync.Mutex
	jobs   map[string]export.Job
	claims map[string]time.Time
	turns  map[string]int64
}

var _ jobs.Store = (*Memory)(nil)

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{jobs: map[string]export.Job{}, claims: map[string]time.Time{}, turns: map[string]int64{}}
}

// Insert implements jobs.Store.
func (m *Memory) Insert(_ context.Context, job *export.Job) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, other := range m.jobs {
		a, b := jobs.SlotOf(&other), jobs.SlotOf(job)
		if a == b && other.Status.Live() || a.Owner() == b.Owner() && job.Key != "" && other.Key == job.Key {
			return jobs.ErrTaken
		}
	}
	m.jobs[job.ID] = *job
	return nil
}

// Job implements jobs.Store.
func (m *Memory) Job(_ context.Context, id string) (*export.Job, error) {
	return m.find(func(job *export.Job) bool { return job.ID == id })
}

// Holder implements jobs.Store.
func (m *Memory) Holder(_ context.Context, slot jobs.Slot) (*export.Job, error) {
	return m.find(func(job *export.Job) bool { return job.Status.Live() && jobs.SlotOf(job) == slot })
}

// ByIdempotencyKey implements jobs.Store.
func (m *Memory) ByIdempotencyKey(_ context.Context, slot jobs.Slot, key string) (*export.Job, error) {
	return m.find(func(job *export.Job) bool { return job.Key == key && jobs.SlotOf(job).Owner() == slot.Owner() })
}

// RemoveIdempotencyKey implements jobs.Store.
func (m *Memory) RemoveIdempotencyKey(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if job, ok := m.jobs[id]; ok {
		job.Key = ""
		m.jobs[id] = job
	}
	return nil
}

// Update implements jobs.Store.
func (m *Memory) Update(_ context.Context, job *export.Job, guard jobs.Guard) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept, ok := m.jobs[job.ID]
	if !ok || kept.Attempt != guard.Attempt || kept.Sequence > guard.Sequence || kept.Sequence < guard.Sequence && !guard.OrLower {
		return jobs.ErrConflict
	}
	next := *job
	next.Key = kept.Key
	m.jobs[job.ID] = next
	return nil
}

// Fence implements jobs.Store.
func (m *Memory) Fence(_ context.Context, id string, attempt int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept, ok := m.jobs[id]
	if !ok || kept.Attempt != attempt || kept.Status.Final() {
		return jobs.ErrConflict
	}
	kept.Attempt, kept.Sequence = attempt+1, 0
	m.jobs[id] = kept
	return nil
}

// List implements jobs.Store.
func (m *Memory) List(_ context.Context, q jobs.Query) ([]*export.Job, error) {
	list := m.filter(0, func(job *export.Job) bool {
		return job.Tenant == q.Tenant && (q.RequesterID == "" || job.Requester.ID == q.RequesterID) &&
			(q.Email == "" || job.Requester.Email == q.Email) && (len(q.Statuses) == 0 || slices.Contains(q.Statuses, job.Status)) &&
			strings.Contains(stored.JobText(job), q.Search) &&
			(q.Before == "" || job.ID < q.Before) && job.ID >= q.From && (job.Status.Live() || !job.CreatedAt.Before(q.Since))
	})
	slices.Reverse(list)
	return list[:min(q.Limit, len(list))], nil
}

// Figures implements jobs.Store.
func (m *Memory) Figures(_ context.Context, tenant, from string, each func(jobs.Figure) error) error {
	return eachFigure(m.filter(0, func(job *export.Job) bool { return job.Tenant == tenant && job.ID >= from }), each)
}

// KeptFigures implements jobs.Store.
func (m *Memory) KeptFigures(_ context.Context, tenant string, each func(jobs.Figure) error) error {
	return eachFigure(m.filter(0, func(job *export.Job) bool {
		return job.Tenant == tenant && (job.Status == export.Completed || job.Status == export.CompletedWithErrors)
	}), each)
}

func eachFigure(list []*export.Job, each func(jobs.Figure) error) error {
	for _, job := range list {
		if err := each(jobs.NewFigure(job.CreatedAt, job.Outcome, job.ExpiresAt, job.Files)); err != nil {
			return err
		}
	}
	return nil
}

// Live implements jobs.Store.
func (m *Memory) Live(_ context.Context, after string, limit int) ([]*export.Job, error) {
	return m.filter(limit, func(job *export.Job) bool { return job.Status.Live() && job.ID > after }), nil
}

// Dirty implements jobs.Store.
func (m *Memory) Dirty(_ context.Context, before time.Time, limit int) ([]*export.Job, error) {
	return m.filter(limit, func(job *export.Job) bool {
		return job.Dirty && job.CompletedAt != nil && job.CompletedAt.Before(before)
	}), nil
}

// Outdated implements jobs.Store.
func (m *Memory) Outdated(_ context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return m.filter(limit, func(job *export.Job) bool {
		return (job.Status == export.Completed || job.Status == export.CompletedWithErrors) && job.ExpiresAt != nil && !job.ExpiresAt.After(now)
	}), nil
}

// Mailable implements jobs.Store.
func (m *Memory) Mailable(_ context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return m.filter(limit, func(job *export.Job) bool {
		return job.Mail != nil && job.Mail.State == export.MailDue && !job.Mail.Next.After(now)
	}), nil
}

// QueueEntries implements jobs.Store.
func (m *Memory) QueueEntries(context.Context) ([]jobs.Entry, error) {
	var all []jobs.Entry
	for _, job := range m.filter(0, func(job *export.Job) bool { return job.Status.Live() && job.Mode == export.Async }) {
		all = append(all, jobs.EntryOf(job))
	}
	return all, nil
}

// Turns implements jobs.Store.
func (m *Memory) Turns(context.Context) (map[string]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.turns), nil
}

// TakeTurn implements jobs.Store.
func (m *Memory) TakeTurn(_ context.Context, tenant string, turn int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turns[tenant] = max(m.turns[tenant], turn)
	return nil
}

// Claim implements jobs.Store.
func (m *Memory) Claim(_ context.Context, id string, n int64, at time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.claims[claimKey(id, n)]; taken {
		return false, nil
	}
	m.claims[claimKey(id, n)] = at
	return true, nil
}

// Claimed implements jobs.Store.
func (m *Memory) Claimed(_ context.Context, id string, n int64) (time.Time, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, claimed := m.claims[claimKey(id, n)]
	return at, claimed, nil
}

// DeleteClaims implements jobs.Store.
func (m *Memory) DeleteClaims(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.claims, func(claim string, _ time.Time) bool { return strings.HasPrefix(claim, id+":") })
	return nil
}

func claimKey(id string, n int64) string { return id + ":" + strconv.FormatInt(n, 10) }

func (m *Memory) find(match func(*export.Job) bool) (*export.Job, error) {
	if list := m.filter(1, match); len(list) > 0 {
		return list[0], nil
	}
	return nil, jobs.ErrNoJob
}

// filter returns copies of the matching jobs, oldest first: up to limit, or all if limit is 0.
func (m *Memory) filter(limit int, match func(*export.Job) bool) []*export.Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []*export.Job
	for _, job := range m.jobs {
		if match(&job) {
			list = append(list, &job)
		}
	}
	slices.SortFunc(list, func(a, b *export.Job) int { return cmp.Compare(a.ID, b.ID) })
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	return list
}
