package pipeline

import (
	"context"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

// Accounts reads the customer's accounts, at majority.
type Accounts interface {
	// AccountNames returns the names of those accounts among ids that exist.
	AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error)
}

// Users reads a tenant's users.
type Users interface {
	Documents
	// MatchingIDs returns the ids among ids whose users are selected.
	MatchingIDs(ctx context.Context, tenant string, s filter.Selection, ids []string) (map[string]struct{}, error)
}

// Documents reads one of a tenant's collections in ascending _id order. The comments say "users",
// and apply to state events too: their ids begin with their time.
type Documents interface {
	// Count returns exactly how many users are selected now. A run may read another number if users
	// change.
	Count(ctx context.Context, tenant string, s filter.Selection) (int64, error)
	// NonStringIDType returns the BSON type names of ids that are not strings, "" if all are
	// strings.
	NonStringIDType(ctx context.Context, tenant string) (types string, err error)
	// SegmentEnd returns the id of the nth user (n >= 2) greater than after, among those that Read
	// scans, whether or not they match. It returns "" if there are fewer. After ErrCursorLost the
	// caller may retry.
	SegmentEnd(ctx context.Context, tenant string, s filter.Selection, after string, n int) (id string, err error)
	// Read opens a cursor over the selected users of a range of ids, in ascending _id order, with
	// readConcern majority. The projection names the fields that the file needs. The caller closes
	// the cursor. After ErrCursorLost the caller may retry.
	Read(ctx context.Context, tenant string, s filter.Selection, projection bson.D, span IDRange) (Cursor, error)
}

// Cursor returns raw documents.
type Cursor interface {
	// Next returns the next document, which is valid until the following call, and io.EOF at the
	// end. After ErrCursorLost the caller may reopen the cursor after the last id. Every other
	// error is final.
	Next(ctx context.Context) (bson.Raw, error)
	// Close frees the cursor on the server, even if the context of Read is cancelled. A second call
	// is a no-op.
	Close() error
}

// Snapshots is implemented by stores that can be read as of one moment. The store of MongoDB is not
// one of them.
type Snapshots interface {
	// Snapshot opens a view of a tenant's users and state events as of now. At most readers cursors
	// are open at the same time; other calls may come from several goroutines at once, and may wait
	// for one another. The caller closes its cursors, then the snapshot.
	Snapshot(ctx context.Context, tenant string, readers int) (Snapshot, error)
}

// Snapshot is a tenant's users and state events as of one moment. It is safe for concurrent use.
type Snapshot interface {
	Users() Users
	Events() Documents
	// Moments returns as of when the snapshot shows the data, in ascending order: one moment, and
	// another one for each time that the store moved the snapshot on, because an old snapshot takes
	// too much space. A cursor of an earlier moment then returns ErrCursorLost, and may be reopened
	// after the last id. Moments contains a moment before any call returns data of it.
	Moments() []time.Time
	Close() error
}

// Storage stores files. Every error is the context's, or wraps ErrNoObject, ErrNoUpload, or a
// DependencyError with the class of the failure. Implementations retry throttled calls before they
// fail.
type Storage interface {
	// Create starts a multipart upload under key. The object is not visible before Complete.
	Create(ctx context.Context, key, contentType string) (Upload, error)
	// Resume returns a handle on the upload with this key and id. It sends no request.
	Resume(key, id string) Upload
	// Put stores a small object under key in one request.
	Put(ctx context.Context, key, contentType string, body []byte) error
	// Head returns the size and ETag of the object at key, or ErrNoObject.
	Head(ctx context.Context, key string) (Object, error)
	// Open reads the object at key from its first byte, or returns ErrNoObject. The caller closes
	// it.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete removes the object at key. It succeeds if the object does not exist.
	Delete(ctx context.Context, key string) error
	// Abort aborts every unfinished upload whose key begins with prefix, and returns once the
	// storage lists none.
	Abort(ctx context.Context, prefix string) error
	// Presign returns a URL that downloads the object at key under the name filename, and when it
	// expires.
	Presign(ctx context.Context, key, filename string, lifetime time.Duration) (url string, expires time.Time, err error)
}

// Upload is a multipart upload. Parts may be stored concurrently; Complete comes last, after all of
// them. Storage.Abort drops an upload.
type Upload interface {
	// ID returns the storage's upload id.
	ID() string
	// Part stores part number n (from 1) and returns the storage's response. Every part but the
	// last has at least MinPart bytes. Part does not keep body after it returns. It replaces an
	// existing part n.
	Part(ctx context.Context, n int, body []byte) (StoredPart, error)
	// Parts lists the stored parts in ascending order of their numbers, or returns ErrNoUpload.
	Parts(ctx context.Context) ([]StoredPart, error)
	// Complete assembles the object from parts, which are numbered from 1 without a gap, and drops
	// stored parts with higher numbers. For a part without a checksum, Complete uses the storage's
	// own listing.
	Complete(ctx context.Context, parts []StoredPart) error
}

// StoredPart is a part as the storage reports it.
type StoredPart struct {
	Number   int
	ETag     string
	Bytes    int64
	Checksum string // CRC32 in base64; "" if the storage returned none
}

// Object is a finished object as the storage reports it.
type Object struct {
	Bytes int64
	ETag  string
}

// The limits of S3 for parts (Amazon S3, "Multipart upload limits").
const (
	MinPart  = 5 << 20 // bytes, of every part except the last
	MaxParts = 10_000
)

// Observer records how a run proceeds. An error of it ends the run. ErrFenced means that a newer
// attempt, a cancel or an expiry owns the job: the run then writes nothing more, except for
// clean-up.
type Observer interface {
	// Prepared stores the frozen columns of a file, and moves the job to the phase of p.
	Prepared(ctx context.Context, kind export.FileKind, columns []export.Column, p export.Progress) error
	// Uploading is called before the run creates an upload under key, so that a crash leaves no
	// unknown parts.
	Uploading(ctx context.Context, key string) error
	// Checkpoint receives how far the file is stored; the next attempt resumes there. It does not
	// block, and keeps only the latest checkpoint.
	Checkpoint(at export.Checkpoint)
	// Completing stores a checkpoint before the upload is completed: after that the upload may not
	// exist.
	Completing(ctx context.Context, at export.Checkpoint) error
	// Finished stores a verified file that another file follows, and clears the checkpoint.
	Finished(ctx context.Context, file export.File, warnings []export.Warning) error
	// Progress receives the current counts. It is called often, does not block, and keeps only the
	// latest.
	Progress(p export.Progress)
	// Event appends a line to the job's history.
	Event(kind, message string)
}
