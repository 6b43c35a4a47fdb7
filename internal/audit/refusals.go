package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	recordInterval = time.Minute // between two records of the same kind of refusal
	flushInterval  = time.Second // between two checks for records to write

	// maxRefusals limits how many reasons and attempts are counted separately, whatever clients
	// send. The rest is counted together.
	maxRefusals = 1000
)

// RefusalsOptions configures NewRefusals.
type RefusalsOptions struct {
	Recorder *Recorder
	// Pair returns the tenant and the admin of a key pair; tenant is "" for an unknown key pair.
	Pair func(ctx context.Context, accessKey string) (tenant, adminID string, err error)
	// Account returns the admin with an e-mail address, and the tenants in which the admin has a
	// role. For an unknown address all results are empty.
	Account func(ctx context.Context, email string) (adminID, adminEmail string, tenants []string, err error)
	Now     func() time.Time // nil: time.Now
	Logger  *slog.Logger
}

// Refusals records callers that were rejected before they were authenticated. They may be
// strangers, and many. Signature and LogIn therefore only count, in bounded memory; Run writes the
// records in the background. So a flood of requests is cheap and does not fill the log, and the
// response time does not reveal whether an account exists. A process that is killed loses its last
// counts. Refusals is safe for concurrent use.
type Refusals struct {
	o RefusalsOptions

	mu          sync.Mutex
	sums        map[refusal]*refusalSum
	attempts    map[ThrottledLogIn]struct{} // not written yet
	recorded    map[ThrottledLogIn]struct{} // written within this hour
	hour        int64
	dropped     int64     // attempts beyond maxRefusals
	nextDropped time.Time // when the next record about them may be written
}

type refusal struct{ accessKey, reason string }

type refusalSum struct {
	count int64     // since the last record
	since time.Time // when the first of them happened
	next  time.Time // when the next record may be written
}

// ThrottledLogIn is a log-in that was rejected because of too many failed ones.
type ThrottledLogIn struct {
	Email   string // as entered
	Address string
}

// overflow is the key of all refusals beyond maxRefusals.
var overflow = refusal{reason: "more key pairs and reasons than Egress counts separately"}

// NewRefusals returns Refusals. Call Run to write the records.
func NewRefusals(o RefusalsOptions) *Refusals {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Refusals{
		o: o, sums: map[refusal]*refusalSum{}, attempts: map[ThrottledLogIn]struct{}{}, recorded: map[ThrottledLogIn]struct{}{},
	}
}

// Signature counts a rejected signed request. accessKey is "" if no key pair has it.
func (f *Refusals) Signature(accessKey, reason string) {
	now := f.o.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	key := refusal{accessKey, reason}
	s := f.sums[key]
	if s == nil && len(f.sums) >= maxRefusals {
		key = overflow
		s = f.sums[key]
	}
	if s == nil {
		s = &refusalSum{}
		f.sums[key] = s
	}
	if s.count == 0 {
		s.since = now
	}
	s.count++
}

// LogIn counts a log-in that was rejected because of too many failed ones: one record per hour
// for each account and IP address.
func (f *Refusals) LogIn(a ThrottledLogIn) {
	a.Email, a.Address = truncate(a.Email, maxField), truncate(a.Address, maxField)
	hour := f.o.Now().Unix() / int64(onceWindow/time.Second)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hour != hour {
		clear(f.recorded)
		f.hour = hour
	}
	if _, done := f.recorded[a]; done {
		return
	}
	if _, waits := f.attempts[a]; !waits && len(f.attempts)+len(f.recorded) >= maxRefusals {
		f.dropped++
		return
	}
	f.attempts[a] = struct{}{}
}

// Run writes the counted refusals until ctx is done, then writes the rest and returns.
func (f *Refusals) Run(ctx context.Context) {
	t := time.NewTicker(flushInterval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushInterval)
			defer cancel()
			f.write(last, true)
			return
		case <-t.C:
			f.write(ctx, false)
		}
	}
}

// write writes the records that are due, or all of them.
func (f *Refusals) write(ctx context.Context, all bool) {
	err := errors.Join(f.writeSums(ctx, all), f.writeAttempts(ctx))
	if err != nil {
		f.o.Logger.ErrorContext(ctx, "cannot write refused requests to the audit log yet; retrying", "error", err)
	}
}

