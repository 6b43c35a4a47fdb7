package export

import "time"

// Message is a composed e-mail. It holds a personal address and is never logged.
type Message struct {
	// ID is its Message-ID, without angle brackets: the same each time that a mail about one end of one job is composed.
	ID      string
	Tenant  string
	JobID   string
	UserID  string // the admin whom it is for
	To      string // the admin's address
	Subject string
	Text    string    // the plain text
	HTML    string    // the same, as a page of its own: no script, nothing loaded from elsewhere
	Time    time.Time // when it was composed

	OutboxID string // names it where mails are kept (ULID: sorts by the time of keeping); "" elsewhere
}
