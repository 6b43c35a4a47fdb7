package audit

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// onceWindow is the period within which equal accesses by the same admin become one record.
const onceWindow = time.Hour

// maxSeen limits the number of deduplication keys in memory. Beyond it the log itself deduplicates.
const maxSeen = 10_000

// Recorder writes records to a log and reads them. It is safe for concurrent use.
type Recorder struct {
	log  Log
	now  func() time.Time
	mu   sync.Mutex
	seen map[string]struct{} // values of Record.DedupKey in the current hour
	hour int64
}

// NewRecorder returns a Recorder of a log. A nil now means time.Now.
func NewRecorder(log Log, now func() time.Time) *Recorder {
	if now == nil {
		now = time.Now
	}
	return &Recorder{log: log, now: now, seen: map[string]struct{}{}}
}

// Append adds records with the current time and new ids.
func (t *Recorder) Append(ctx context.Context, records ...Record) error {
	if len(records) == 0 {
		return nil
	}
	now := t.now()
	for i := range records {
		records[i].ID = ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String()
		records[i].Time = now.UTC().Truncate(time.Millisecond)
		records[i].sanitize()
	}
	return t.log.Append(ctx, records...)
}

// AppendOnce adds a record unless the same admin, with the same credential, already has one of this
// kind and subject within the hour: a client that follows an export asks for it every second. Hours
// start on the clock hour, so that all servers agree. A value in r.DedupKey keeps records with
// different values apart.
func (t *Recorder) AppendOnce(ctx context.Context, r Record) error {
	hour := t.now().Unix() / int64(onceWindow/time.Second)
	r.sanitize()
	parts := []string{string(r.Kind), r.Tenant, r.AdminID, r.AccessKey, r.Subject, time.Unix(hour*3600, 0).UTC().Format(time.RFC3339)}
	if r.DedupKey != "" {
		parts = append(parts, truncate(r.DedupKey, maxField))
	}
	r.DedupKey = strings.Join(parts, "\n")
	if t.isRecorded(r.DedupKey, hour) {
		return nil
	}
	if err := t.Append(ctx, r); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hour == hour && len(t.seen) < maxSeen {
		t.seen[r.DedupKey] = struct{}{}
	}
	return nil
}

func (t *Recorder) isRecorded(once string, hour int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hour != hour {
		clear(t.seen)
		t.hour = hour
	}
	_, recorded := t.seen[once]
	return recorded
}

// Records returns a page of a tenant's records, newest first.
func (t *Recorder) Records(ctx context.Context, tenant string, q Query) ([]Record, error) {
	return t.log.Records(ctx, tenant, q)
}

// Follow returns the records after the one with the id after, in chain order.
func (t *Recorder) Follow(ctx context.Context, tenant, after string, limit int) ([]Record, error) {
	return t.log.Follow(ctx, tenant, after, limit)
}