func (f *Refusals) writeSums(ctx context.Context, all bool) (failed error) {
	due := f.takeDueSums(all)
	var records []Record
	for key, s := range due {
		r, err := f.record(ctx, key, s)
		if err != nil {
			failed = err
			delete(due, key)
			f.restoreSum(key, s)
			continue
		}
		records = append(records, r)
	}
	slices.SortFunc(records, func(a, b Record) int { return strings.Compare(a.Tenant, b.Tenant) }) // one insert per tenant
	if err := f.o.Recorder.Append(ctx, records...); err != nil {
		failed = err
		for key, s := range due {
			f.restoreSum(key, s)
		}
	}
	return failed
}

func (f *Refusals) record(ctx context.Context, key refusal, s refusalSum) (Record, error) {
	r := Record{Kind: SignatureRefused, Words: key.description(s)}
	if key.accessKey == "" {
		return r, nil
	}
	tenant, adminID, err := f.o.Pair(ctx, key.accessKey)
	if tenant != "" {
		r.Tenant, r.AdminID, r.Subject = tenant, adminID, key.accessKey
	}
	return r, err
}

func (key refusal) description(s refusalSum) string {
	name := "key pair"
	if key.accessKey == "" {
		name = "unknown key pair"
	}
	requests := "1 signed request was refused"
	if s.count > 1 {
		requests = fmt.Sprintf("%d signed requests were refused", s.count)
	}
	return fmt.Sprintf("%s since %s (%s): %s", requests, s.since.UTC().Format("15:04:05"), name, key.reason)
}

// takeDueSums returns the counts to write now and resets them. It deletes counts without recent
// refusals.
func (f *Refusals) takeDueSums(all bool) map[refusal]refusalSum {
	now := f.o.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	due := map[refusal]refusalSum{}
	for key, s := range f.sums {
		switch {
		case s.count > 0 && (all || !now.Before(s.next)):
			due[key] = *s
			s.count, s.next = 0, now.Add(recordInterval)
		case s.count == 0 && !now.Before(s.next):
			delete(f.sums, key)
		}
	}
	return due
}

func (f *Refusals) restoreSum(key refusal, s refusalSum) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.sums[key]
	if now == nil {
		now = &refusalSum{}
		f.sums[key] = now
	}
	now.count += s.count
	now.since = s.since
	now.next = f.o.Now().Add(flushInterval)
}

func (f *Refusals) writeAttempts(ctx context.Context) (failed error) {
	waiting, dropped := f.takeAttempts()
	for a := range waiting {
		if err := f.writeAttempt(ctx, a); err != nil {
			failed = err
			f.LogIn(a)
			continue
		}
		f.mu.Lock()
		f.recorded[a] = struct{}{}
		f.mu.Unlock()
	}
	if dropped > 0 {
		words := fmt.Sprintf("%d further log-ins were refused, of more accounts and addresses than Egress records separately", dropped)
		if err := f.o.Recorder.Append(ctx, Record{Kind: SignInThrottled, Words: words}); err != nil {
			failed = err
			f.mu.Lock()
			f.dropped += dropped
			f.mu.Unlock()
		}
	}
	return failed
}

// takeAttempts returns and clears the waiting attempts. It returns the dropped ones at most once a
// minute.
func (f *Refusals) takeAttempts() (waiting map[ThrottledLogIn]struct{}, dropped int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	waiting = f.attempts
	f.attempts = map[ThrottledLogIn]struct{}{}
	if now := f.o.Now(); f.dropped > 0 && !now.Before(f.nextDropped) {
		dropped, f.dropped, f.nextDropped = f.dropped, 0, now.Add(recordInterval)
	}
	return waiting, dropped
}

// writeAttempt writes an attempt to the logs of all tenants of the account. Attempts on unknown
// accounts share one record without an e-mail address: an unknown address must not be stored, and a
// stranger can make up any number of them.
func (f *Refusals) writeAttempt(ctx context.Context, a ThrottledLogIn) error {
	adminID, email, tenants, err := f.o.Account(ctx, a.Email)
	if err != nil {
		return err
	}
	if len(tenants) == 0 {
		tenants = []string{""}
	}
	for _, tenant := range tenants {
		r := Record{Kind: SignInThrottled, Tenant: tenant, AdminID: adminID, Email: email, Address: a.Address, DedupKey: a.Address}
		if err := f.o.Recorder.AppendOnce(ctx, r); err != nil {
			return err
		}
	}
	return nil
}
