package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

type refusalsFixture struct {
	log *memoryLog
	now time.Time
	*Refusals
}

func setupRefusals(t *testing.T) *refusalsFixture {
	t.Helper()
	b := &refusalsFixture{log: &memoryLog{}, now: time.Date(2026, 11, 26, 8, 31, 28, 0, time.UTC)}
	clock := func() time.Time { return b.now }
	b.Refusals = NewRefusals(RefusalsOptions{
		Recorder: NewRecorder(b.log, clock), Now: clock,
		Pair: func(_ context.Context, accessKey string) (string, string, error) {
			if strings.HasPrefix(accessKey, "AK") {
				return "daily", "01A", nil
			}
			return "", "", nil
		},
		Account: func(_ context.Context, email string) (string, string, []string, error) {
			if email == "ada@example.com" {
				return "01A", email, []string{"daily", "weekly"}, nil
			}
			return "", "", nil, nil
		},
	})
	return b
}

func (b *refusalsFixture) writeAfter(t *testing.T, d time.Duration) []Record {
	t.Helper()
	b.now = b.now.Add(d)
	before := len(b.log.records)
	b.write(t.Context(), false)
	return b.log.records[before:]
}

func TestRefusalsSignature(t *testing.T) {
	t.Parallel()

	t.Run("writes one record per minute, key pair and reason, with the count", func(t *testing.T) {
		t.Parallel()
		b := setupRefusals(t)
		b.Signature("AK1", "the nonce was used before")
		if got := b.writeAfter(t, time.Second); len(got) != 1 || got[0].Tenant != "daily" || got[0].Subject != "AK1" || got[0].AdminID != "01A" ||
			got[0].Kind != SignatureRefused || got[0].Words != "1 signed request was refused since 08:31:28 (key pair): the nonce was used before" {
			t.Errorf("the first: %+v", got)
		}
		for range 500 {
			b.Signature("AK1", "the nonce was used before")
		}
		if got := b.writeAfter(t, 58*time.Second); len(got) != 0 {
			t.Errorf("within the minute: %+v", got)
		}
		if got := b.writeAfter(t, 2*time.Second); len(got) != 1 || !strings.HasPrefix(got[0].Words, "500 signed requests were refused since 08:31:29") {
			t.Errorf("a minute later: %+v", got)
		}
		b.Signature("AK1", "the key pair was revoked")
		b.Signature("AK2", "the nonce was used before")
		if got := b.writeAfter(t, time.Second); len(got) != 2 {
			t.Errorf("another key pair and another reason: %+v", got)
		}
		if b.writeAfter(t, 2*time.Minute); len(b.sums) != 0 {
			t.Errorf("%d empty counts are kept", len(b.sums))
		}
	})

	t.Run("writes one record without a tenant for unknown key pairs", func(t *testing.T) {
		t.Parallel()
		b := setupRefusals(t)
		for range 3 {
			b.Signature("", "there is no such key pair")
		}
		if got := b.writeAfter(t, time.Second); len(got) != 1 || got[0].Tenant != "" || got[0].Subject != "" || !strings.Contains(got[0].Words, "3 signed requests") {
			t.Errorf("%+v", got)
		}
	})

	t.Run("uses bounded memory and loses no count", func(t *testing.T) {
		t.Parallel()
		b := setupRefusals(t)
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				for i := range maxRefusals {
					b.Signature(fmt.Sprintf("AK%d-%d", w, i), "the nonce was used before")
				}
			})
		}
		all.Wait()
		if len(b.sums) > maxRefusals+1 {
			t.Errorf("%d counts", len(b.sums))
		}
		records := b.writeAfter(t, time.Second)
		if len(records) != maxRefusals+1 {
			t.Errorf("%d records", len(records))
		}
		want := fmt.Sprintf("%d signed requests were refused", 3*maxRefusals)
		if last := records[0]; last.Tenant != "" || !strings.HasPrefix(last.Words, want) {
			t.Errorf("%+v, want %s", last, want)
		}
	})

	t.Run("keeps counting while the log is unavailable", func(t *testing.T) {
		t.Parallel()
		b := setupRefusals(t)
		b.log.err = errors.New("down")
		b.Signature("AK1", "x")
		b.writeAfter(t, time.Second)
		b.Signature("AK1", "x")
		b.log.err = nil
		if got := b.writeAfter(t, 2*time.Second); len(got) != 1 || !strings.HasPrefix(got[0].Words, "2 signed requests were refused since 08:31:28") {
			t.Errorf("%+v", got)
		}
	})

	t.Run("writes the rest when the context ends", func(t *testing.T) {
		t.Parallel()
		b := setupRefusals(t)
		b.Signature("AK1", "x")
		b.writeAfter(t, time.Second)
		b.Signature("AK1", "x")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		b.Run(ctx)
		if len(b.log.records) != 2 {
			t.Errorf("%+v", b.log.records)
		}
	})
}

func TestRefusalsLogIn(t *testing.T) {
	t.Parallel()
	b := setupRefusals(t)
	ada := ThrottledLogIn{"ada@example.com", "192.0.2.1"}
	for range 50 {
		b.LogIn(ada)
		b.LogIn(ThrottledLogIn{"eve@example.com", "192.0.2.1"})
		b.LogIn(ThrottledLogIn{"mallory@example.com", "192.0.2.1"})
	}
	got := b.writeAfter(t, time.Second)
	if len(got) != 3 { // one per tenant of Ada, and one for all unknown accounts
		t.Fatalf("%+v", got)
	}
	for _, r := range got {
		if r.Kind != SignInThrottled || r.Address != "192.0.2.1" || (r.Tenant != "") != (r.AdminID == "01A" && r.Email == "ada@example.com") {
			t.Errorf("%+v", r)
		}
	}
	b.LogIn(ada)
	if got := b.writeAfter(t, time.Second); len(got) != 0 {
		t.Errorf("again within the hour: %+v", got)
	}
	b.LogIn(ThrottledLogIn{"ada@example.com", "192.0.2.2"})
	if got := b.writeAfter(t, time.Second); len(got) != 2 {
		t.Errorf("from another IP address: %+v", got)
	}
	b.now = b.now.Add(time.Hour)
	b.LogIn(ada)
	if got := b.writeAfter(t, time.Second); len(got) != 2 {
		t.Errorf("an hour later: %+v", got)
	}

	for i := range 3 * maxRefusals {
		b.LogIn(ThrottledLogIn{"eve@example.com", fmt.Sprint(i)})
	}
	records := b.writeAfter(t, time.Second)
	if len(records) > maxRefusals+1 || len(b.attempts)+len(b.recorded) > maxRefusals {
		t.Errorf("%d records, %d attempts in memory", len(records), len(b.attempts)+len(b.recorded))
	}
	if last := records[len(records)-1]; last.Kind != SignInThrottled || !strings.HasPrefix(last.Words, "2001 further log-ins") {
		t.Errorf("%+v", last)
	}
}
