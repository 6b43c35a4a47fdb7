package jobs

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// timeoutStore is a store whose calls have a time limit. A broken connection may not answer for a
// quarter of an hour; without a limit, the worker, the reconciler or the janitor that called would
// do nothing for all that time.
type timeoutStore struct {
	store Store
	limit time.Duration
}

var _ Store = timeoutStore{}

// within makes a call with the time limit.
func within[T any](ctx context.Context, b timeoutStore, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	return call(ctx)
}

func (b timeoutStore) do(ctx context.Context, call func(context.Context) error) error {
	_, err := within(ctx, b, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) })
	return err
}

// Insert implements Store.
func (b timeoutStore) Insert(ctx context.Context, job *export.Job) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.Insert(ctx, job) })
}

// Figures implements Store.
func (b timeoutStore) Figures(ctx context.Context, tenant, from string, each func(Figure) error) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.Figures(ctx, tenant, from, each) })
}

// KeptFigures implements Store.
func (b timeoutStore) KeptFigures(ctx context.Context, tenant string, each func(Figure) error) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.KeptFigures(ctx, tenant, each) })
}

// Job implements Store.
func (b timeoutStore) Job(ctx context.Context, id string) (*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) (*export.Job, error) { return b.store.Job(ctx, id) })
}

// Holder implements Store.
func (b timeoutStore) Holder(ctx context.Context, slot Slot) (*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) (*export.Job, error) { return b.store.Holder(ctx, slot) })
}

// ByIdempotencyKey implements Store.
func (b timeoutStore) ByIdempotencyKey(ctx context.Context, slot Slot, key string) (*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) (*export.Job, error) { return b.store.ByIdempotencyKey(ctx, slot, key) })
}

// RemoveIdempotencyKey implements Store.
func (b timeoutStore) RemoveIdempotencyKey(ctx context.Context, id string) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.RemoveIdempotencyKey(ctx, id) })
}

// Update implements Store.
func (b timeoutStore) Update(ctx context.Context, job *export.Job, guard Guard) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.Update(ctx, job, guard) })
}

// Fence implements Store.
func (b timeoutStore) Fence(ctx context.Context, id string, attempt int64) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.Fence(ctx, id, attempt) })
}

// List implements Store.
func (b timeoutStore) List(ctx context.Context, q Query) ([]*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) ([]*export.Job, error) { return b.store.List(ctx, q) })
}

// Live implements Store.
func (b timeoutStore) Live(ctx context.Context, after string, limit int) ([]*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) ([]*export.Job, error) { return b.store.Live(ctx, after, limit) })
}

// QueueEntries implements Store.
func (b timeoutStore) QueueEntries(ctx context.Context) ([]Entry, error) {
	return within(ctx, b, b.store.QueueEntries)
}

// Turns implements Store.
func (b timeoutStore) Turns(ctx context.Context) (map[string]int64, error) {
	return within(ctx, b, b.store.Turns)
}

// TakeTurn implements Store.
func (b timeoutStore) TakeTurn(ctx context.Context, tenant string, turn int64) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.TakeTurn(ctx, tenant, turn) })
}

// Dirty implements Store.
func (b timeoutStore) Dirty(ctx context.Context, before time.Time, limit int) ([]*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) ([]*export.Job, error) { return b.store.Dirty(ctx, before, limit) })
}

// Outdated implements Store.
func (b timeoutStore) Outdated(ctx context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) ([]*export.Job, error) { return b.store.Outdated(ctx, now, limit) })
}

// Mailable implements Store.
func (b timeoutStore) Mailable(ctx context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) ([]*export.Job, error) { return b.store.Mailable(ctx, now, limit) })
}

// Claim implements Store.
func (b timeoutStore) Claim(ctx context.Context, id string, n int64, at time.Time) (won bool, err error) {
	return within(ctx, b, func(ctx context.Context) (bool, error) { return b.store.Claim(ctx, id, n, at) })
}

// Claimed implements Store.
func (b timeoutStore) Claimed(ctx context.Context, id string, n int64) (at time.Time, claimed bool, err error) {
	err = b.do(ctx, func(ctx context.Context) (err error) {
		at, claimed, err = b.store.Claimed(ctx, id, n)
		return err
	})
	return at, claimed, err
}

// DeleteClaims implements Store.
func (b timeoutStore) DeleteClaims(ctx context.Context, id string) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.DeleteClaims(ctx, id) })
}
