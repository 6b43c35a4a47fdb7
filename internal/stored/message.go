package stored

import (
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/export"
)

// An outbox keeps the newest OutboxSize e-mails of a tenant, and none older than outboxAge.
const (
	OutboxSize = 500
	outboxAge  = 30 * 24 * time.Hour
)

// Message is the stored form of an e-mail. Its id is the Message-ID, so each e-mail is stored once.
type Message struct {
	ID      string    `bson:"_id"`
	Key     string    `bson:"key"` // the OutboxID: sorts by the time of storing
	Tenant  string    `bson:"tenant"`
	JobID   string    `bson:"job_id"`
	UserID  string    `bson:"user_id"`
	To      string    `bson:"to"`
	Subject string    `bson:"subject"`
	Text    string    `bson:"text"`
	HTML    string    `bson:"html"`
	Time    time.Time `bson:"time"`
}

// NewMessage returns the stored form of an e-mail, with a new OutboxID.
func NewMessage(m *export.Message) *Message {
	return &Message{
		ID: m.ID, Key: ulid.MustNew(ulid.Timestamp(m.Time), ulid.DefaultEntropy()).String(), Tenant: m.Tenant, JobID: m.JobID,
		UserID: m.UserID, To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Time: m.Time,
	}
}

// Message returns the e-mail.
func (d *Message) Message() *export.Message {
	return &export.Message{
		ID: d.ID, OutboxID: d.Key, Tenant: d.Tenant, JobID: d.JobID, UserID: d.UserID, To: d.To, Subject: d.Subject, Text: d.Text,
		HTML: d.HTML, Time: d.Time.UTC(),
	}
}

// OldestKey returns the OutboxID below which an e-mail is too old at the given time.
func OldestKey(now time.Time) string {
	return ulid.MustNew(ulid.Timestamp(now.Add(-outboxAge)), zeroEntropy{}).String()
}

// zeroEntropy makes the smallest ULID of a time.
type zeroEntropy struct{}

func (zeroEntropy) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
