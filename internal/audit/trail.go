package audit

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// onceFor is how long looks at the same thing by the same are one record.
const onceFor = time.Hour

// maxSeen bounds what is remembered of records that were written; beyond it they are asked of the log again.
const maxSeen = 10_000

// Trail writes the log. It is safe for concurrent use.
type Trail struct {
	log  Log
	now  func() time.Time
	mu   sync.Mutex
	seen map[string]struct{} // by Record.Once, of the hour that runs
	hour int64
}

// NewTrail writes to a log. Now is nil for time.Now.
func NewTrail(log Log, now func() time.Time) *Trail {
	if now == nil {
		now = time.Now
	}
	return &Trail{log: log, now: now, seen: map[string]struct{}{}}
}

// Append adds records of something that happened now.
func (t *Trail) Append(ctx context.Context, records ...Record) error {
	if len(records) == 0 {
		return nil
	}
	now := t.now()
	for i := range records {
		records[i].ID = ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String()
		records[i].Time = now.UTC().Truncate(time.Millisecond)
	}
	return t.log.Append(ctx, records...)
}

// Once adds a record of a look, unless the same admin, with the same credential, looked at the same within the hour: whoever
// follows an export asks for it every second. The hours are those of the clock, so that all servers agree.
func (t *Trail) Once(ctx context.Context, r Record) error {
	hour := t.now().Unix() / int64(onceFor/time.Second)
	r.Once = strings.Join([]string{string(r.Kind), r.Tenant, r.AdminID, r.AccessKey, r.Subject, time.Unix(hour*3600, 0).UTC().Format(time.RFC3339)}, "\n")
	if t.written(r.Once, hour) {
		return nil
	}
	if err := t.Append(ctx, r); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hour == hour && len(t.seen) < maxSeen {
		t.seen[r.Once] = struct{}{}
	}
	return nil
}

func (t *Trail) written(once string, hour int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hour != hour {
		clear(t.seen)
		t.hour = hour
	}
	_, there := t.seen[once]
	return there
}

// Records returns a page of a tenant's records, newest first.
func (t *Trail) Records(ctx context.Context, tenant string, q Query) ([]Record, error) {
	return t.log.Records(ctx, tenant, q)
}
