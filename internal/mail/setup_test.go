package mail

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/egress-io/egress/internal/export"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var moment = time.Date(2026, 11, 23, 8, 31, 28, 0, time.UTC)

// testJob returns a completed job of amelia's.
func testJob() *export.Job {
	ended, expires := moment.Add(2*time.Minute), moment.Add(7*24*time.Hour)
	return &export.Job{
		ID: "01JDB7V2M9QKX3W8ZP5T6R4NHE", Tenant: "meridian", Mode: export.Async, Origin: export.FromConsole,
		Requester: export.Requester{ID: "admin:01A", UserID: "01A", Email: "amelia@example.com"},
		Words:     "Diagnosis is secret", CreatedAt: moment, CompletedAt: &ended, ExpiresAt: &expires,
		Status: export.Completed, Outcome: export.Completed,
		Files: []export.File{{Kind: export.UsersFile, Name: "users_meridian_20261123T083128Z.csv", Key: "k/secret", Bytes: 48_123_456, Rows: 31206}},
	}
}

func testMailer(t *testing.T, tenant string, s Sender) *Mailer {
	t.Helper()
	m, err := New(Options{
		PublicURL: "https://egress.example.com:8443/", Sender: s, Now: func() time.Time { return moment.Add(3 * time.Minute) },
		JobPath:    func(job *export.Job) string { return "/t/" + job.Tenant + "/exports/" + job.ID },
		TenantName: func(context.Context, string) (string, error) { return tenant, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// memoryOutbox is an Outbox in memory.
type memoryOutbox []*export.Message

func (k *memoryOutbox) StoreMessage(_ context.Context, m *export.Message) error {
	*k = append(*k, m)
	return nil
}

func send(t *testing.T, tenant string, job *export.Job) *export.Message {
	t.Helper()
	var box memoryOutbox
	if err := testMailer(t, tenant, OutboxSender{&box}).Send(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	return box[0]
}
