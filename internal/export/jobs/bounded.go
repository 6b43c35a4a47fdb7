package jobs

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// bounded is a store whose calls end after a while. A connection that died without a word answers nothing for as long as the
// system cares to wait, which is a quarter of an hour: meanwhile the worker, the reconciler or the janitor that asked would do
// nothing for anybody.
type bounded struct {
	store Store
	limit time.Duration
}

var _ Store = bounded{}

// within makes a call that must end in time.
func within[T any](ctx context.Context, b bounded, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	return call(ctx)
}

func (b bounded) do(ctx context.Context, call func(context.Context) error) error {
	_, err := within(ctx, b, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) })
	return err
}

// Insert implements Store.
func (b bounded) Insert(ctx context.Context, job *export.Job) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.Insert(ctx, job) })
}

// Job implements Store.
func (b bounded) Job(ctx context.Context, id string) (*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) (*export.Job, error) { return b.store.Job(ctx, id) })
}

// Holder implements Store.
func (b bounded) Holder(ctx context.Context, slot Slot) (*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) (*export.Job, error) { return b.store.Holder(ctx, slot) })
}

// ByKey implements Store.
func (b bounded) ByKey(ctx context.Context, slot Slot, key string) (*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) (*export.Job, error) { return b.store.ByKey(ctx, slot, key) })
}

// FreeKey implements Store.
func (b bounded) FreeKey(ctx context.Context, id string) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.FreeKey(ctx, id) })
}

// Update implements Store.
func (b bounded) Update(ctx context.Context, job *export.Job, guard Guard) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.Update(ctx, job, guard) })
}

// Fence implements Store.
func (b bounded) Fence(ctx context.Context, id string, attempt int64) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.Fence(ctx, id, attempt) })
}

// List implements Store.
func (b bounded) List(ctx context.Context, q Query) ([]*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) ([]*export.Job, error) { return b.store.List(ctx, q) })
}

// Live implements Store.
func (b bounded) Live(ctx context.Context, after string, limit int) ([]*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) ([]*export.Job, error) { return b.store.Live(ctx, after, limit) })
}

// Ahead implements Store.
func (b bounded) Ahead(ctx context.Context, id string) (int64, error) {
	return within(ctx, b, func(ctx context.Context) (int64, error) { return b.store.Ahead(ctx, id) })
}

// Dirty implements Store.
func (b bounded) Dirty(ctx context.Context, before time.Time, limit int) ([]*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) ([]*export.Job, error) { return b.store.Dirty(ctx, before, limit) })
}

// Outdated implements Store.
func (b bounded) Outdated(ctx context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) ([]*export.Job, error) { return b.store.Outdated(ctx, now, limit) })
}

// Mailable implements Store.
func (b bounded) Mailable(ctx context.Context, now time.Time, limit int) ([]*export.Job, error) {
	return within(ctx, b, func(ctx context.Context) ([]*export.Job, error) { return b.store.Mailable(ctx, now, limit) })
}

// Claim implements Store.
func (b bounded) Claim(ctx context.Context, id string, n int64, at time.Time) (won bool, err error) {
	return within(ctx, b, func(ctx context.Context) (bool, error) { return b.store.Claim(ctx, id, n, at) })
}

// Claimed implements Store.
func (b bounded) Claimed(ctx context.Context, id string, n int64) (at time.Time, claimed bool, err error) {
	err = b.do(ctx, func(ctx context.Context) (err error) {
		at, claimed, err = b.store.Claimed(ctx, id, n)
		return err
	})
	return at, claimed, err
}

// Unclaim implements Store.
func (b bounded) Unclaim(ctx context.Context, id string) error {
	return b.do(ctx, func(ctx context.Context) error { return b.store.Unclaim(ctx, id) })
}
