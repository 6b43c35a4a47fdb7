package stored

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/users"
)

// Job is the stored form of a job. Fields that queries use are BSON fields; the rest is JSON text,
// which all engines store alike.
type Job struct {
	ID          string        `bson:"_id"`
	Live        string        `bson:"live,omitempty"` // the slot, while the job is live
	Idem        string        `bson:"idem,omitempty"` // the idempotency key with its owner, until it is freed
	Tenant      string        `bson:"tenant"`
	RequesterID string        `bson:"requester_id"`
	UserID      string        `bson:"user_id"`
	Email       string        `bson:"email"`
	Origin      export.Origin `bson:"origin"`
	Mode        export.Mode   `bson:"mode"`
	Definition  string        `bson:"definition"`
	Words       string        `bson:"words"`
	Fingerprint string        `bson:"fingerprint"`
	Key         string        `bson:"key"`
	Created     time.Time     `bson:"created"`
	State       JobState      `bson:",inline"`
}

// JobState holds the fields of a job that may change. Each update writes all of them.
type JobState struct {
	Status    export.Status       `bson:"status"`
	Outcome   export.Status       `bson:"outcome"`
	Canceller string              `bson:"cancelled_by"`
	Reason    export.CancelReason `bson:"cancel_reason,omitempty"`
	Started   *time.Time          `bson:"started"`
	Completed *time.Time          `bson:"completed"`
	Expires   *time.Time          `bson:"expires"`
	Attempt   int64               `bson:"attempt"`
	Sequence  int64               `bson:"sequence"`
	Resumes   int                 `bson:"resumes"`
	Stalled   int                 `bson:"stalled"`
	Heartbeat *time.Time          `bson:"heartbeat"`
	Uploads   []string            `bson:"uploads"`
	Dirty     bool                `bson:"dirty"`
	Columns   string              `bson:"columns"`
	Progress  string              `bson:"progress"`
	Files     string              `bson:"files"`
	Warnings  string              `bson:"warnings"`
	Failure   string              `bson:"failure"`
	History   string              `bson:"history"`

	Checkpoint string `bson:"checkpoint"`

	EventColumns string `bson:"event_columns"`
	Delivery     string `bson:"delivery"`
	Mail         string `bson:"mail"`
	Retry        string `bson:"retry"`

	// Search is the text that lists search: JobText. Jobs of older versions lack it.
	Search string `bson:"search,omitempty"`

	// MailDue is when the e-mail may be sent. The field exists only while the e-mail is due,
	// because the index is sparse.
	MailDue *time.Time `bson:"mail_due,omitempty"`
}

// NewJob returns the stored form of a new job, with its slot and its idempotency key.
func NewJob(job *export.Job) (*Job, error) {
	state, err := NewJobState(job)
	if err != nil {
		return nil, err
	}
	doc := &Job{
		ID: job.ID, Tenant: job.Tenant, RequesterID: job.Requester.ID, UserID: job.Requester.UserID,
		Email: job.Requester.Email, Origin: job.Origin, Mode: job.Mode, Definition: string(job.Definition.Canonical()),
		Words: job.Words, Fingerprint: job.Fingerprint, Key: job.Key, Created: job.CreatedAt, State: *state,
	}
	if job.Status.Live() {
		doc.Live = jobs.SlotOf(job).String()
	}
	if job.Key != "" {
		doc.Idem = IdempotencyID(jobs.SlotOf(job), job.Key)
	}
	return doc, nil
}

// NewJobState returns the stored form of the fields of a job that may change.
func NewJobState(job *export.Job) (*JobState, error) {
	s := &JobState{
		Status: job.Status, Outcome: job.Outcome, Canceller: job.CancelledBy, Reason: job.CancelReason, Started: job.StartedAt, Completed: job.CompletedAt,
		Expires: job.ExpiresAt, Attempt: job.Attempt, Sequence: job.Sequence, Resumes: job.Resumes, Stalled: job.Stalled,
		Uploads: job.Uploads, Dirty: job.Dirty, Search: JobText(job),
	}
	if !job.Heartbeat.IsZero() {
		s.Heartbeat = &job.Heartbeat
	}
	if m := job.Mail; m != nil && m.State == export.MailDue {
		s.MailDue = &m.Next
	}
	err := eachJSONField(func(text *string, value any) error {
		b, err := json.Marshal(value)
		*text = string(b)
		return err
	}, s, job)
	if err != nil {
		return nil, fmt.Errorf("encode a job: %w", err)
	}
	return s, nil
}

// JobText returns the folded text that lists of jobs search: the definition in words, the names of the
// files, and the id.
func JobText(job *export.Job) string {
	texts := []string{job.Words}
	for _, f := range job.Files {
		texts = append(texts, f.Name)
	}
	return users.Fold(strings.Join(append(texts, job.ID), "\n"))
}

// eachJSONField calls f for each field that is stored as JSON text, with the field of the job that
// holds its value.
func eachJSONField(f func(text *string, value any) error, s *JobState, job *export.Job) error {
	for _, t := range []struct {
		text  *string
		value any
	}{
		{&s.Columns, &job.Columns},
		{&s.Progress, &job.Progress},
		{&s.Files, &job.Files},
		{&s.Warnings, &job.Warnings},
		{&s.Failure, &job.Failure},
		{&s.History, &job.History},
		{&s.Checkpoint, &job.Checkpoint},
		{&s.EventColumns, &job.EventColumns},
		{&s.Delivery, &job.Delivery},
		{&s.Mail, &job.Mail},
		{&s.Retry, &job.Retry},
	} {
		if err := f(t.text, t.value); err != nil {
			return err
		}
	}
	return nil
}

// Job returns the job. It fails if a JSON text of the document is damaged.
func (d *Job) Job() (*export.Job, error) {
	s := &d.State
	job := &export.Job{
		ID: d.ID, Tenant: d.Tenant, Requester: export.Requester{ID: d.RequesterID, UserID: d.UserID, Email: d.Email},
		Origin: d.Origin, Mode: d.Mode, Words: d.Words, Fingerprint: d.Fingerprint, Key: d.Key,
		Status: s.Status, Outcome: s.Outcome, CancelledBy: s.Canceller, CancelReason: s.Reason, CreatedAt: d.Created.UTC(), StartedAt: utc(s.Started),
		CompletedAt: utc(s.Completed), ExpiresAt: utc(s.Expires), Attempt: s.Attempt, Sequence: s.Sequence,
		Resumes: s.Resumes, Stalled: s.Stalled, Uploads: s.Uploads, Dirty: s.Dirty,
	}
	if s.Heartbeat != nil {
		job.Heartbeat = s.Heartbeat.UTC()
	}
	// Not decode.Definition, which validates requests: jobs that older rules admitted must stay
	// readable.
	err := json.Unmarshal([]byte(d.Definition), &job.Definition)
	if err == nil {
		err = eachJSONField(func(text *string, value any) error {
			if *text == "" { // stored by a version without this field
				return nil
			}
			return json.Unmarshal([]byte(*text), value)
		}, s, job)
	}
	if err != nil {
		return nil, fmt.Errorf("decode job %s: %w", d.ID, err)
	}
	return job, nil
}

func utc(t *time.Time) *time.Time {
	if t != nil {
		*t = t.UTC()
	}
	return t
}

// IdempotencyID returns the unique form of an idempotency key. The key is last, because it may
// contain any character.
func IdempotencyID(slot jobs.Slot, key string) string { return slot.Owner().String() + ":" + key }
