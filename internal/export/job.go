package export

import (
	"cmp"
	"time"
)

// Mode is how the file reaches the requester.
type Mode string

// The modes.
const (
	Async Mode = "async" // a worker writes the file to S3
	Sync  Mode = "sync"  // the client that asked streams it
)

// Origin is the door that a job came through.
type Origin string

// The origins.
const (
	FromConsole Origin = "console" // an admin's session
	FromAPI     Origin = "api"     // a signed call with a key pair
)

// Requester is who asked for a job: the admin of a session, or the key pair of a signed call. One requester has at most
// one live job in a tenant.
type Requester struct {
	ID     string // "admin:<user_id>" or "key:<access key>"; names the lock and the slot
	UserID string // the admin, also behind a key pair
	Email  string // shown as "requestedBy"; personal data: never logged
}

// Job is one run of a definition. Store keeps it; everything shown of a job is made from it.
type Job struct {
	ID          string // ULID: sorts by time of creation
	Tenant      string
	Requester   Requester
	Origin      Origin
	Mode        Mode
	Definition  Definition
	Words       string // the definition as a sentence, frozen when the job was made
	Fingerprint string // Definition.Fingerprint
	Key         string // the Idempotency-Key, or ""

	Status  Status
	Outcome Status // how it ended; "" while live. Stays when the status becomes Expired

	// CancelledBy is the e-mail address of the admin who cancelled it, "" where nobody did: personal data, never logged.
	CancelledBy string

	CreatedAt   time.Time
	StartedAt   *time.Time // the first attempt's begin
	CompletedAt *time.Time // when it became final
	ExpiresAt   *time.Time // when its files are deleted; nil where there are none

	Attempt   int64     // fences: a write that carries a lower one is refused. 0 until the first attempt
	Sequence  int64     // counts the changes within an attempt
	Resumes   int       // attempts after the first
	Stalled   int       // attempts in a row that ended without progress
	Heartbeat time.Time // the running attempt's last sign of life

	Columns      []Column // of the users file, frozen when first prepared
	EventColumns []Column // of the state events file, frozen when first prepared
	Progress     Progress
	Files        []File
	Warnings     []Warning
	Failure      *Failure // set when Outcome is Failed or CompletedWithErrors
	History      []Event  // what happened to it, oldest first
	Uploads      []string // storage keys under which attempts may have left something
	Dirty        bool     // storage may hold parts or objects of this job that nothing will finish

	Delivery *Delivery // what a sync job waits for from its client; nil while it streams, and for other jobs
	Mail     *Mail     // the e-mail that tells how it ended; nil where none is due

	Checkpoint *Checkpoint `json:"-"` // where a further attempt goes on; nil: at the beginning. Never leaves the store
}

// Delivery is what a sync job waits for from the client that asked for it.
type Delivery struct {
	Kind  FileKind
	File  *File     // what was streamed, and is to be confirmed; nil where the stream is to be opened
	Until time.Time // when the job waits no more
}

// MailState is where an e-mail stands.
type MailState string

// The states of an e-mail.
const (
	MailDue    MailState = "due"
	MailSent   MailState = "sent"
	MailFailed MailState = "failed" // it was tried often enough
)

// Mail is the e-mail that tells the requester of an async job from the console how it ended. What becomes of it never
// changes the job's outcome.
type Mail struct {
	State   MailState  `json:"state"`
	Tries   int        `json:"tries"`
	Next    time.Time  `json:"next"`    // of a due one: not before
	SentAt  *time.Time `json:"sentAt"`  // nil until it is sent
	Problem string     `json:"problem"` // why the last try failed: a sentence without addresses; "" where none has
}

// AttemptShift places the attempt above 32 bits of sequence in a version.
const AttemptShift = 32

// Version only grows over a job's life: attempt × 2³² + sequence. Clients drop what is older than what they have.
func (j *Job) Version() int64 { return j.Attempt<<AttemptShift + j.Sequence }

// Phase is what the running job is doing, in the words of Status.
type Phase = Status

// Progress is how far a job is. Counts are of the file as stored and never fall, but when a new attempt starts over.
type Progress struct {
	Phase         Phase         `json:"phase"`
	Percent       int           `json:"percent"` // 0–100; stays at 99 until the file is proven
	Users         FileProgress  `json:"users"`
	StateEvents   *FileProgress `json:"stateEvents"`   // nil where the job has none
	RowsPerSecond float64       `json:"rowsPerSecond"` // over the last few seconds
	ETASeconds    *int64        `json:"etaSeconds"`    // nil while unknown
	Throughput    *Throughput   `json:"throughput"`    // nil until rows are read, and for jobs of versions that kept none
}

