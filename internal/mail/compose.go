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

// errNoMail says that a job has not ended in a way that a mail tells.
var errNoMail = errors.New("mail: no e-mail tells of this outcome")

// letter is what the templates say. Everything in it is one line of plain text.
type letter struct {
	Subject   string
	Title     string // what happened, in one sentence
	Preheader string // what a list of mails shows beside the subject
	Says      []string
	Facts     []fact
	Action    string // what the link leads to
	Link      string
	To        string
	Tenant    string // its name, and its id where that is another
	Good      bool
}

type fact struct{ Name, Value string }

// compose writes the mail about how a job ended. It holds no link to a file, which would open it to whoever reads the mail, and
// none of the definition's words, which hold users' values.
func (m *Mailer) compose(job *export.Job, tenantName string) (*export.Message, error) {
	l := letter{
		To: line(job.Requester.Email), Tenant: tenant(job.Tenant, tenantName),
		Link: m.public + "/t/" + job.Tenant + "/exports/" + job.ID,
	}
	if err := l.tell(job, line(tenantName)); err != nil {
		return nil, err
	}
	var text, html strings.Builder
	if err := textPage.Execute(&text, l); err != nil {
		return nil, fmt.Errorf("write an e-mail: %w", err)
	}
	if err := htmlPage.Execute(&html, l); err != nil {
		return nil, fmt.Errorf("write an e-mail: %w", err)
	}
	return &export.Message{
		ID: job.ID + "." + string(job.Outcome) + "@" + m.host, Tenant: job.Tenant, JobID: job.ID,
		UserID: job.Requester.UserID, To: job.Requester.Email, Subject: l.Subject, Text: text.String(), HTML: html.String(),
		Time: m.now(),
	}, nil
}

// tell fills in what depends on how the job ended.
func (l *letter) tell(job *export.Job, name string) error {
	reason := "Something went wrong."
	if job.Failure != nil {
		reason = line(job.Failure.Message)
	}
	switch job.Outcome {
	case export.Completed:
		l.Good, l.Subject = true, "Your user export is ready: "+name
		l.Title = "Your user export is ready"
		if len(job.Files) > 1 {
			l.Title = "Your user export is ready, with its state events"
		}
		l.Says = []string{"What is stored was read back and compared with what was written."}
		l.Action = "Open the export and download it"
	case export.CompletedWithErrors:
		l.Subject = "Your user export is ready, but its state events failed: " + name
		l.Title = "Your users file is ready; the state events export failed"
		l.Says = []string{
			"The users file is complete: it was read back and compared with what was written.",
			"There is no state events file. " + reason,
		}
		l.Action = "Open the export and download the users file"
	case export.Failed:
		l.Subject = "Your user export failed: " + name
		l.Title = "Your user export failed"
		l.Says = []string{reason, "No file was kept. You can run the export again from its page."}
		l.Action = "Open the export"
	default:
		return errNoMail
	}
	l.Preheader = l.Says[len(l.Says)-1]
	l.facts(job)
	return nil
}

func (l *letter) facts(job *export.Job) {
	add := func(name, value string) { l.Facts = append(l.Facts, fact{name, value}) }
	add("Organisation", l.Tenant)
	for _, f := range job.Files {
		name := "Users file"
		if f.Kind == export.StateEventsFile {
			name = "State events file"
		}
		add(name, fmt.Sprintf("%s, %s, %s", line(f.Name), rows(f.Rows), size(f.Bytes)))
	}
	add("Asked for", at(job.CreatedAt))
	if job.CompletedAt != nil {
		add("Ended", at(*job.CompletedAt))
	}
	if len(job.Files) > 0 && job.ExpiresAt != nil {
		add("Kept until", at(*job.ExpiresAt))
	}
	if job.Outcome != export.Completed {
		add("Export id", job.ID)
	}
}

func tenant(id, name string) string {
	if name = line(name); name == "" || name == id {
		return id
	}
	return name + " (" + id + ")"
}

// maxLine bounds what a name may add to a mail, in runes.
const maxLine = 300

// line is a text as one line: nothing in it can begin a header, a line or a paragraph of its own.
func line(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Cf)
	}), " ")
	if r := []rune(s); len(r) > maxLine {
		s = string(r[:maxLine]) + "…"
	}
	return s
}

func at(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

func rows(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return grouped(n) + " rows"
}

// size is bytes in the units of the console: 1 MB is 1,000,000 bytes.
func size(n int64) string {
	switch {
	case n >= 1e6:
		tenths := (n + 5e4) / 1e5 // rounded as everywhere else
		return grouped(tenths/10) + fmt.Sprintf(".%d MB", tenths%10)
	case n >= 1e3:
		return fmt.Sprintf("%d.%d kB", n/1e3, n%1e3/1e2)
	default:
		return fmt.Sprintf("%d bytes", n)
	}
}

// grouped is a count with commas between thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
