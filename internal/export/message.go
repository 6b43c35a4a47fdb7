package export

import "time"

// Message is a composed e-mail. It contains personal data: never log it.
type Message struct {
	// ID is the Message-ID without angle brackets. Composing the message again for the same outcome
	// of the same job gives the same ID.
	ID      string
	Tenant  string
	JobID   string
	UserID  string // the admin who receives it
	To      string // the admin's address
	Subject string
	Text    string    // the plain text
	HTML    string    // the same content as a page without scripts or external resources
	Time    time.Time // when it was composed

	OutboxID string // its ULID in the outbox, which sorts by time of arrival; "" elsewhere
}