// Throughput is how many rows came in each interval since From, across attempts. Rows that a further attempt reads again
// count again. There are at most 60 samples: the interval doubles where they are full.
type Throughput struct {
	From       Time     `json:"from"`
	IntervalMS int64    `json:"intervalMs"`
	Rows       []*int64 `json:"rows"` // nil where no attempt was at work
}

// FileProgress is how far one file is. Of a state events file, users are the events that are looked at.
type FileProgress struct {
	Bytes           int64 `json:"bytes"` // X in "X / Y MB"; never falls within an attempt
	BytesTotal      int64 `json:"bytesTotal"`
	BytesTotalExact bool  `json:"bytesTotalExact"` // false while the total is an estimate
	Rows            int64 `json:"rows"`
	RowsTotal       int64 `json:"rowsTotal"`
	Users           int64 `json:"users"`
	UsersTotal      int64 `json:"usersTotal"`
}

// FileKind tells a job's files apart.
type FileKind string

// The kinds of file.
const (
	UsersFile       FileKind = "users"
	StateEventsFile FileKind = "state_events"
)

// File is a finished, proven file: what is stored under Key was read back and has these rows, bytes and hash.
type File struct {
	Kind    FileKind
	Name    string // users_<tenant>_<UTC>.csv, state_events_<tenant>_<UTC>.csv
	Key     string // in the bucket; never shown. "" for a file that was streamed
	Bytes   int64
	Rows    int64 // header not counted
	Users   int64 // or state events that were looked at
	Columns int
	SHA256  string // lower-case hex, of the stored object

	Plain    int64     // bytes of CSV: Bytes, but where the file is compressed; 0 for files of versions that did not compress
	Matched  int64     // users that matched when the export was prepared
	ProvenAt time.Time // when the stored object had been read back; zero for files of versions that stored no manifest
	MadeBy   string    // the version of Egress that made it
	Attempts int       // that were needed; 0 for files of versions that did not count them by file
}

// FileOf returns the job's finished file of a kind, or nil.
func (j *Job) FileOf(kind FileKind) *File {
	for i := range j.Files {
		if j.Files[i].Kind == kind {
			return &j.Files[i]
		}
	}
	return nil
}

// ColumnsOf returns the columns of a file that are frozen, or nil.
func (j *Job) ColumnsOf(kind FileKind) []Column {
	if kind == StateEventsFile {
		return j.EventColumns
	}
	return j.Columns
}

// CSVBytes is how many bytes of CSV the file holds, before compression.
func (f File) CSVBytes() int64 { return cmp.Or(f.Plain, f.Bytes) }

// Warning is something a reader of the file should know: text without personal data.
type Warning struct {
	Code    string `json:"code"` // "no_column", "users_changed", …
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // the column or name concerned
	Count   int64  `json:"count,omitempty"`
	// File is the file concerned where it is not the users file.
	File FileKind `json:"file,omitempty"`
}

// Failure is why a job failed.
type Failure struct {
	Code    Code   `json:"code"`
	Message string `json:"message"` // one sentence for a human
}

// Event is one line of a job's history.
type Event struct {
	Time time.Time `json:"time"`
	// Kind is what happened: queued, prepared, written, verified, and how the job ended; interrupted (a further attempt
	// follows), attempt (it began), resumed (reading or the file went on), restarted (the file is made anew).
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

// ColumnSource is the part of a user that a column comes from.
type ColumnSource string

// The column sources.
const (
	FromUser       ColumnSource = "user"              // a top-level value; Key is its JSON path ("identifiers.email_address")
	FromStore      ColumnSource = "user_store"        // the title of the user's store
	FromAttribute  ColumnSource = "attributes"        // Key is the slug
	FromForeignKey ColumnSource = "foreign_keys"      // Key is the system
	FromProfile    ColumnSource = "extended_profiles" // Key is the app id, as shown
	FromGrant      ColumnSource = "grant"             // Key is the column's short name ("product_id", "start")
	FromEvent      ColumnSource = "state_event"       // Key is the column's name ("time", "from_state")
)

// Column is one column of a file. Its Name stands in the header.
type Column struct {
	Name   string       `json:"name"`
	Source ColumnSource `json:"source"`
	Key    string       `json:"key"`
	Type   string       `json:"type,omitempty"` // the schema's input-type, for attributes
}
