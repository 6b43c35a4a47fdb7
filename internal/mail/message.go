package mail

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode"

	"github.com/egress-io/egress/internal/export"
)

//go:embed templates
var templates embed.FS

var (
	textPage = texttemplate.Must(texttemplate.ParseFS(templates, "templates/mail.txt"))
	htmlPage = htmltemplate.Must(htmltemplate.ParseFS(templates, "templates/mail.html"))
)

// errNoOutcome means that no e-mail exists for the outcome of a job.
var errNoOutcome = errors.New("mail: no email for this outcome")

// letter is the data of the templates. Each string is one line of plain text.
type letter struct {
	Subject    string
	Title      string // what happened, in one sentence
	Preheader  string // what a mailbox shows next to the subject
	Paragraphs []string
	Details    []detail
	Links      []letterLink
	Footer     []string // why the reader receives this, and what the link does
	To         string
	Tenant     string // its name, with its id if that differs
	Success    bool
}

type letterLink struct{ Action, URL string }

type detail struct{ Name, Value string }

// compose writes the message about a job's outcome. The message contains no link to a file, because
// everyone who reads it could download the file, and no text of the definition, because it contains
// users' values.
func (m *Mailer) compose(job *export.Job, tenantName string) (*export.Message, error) {
	l := letter{
		To: singleLine(job.Requester.Email), Tenant: tenant(job.Tenant, tenantName),
	}
	l.Footer = []string{
		"The link opens the console; log in there as " + l.To + ".",
		"You get this email because you started this export in the console.",
	}
	action, err := l.describeOutcome(job, singleLine(tenantName))
	if err != nil {
		return nil, err
	}
	l.Links = []letterLink{{action, m.publicURL + m.jobPath(job)}}
	msg, err := m.message(job.ID+"."+string(job.Outcome), job.Requester.Email, &l)
	if err != nil {
		return nil, err
	}
	msg.Tenant, msg.JobID, msg.UserID = job.Tenant, job.ID, job.Requester.UserID
	return msg, nil
}

// message renders a letter. The id becomes the Message-ID.
func (m *Mailer) message(id, to string, l *letter) (*export.Message, error) {
	var text, html strings.Builder
	if err := textPage.Execute(&text, l); err != nil {
		return nil, fmt.Errorf("write an email: %w", err)
	}
	if err := htmlPage.Execute(&html, l); err != nil {
		return nil, fmt.Errorf("write an email: %w", err)
	}
	return &export.Message{
		ID: id + "@" + m.host, To: to, Subject: l.Subject, Text: text.String(), HTML: html.String(), Time: m.now(),
	}, nil
}

// describeOutcome fills in the parts that depend on the job's outcome, and returns the label of the
// link.
func (l *letter) describeOutcome(job *export.Job, name string) (action string, err error) {
	reason := "Something went wrong."
	if job.Failure != nil {
		reason = singleLine(job.Failure.Message)
	}
	switch job.Outcome {
	case export.Completed:
		l.Success, l.Subject = true, "Your user export is ready: "+rowsOf(job)+name
		l.Title = "Your user export is ready"
		if len(job.Files) > 1 {
			l.Title = "Your user export is ready, with its state events"
		}
		l.Paragraphs = []string{"The stored files were read back and match what was written."}
		action = "Open the export and download it"
	case export.CompletedWithErrors:
		l.Subject = "Your user export is ready, but its state events failed: " + name
		l.Title = "Your users file is ready; the state events export failed"
		l.Paragraphs = []string{
			"The users file is complete: it was read back and matches what was written.",
			"There is no state events file. " + reason,
		}
		action = "Open the export and download the users file"
	case export.Failed:
		l.Subject = "Your user export failed: " + name
		l.Title = "Your user export failed"
		l.Paragraphs = []string{reason, "No file was kept. You can run the export again from its page."}
		action = "Open the export"
	default:
		return "", errNoOutcome
	}
	l.Preheader = l.Paragraphs[len(l.Paragraphs)-1]
	l.addDetails(job)
	return action, nil
}

// rowsOf tells the e-mails of several exports apart: "31,206 rows, "; "" without files.
func rowsOf(job *export.Job) string {
	if len(job.Files) == 0 {
		return ""
	}
	return export.Pluralize(job.Files[0].Rows, "row", "rows") + ", "
}

func (l *letter) addDetails(job *export.Job) {
	add := func(name, value string) { l.Details = append(l.Details, detail{name, value}) }
	add("Organisation", l.Tenant)
	for _, f := range job.Files {
		name := "Users file"
		if f.Kind == export.StateEventsFile {
			name = "State events file"
		}
		add(name, fmt.Sprintf("%s, %s, %s", singleLine(f.Name), export.Pluralize(f.Rows, "row", "rows"), formatSize(f.Bytes)))
	}
	add("Requested", formatTime(job.CreatedAt))
	if job.CompletedAt != nil {
		add("Ended", formatTime(*job.CompletedAt))
	}
	if len(job.Files) > 0 && job.ExpiresAt != nil {
		add("Kept until", formatTime(*job.ExpiresAt))
	}
	if job.Outcome != export.Completed {
		add("Export ID", job.ID)
	}
}

func tenant(id, name string) string {
	if name = singleLine(name); name == "" || name == id {
		return id
	}
	return name + " (" + id + ")"
}

// maxLineLength bounds a line of a message, in runes.
const maxLineLength = 300

// singleLine returns a text as one line of at most maxLineLength runes, so that it cannot start a
// header, a line or a paragraph.
func singleLine(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Cf)
	}), " ")
	if r := []rune(s); len(r) > maxLineLength {
		s = string(r[:maxLineLength]) + "…"
	}
	return s
}

func formatTime(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// formatSize formats bytes in the console's units: 1 MB is 1,000,000 bytes.
func formatSize(n int64) string {
	switch {
	case n >= 1e6:
		tenths := (n + 5e4) / 1e5 // rounded as in the console
		return export.FormatThousands(tenths/10) + fmt.Sprintf(".%d MB", tenths%10)
	case n >= 1e3:
		return fmt.Sprintf("%d.%d kB", n/1e3, n%1e3/1e2)
	default:
		return fmt.Sprintf("%d bytes", n)
	}
}
