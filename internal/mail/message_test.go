package mail

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

const link = "https://egress.example.com:8443/t/meridian/exports/01JDB7V2M9QKX3W8ZP5T6R4NHE"

func TestComposedMails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(*export.Job)
		id      string
		subject string
		text    string
	}{
		"complete": {
			func(*export.Job) {}, "completed", "Your user export is ready: 31,206 rows, Meridian Press",
			`Your user export is ready.

The stored files were read back and match what was written.

Organisation: Meridian Press (meridian)
Users file: users_meridian_20261123T083128Z.csv, 31,206 rows, 48.1 MB
Requested: 23 November 2026, 08:31 UTC
Ended: 23 November 2026, 08:33 UTC
Kept until: 30 November 2026, 08:31 UTC

Open the export and download it:
` + link + `

The link opens the console; log in there as amelia@example.com.
You get this email because you started this export in the console.
`,
		},
		"both files": {
			func(j *export.Job) {
				j.Files[0].Rows, j.Files[0].Bytes = 1, 999
				j.Files = append(j.Files, export.File{Kind: export.StateEventsFile, Name: "events.csv", Bytes: 12_345, Rows: 1234567})
			}, "completed", "Your user export is ready: 1 row, Meridian Press",
			`Your user export is ready, with its state events.

The stored files were read back and match what was written.

Organisation: Meridian Press (meridian)
Users file: users_meridian_20261123T083128Z.csv, 1 row, 999 bytes
State events file: events.csv, 1,234,567 rows, 12.3 kB
Requested: 23 November 2026, 08:31 UTC
Ended: 23 November 2026, 08:33 UTC
Kept until: 30 November 2026, 08:31 UTC

Open the export and download it:
` + link + `

The link opens the console; log in there as amelia@example.com.
You get this email because you started this export in the console.
`,
		},
		"without state events": {
			func(j *export.Job) {
				j.Status, j.Outcome = export.Expired, export.CompletedWithErrors // the mail reports the outcome, not the status
				j.Failure = &export.Failure{Code: errs.CodeDatabaseUnavailable, Message: "The user database did not answer."}
			}, "completed_with_errors", "Your user export is ready, but its state events failed: Meridian Press",
			`Your users file is ready; the state events export failed.

The users file is complete: it was read back and matches what was written.

There is no state events file. The user database did not answer.

Organisation: Meridian Press (meridian)
Users file: users_meridian_20261123T083128Z.csv, 31,206 rows, 48.1 MB
Requested: 23 November 2026, 08:31 UTC
Ended: 23 November 2026, 08:33 UTC
Kept until: 30 November 2026, 08:31 UTC
Export ID: 01JDB7V2M9QKX3W8ZP5T6R4NHE

Open the export and download the users file:
` + link + `

The link opens the console; log in there as amelia@example.com.
You get this email because you started this export in the console.
`,
		},
		"failed": {
			func(j *export.Job) {
				j.Status, j.Outcome, j.Files, j.ExpiresAt = export.Failed, export.Failed, nil, nil
				j.Failure = &export.Failure{Code: errs.CodeStorageUnavailable, Message: "The file storage did not answer."}
			}, "failed", "Your user export failed: Meridian Press",
			`Your user export failed.

The file storage did not answer.

No file was kept. You can run the export again from its page.

Organisation: Meridian Press (meridian)
Requested: 23 November 2026, 08:31 UTC
Ended: 23 November 2026, 08:33 UTC
Export ID: 01JDB7V2M9QKX3W8ZP5T6R4NHE

Open the export:
` + link + `

The link opens the console; log in there as amelia@example.com.
You get this email because you started this export in the console.
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := testJob()
			c.change(job)
			m := send(t, "Meridian Press", job)
			if m.ID != job.ID+"."+c.id+"@egress.example.com" || m.To != "amelia@example.com" || m.UserID != "01A" || m.JobID != job.ID || m.Tenant != "meridian" {
				t.Errorf("the message is %+v", m)
			}
			if m.Subject != c.subject || m.Text != c.text {
				t.Errorf("subject %q, text:\n%s\nwant %q:\n%s", m.Subject, m.Text, c.subject, c.text)
			}
			for _, fact := range []string{`href="` + link + `"`, "<title>" + c.subject + "</title>", "Meridian Press (meridian)", "amelia@example.com"} {
				if !strings.Contains(m.HTML, fact) {
					t.Errorf("the page has no %s:\n%s", fact, m.HTML)
				}
			}
			for _, secret := range []string{"secret", "<script", "<img", "src=", "url("} {
				if strings.Contains(m.Text+m.HTML, secret) {
					t.Errorf("the mail holds %q", secret)
				}
			}
		})
	}
}

// A name from outside stays one line of text in the header, the text and the HTML.
func TestNamesCannotBreakOut(t *testing.T) {
	t.Parallel()
	job := testJob()
	job.Files[0].Name = "users.csv\r\n\r\nhttps://evil.example/<b>x</b>"
	m := send(t, "Mer\r\nBcc: eve@evil.example\r\n\r\n<img src=x>\u2028\u202eidian", job)
	if strings.ContainsFunc(m.Subject, unicode.IsControl) || !strings.HasSuffix(m.Subject, "Mer Bcc: eve@evil.example <img src=x> idian") {
		t.Errorf("subject %q", m.Subject)
	}
	if !strings.Contains(m.Text, "\nUsers file: users.csv https://evil.example/<b>x</b>, 31,206") || strings.Contains(m.Text, "\r") || strings.Contains(m.Text, "\nBcc") {
		t.Errorf("text:\n%s", m.Text)
	}
	if strings.Contains(m.HTML, "<b>") || strings.Contains(m.HTML, "<img") {
		t.Errorf("page:\n%s", m.HTML)
	}
	if long := send(t, strings.Repeat("é", 10_000), testJob()); len([]rune(long.Subject)) > 400 {
		t.Errorf("a subject of %d characters", len([]rune(long.Subject)))
	}
}

func TestNoMailForOutcome(t *testing.T) {
	t.Parallel()
	var box memoryOutbox
	for _, outcome := range []export.Status{"", export.Cancelled} {
		job := testJob()
		job.Outcome = outcome
		e, ok := errors.AsType[*jobs.MailError](testMailer(t, "Meridian", OutboxSender{&box}).Send(t.Context(), job))
		if !ok || !e.Permanent {
			t.Errorf("outcome %q: %v", outcome, e)
		}
	}
	if len(box) != 0 {
		t.Error("a mail was kept")
	}
	if _, err := New(Options{PublicURL: ""}); err == nil {
		t.Error("a mailer without a public URL")
	}
}
