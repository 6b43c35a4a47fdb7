package mailtest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// Outbox contains the methods of mail.Outbox and api.Outbox.
type Outbox interface {
	StoreMessage(ctx context.Context, m *export.Message) error
	Messages(ctx context.Context, tenant, userID, before string, limit int) ([]*export.Message, error)
	Message(ctx context.Context, tenant, id string) (*export.Message, error)
}

// busySize is the maximum number of e-mails per tenant in the test of full outboxes.
const busySize = 7

// TestOutbox checks that an outbox meets the contracts of mail.Outbox and api.Outbox. Open returns
// an empty one that keeps at most size e-mails per tenant.
func TestOutbox(t *testing.T, open func(t *testing.T, size int) Outbox) {
	box, ctx := open(t, busySize), t.Context()
	now := time.Date(2026, 11, 23, 8, 31, 28, 123e6, time.UTC)
	message := func(i int, tenant, user string, at time.Time) *export.Message {
		return &export.Message{
			ID: fmt.Sprintf("%s.%d.completed@egress.test", tenant, i), Tenant: tenant, JobID: fmt.Sprint(i), UserID: user, To: user + "@example.com",
			Subject: fmt.Sprint("Subject ", i), Text: "text", HTML: "<p>text", Time: at,
		}
	}
	keep := func(list ...*export.Message) {
		t.Helper()
		for _, m := range list {
			if err := box.StoreMessage(ctx, m); err != nil {
				t.Fatal(err)
			}
		}
	}
	subjects := func(tenant, user, before string, limit int) (got []string, last string) {
		t.Helper()
		list, err := box.Messages(ctx, tenant, user, before, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			got, last = append(got, m.JobID), m.OutboxID
		}
		return got, last
	}
	want := func(name string, got, want []string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}

	keep(message(1, "daily", "ada", now.Add(-31*24*time.Hour)), message(2, "daily", "ada", now.Add(-29*24*time.Hour)),
		message(3, "weekly", "ada", now.Add(-40*24*time.Hour)), message(4, "daily", "bob", now), message(5, "daily", "ada", now.Add(time.Second)))
	again := message(5, "daily", "ada", now.Add(time.Minute))
	again.Subject = "another"
	keep(again)

	all, _ := subjects("daily", "", "", 9)
	want("newest first, none too old, each once", all, []string{"5", "4", "2"})
	ada, _ := subjects("daily", "ada", "", 9)
	want("one admin's", ada, []string{"5", "2"})
	page, last := subjects("daily", "", "", 2)
	want("a page", page, []string{"5", "4"})
	page, _ = subjects("daily", "", last, 2)
	want("the next page", page, []string{"2"})
	other, _ := subjects("weekly", "", "", 9)
	want("another tenant's, untouched", other, []string{"3"})

	list, err := box.Messages(ctx, "daily", "", "", 1)
	if err != nil || list[0].Text != "" || list[0].HTML != "" {
		t.Fatalf("a list contains texts: %+v, %v", list, err)
	}
	got, err := box.Message(ctx, "daily", list[0].OutboxID)
	first := message(5, "daily", "ada", now.Add(time.Second))
	first.OutboxID = list[0].OutboxID
	if err != nil || *got != *first {
		t.Errorf("got %+v, %v, want %+v", got, err, first)
	}
	if _, err := box.Message(ctx, "weekly", first.OutboxID); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("another tenant's e-mail: %v", err)
	}

	for i := range busySize + 5 {
		keep(message(100+i, "busy", "ada", now.Add(time.Duration(i)*time.Millisecond)))
	}
	busy, _ := subjects("busy", "", "", 99)
	if len(busy) != busySize || busy[0] != "111" || busy[busySize-1] != "105" {
		t.Errorf("%d are kept: %q", len(busy), busy)
	}
}
