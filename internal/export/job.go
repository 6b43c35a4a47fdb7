package export

import (
	"cmp"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// Mode is the way in which the requester receives the file.
type Mode string

// The modes.
const (
	Async Mode = "async" // a worker writes the file to S3
	Sync  Mode = "sync"  // Egress streams the file to the client in the response
)

// Origin is the interface through which the job was requested.
type Origin string

// The origins.
const (
	FromConsole Origin = "console" // an admin's session
	FromAPI     Origin = "api"     // a signed call with a key pair
)

// Requester is the admin of a session or the key pair of a signed request. At most one of its jobs in
// a tenant runs at a time.
type Requester struct {
	ID     string // "admin:<user_id>" or "key:<access key>"; part of the names of the lock and the slot
	UserID string // the admin; for a key pair, its owner
	Email  string // shown as "requestedBy"; personal data: never log it
}

// The kinds of requester, as prefixes of their ids.
const (
	AdminRequester   = "admin:"
	KeyPairRequester = "key:"
)

// IsKeyPair reports whether the requester is a key pair.
func (r Requester) IsKeyPair() bool { return strings.HasPrefix(r.ID, KeyPairRequester) }

// Job is one run of a Definition. jobs.Store stores it, and every view of a job derives from it.
// Its fields without a JSON tag are also member names on the wire between processes: do not rename
// them.
type Job struct {
	ID          string // a ULID, which sorts by time of creation
	Tenant      string
	Requester   Requester
	Origin      Origin
	Mode        Mode
	Definition  Definition
	Words       string // the definition as a sentence, set when the job is created
	Fingerprint string // Definition.Fingerprint
	Key         string // the Idempotency-Key, or ""

	Status  Status
	Outcome Status // the final status; "" while the job is live. Unchanged when the status becomes Expired

	// CancelledBy is the e-mail address of the admin who cancelled the job, or "". Personal data:
	// never log it.
	CancelledBy string
	// CancelReason is why a sync job was cancelled without an admin's decision, or "".
	CancelReason CancelReason

	CreatedAt   time.Time
	StartedAt   *time.Time // when the first attempt began
	CompletedAt *time.Time // when the job became final
	ExpiresAt   *time.Time // when its files are deleted; nil if it has none

	Attempt   int64     // a fencing token: the store refuses writes of a lower attempt. 0 until the first attempt
	Sequence  int64     // counts the changes within an attempt
	Resumes   int       // the number of attempts after the first
	Stalled   int       // the number of consecutive attempts that ended without progress
	Heartbeat time.Time // the last heartbeat of the running attempt

	Columns      []Column // of the users file; fixed by the first attempt that prepares it
	EventColumns []Column // of the state events file; fixed likewise
	Progress     Progress
	Files        []File
	Warnings     []Warning
	Failure      *Failure // set when Outcome is Failed or CompletedWithErrors
	History      []Event  // oldest first
	Uploads      []string // storage keys of all uploads that attempts started
	Dirty        bool     // the storage may contain unfinished uploads or objects of this job to delete

	Delivery *Delivery // what a sync job waits for; nil while it streams, and for other jobs
	Mail     *Mail     // the e-mail about the outcome; nil if none is due
	Retry    *Retry    // why a live job waits; nil if it does not wait

	// Checkpoint is the position from which the next attempt resumes; nil for the beginning. It is
	// only in the store.
	Checkpoint *Checkpoint `json:"-"`
}

// Delivery is the action of the client that a sync job waits for.
type Delivery struct {
	Kind  FileKind
	File  *File     // the streamed file to confirm; nil while the client has to open the stream
	Until time.Time // the deadline
}

// MailState is the state of an e-mail.
type MailState string

// The states of an e-mail.
const (
	MailDue    MailState = "due"
	MailSent   MailState = "sent"
	MailFailed MailState = "failed" // after the last try
)

// Mail is the e-mail that informs the requester of an async job from the console about its outcome.
// A failed e-mail does not change the outcome.
type Mail struct {
	State   MailState  `json:"state"`
	Tries   int        `json:"tries"`
	Next    time.Time  `json:"next"`    // the earliest time of the next try
	SentAt  *time.Time `json:"sentAt"`  // nil until the e-mail is sent
	Problem string     `json:"problem"` // why the last try failed, as a sentence without addresses; "" if no try failed
}

// AttemptShift is the number of bits of the sequence in a version.
const AttemptShift = 32

// Version returns attempt × 2³² + sequence. It never decreases during a job's life, so clients
// ignore updates with a lower version.
func (j *Job) Version() int64 { return j.Attempt<<AttemptShift + j.Sequence }

// Phase is the current step of a running job, as a Status.
type Phase = Status

// Progress is the progress of a job. Its counts refer to stored data. They never decrease, except
// when a new attempt starts from the beginning.
type Progress struct {
	Phase         Phase         `json:"phase"`
	Percent       int           `json:"percent"` // 0–100; at most 99 until the file is verified
	Users         FileProgress  `json:"users"`
	StateEvents   *FileProgress `json:"stateEvents"`   // nil if the job has no state events file
	RowsPerSecond float64       `json:"rowsPerSecond"` // over the last few seconds
	ETASeconds    *int64        `json:"etaSeconds"`    // nil while unknown
	Throughput    *Throughput   `json:"throughput"`    // nil until rows are read, and in jobs of older versions
}

// Throughput is the number of rows read in each interval since From, across attempts. It counts
// rows again that a later attempt reads again. After 60 samples the interval doubles.
type Throughput struct {
	From       Time     `json:"from"`
	IntervalMS int64    `json:"intervalMs"`
	Rows       []*int64 `json:"rows"` // nil for an interval without a running attempt
}

// FileProgress is the progress of one file. For a state events file, users counts the events read.
type FileProgress struct {
	Bytes           int64 `json:"bytes"` // X in "X / Y MB"; never decreases within an attempt
	BytesTotal      int64 `json:"bytesTotal"`
	BytesTotalExact bool  `json:"bytesTotalExact"` // false while BytesTotal is an estimate
	Rows            int64 `json:"rows"`
	RowsTotal       int64 `json:"rowsTotal"`
	Users           int64 `json:"users"`
	UsersTotal      int64 `json:"usersTotal"`
}

// FileKind is the kind of one of a job's files.
type FileKind string

// The kinds of file.
const (
	UsersFile       FileKind = "users"
	StateEventsFile FileKind = "state_events"
)

// File is a complete, verified file. For a stored file, Egress has read the object back and checked
// its rows, bytes and hash.
type File struct {
	Kind FileKind
	Name string // users_<tenant>_<UTC>.csv, state_events_<tenant>_<UTC>.csv
	Key  string // the object key in the bucket; never shown. "" for a streamed file
	// Location is the bucket of the object. It is empty for streamed files and for files of older
	// versions.
	Location Location
	Bytes    int64
	Rows     int64 // without the header
	Users    int64 // for a state events file, the number of events read; clients see UserCount
	Columns  int
	SHA256   string // lower-case hex, of the file as stored

	Plain    int64     // bytes of CSV before compression; 0 in files of older versions, see CSVBytes
	Matched  int64     // users that matched when the export was prepared
	ProvenAt time.Time // when the stored object was verified; zero in files of older versions
	MadeBy   string    // the version of Egress
	Attempts int       // the number of attempts for this file; 0 in files of older versions

	// ReadAsOf are the moments as of which the users or state events were read, in ascending order:
	// each row shows its user as of one of them. Nil if the store has no snapshots, and in files of
	// older versions.
	ReadAsOf []time.Time `json:",omitempty"`
}

// FileOf returns the job's complete file of a kind, or nil.
func (j *Job) FileOf(kind FileKind) *File {
	for i := range j.Files {
		if j.Files[i].Kind == kind {
			return &j.Files[i]
		}
	}
	return nil
}

// ColumnsOf returns the fixed columns of a file, or nil before the file is prepared.
func (j *Job) ColumnsOf(kind FileKind) []Column {
	if kind == StateEventsFile {
		return j.EventColumns
	}
	return j.Columns
}

// UserCount returns the number of users in the file, or nil for a state events file: its events are
// in the order of their times, so its distinct users cannot be counted in bounded memory.
func (f File) UserCount() *int64 {
	if f.Kind == StateEventsFile {
		return nil
	}
	return &f.Users
}

// CSVBytes returns the number of bytes of CSV before compression.
func (f File) CSVBytes() int64 { return cmp.Or(f.Plain, f.Bytes) }

// Warning informs the reader of a file about a deviation. It contains no personal data.
type Warning struct {
	Code    string `json:"code"` // "no_column", "users_changed", …
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // the affected column or name
	Count   int64  `json:"count,omitempty"`
	// File is the affected file; "" for the users file.
	File FileKind `json:"file,omitempty"`
}

// Failure is the reason why a job failed.
type Failure struct {
	Code    errs.Code `json:"code"`
	Message string    `json:"message"` // one sentence for the user
}

// Event is one entry of a job's history.
type Event struct {
	Time time.Time `json:"time"`
	// Kind is queued, prepared, written, verified, a final status, interrupted (another attempt
	// follows), attempt (an attempt began), resumed (reading or the file resumed), restarted (the
	// file starts from the beginning) or EventDownloaded.
	Kind    string `json:"kind"`
	Message string `json:"message"`
	// Download is set in events of kind EventDownloaded.
	Download *Download `json:"download,omitempty"`
}

// ColumnSource is the part of a user that a column shows.
type ColumnSource string

// The column sources.
const (
	FromUser       ColumnSource = "user"              // a top-level value; Key is its JSON path ("identifiers.email_address")
	FromStore      ColumnSource = "user_store"        // the title of the user's store
	FromAttribute  ColumnSource = "attributes"        // Key is the slug
	FromForeignKey ColumnSource = "foreign_keys"      // Key is the system
	FromProfile    ColumnSource = "extended_profiles" // Key is the app id, not escaped
	FromGrant      ColumnSource = "grant"             // Key is the column's short name ("product_id", "start")
	FromEvent      ColumnSource = "state_event"       // Key is the column's name ("time", "from_state")
)

// Column is one column of a file. Name is its header.
type Column struct {
	Name   string       `json:"name"`
	Source ColumnSource `json:"source"`
	Key    string       `json:"key"`
	Type   string       `json:"type,omitempty"` // the input type of an attribute
}
