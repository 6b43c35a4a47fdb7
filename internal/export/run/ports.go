package run

import (
	"context"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Directory is what a tenant has beside its users. All calls read at majority.
type Directory interface {
	Schema(ctx context.Context, tenant string) (users.Schema, error)
	Registry(ctx context.Context, tenant string) (users.Registry, error)
	Stores(ctx context.Context, tenant string) ([]users.Store, error)
	Products(ctx context.Context, tenant string) ([]users.Product, error)
	// AccountNames returns the names of the accounts among ids that exist.
	AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error)
}

// Users reads a tenant's users.
type Users interface {
	Documents
	// Among returns which of the ids are of users who match.
	Among(ctx context.Context, tenant string, match bson.D, ids []string) (map[string]struct{}, error)
}

// Documents reads one of a tenant's collections in the order of its ids. What is said of users here holds for state events,
// too: their ids begin with their time.
type Documents interface {
	// Match turns a definition's selection into a condition of the database. Errors carry export.CodeInvalid and name
	// the rule.
	Match(ctx context.Context, tenant string, def export.Definition) (bson.D, error)
	// Count returns how many users match now. On a living store it is an estimate of what a run will meet.
	Count(ctx context.Context, tenant string, match bson.D) (int64, error)
	// ForeignIDs returns the BSON type of an _id that is not a string, or "" where every _id is one.
	ForeignIDs(ctx context.Context, tenant string) (bsonType string, err error)
	// Boundary returns the id of the nth user behind after, n at least 2, of those that Read passes over, whether or not
	// they match; "" where there are fewer. ErrCursorLost means that asking again may work.
	Boundary(ctx context.Context, tenant string, match bson.D, after string, n int) (id string, err error)
	// Read opens a cursor over the matching users of a span, in ascending _id order, at majority. The projection names what
	// the file needs. The caller closes the cursor. ErrCursorLost means that opening it again may work.
	Read(ctx context.Context, tenant string, match, projection bson.D, span Span) (Cursor, error)
}

// Cursor yields raw users.
type Cursor interface {
	// Next returns the next document, valid until the following call, and io.EOF once the cursor is exhausted: any
	// other end is an error. ErrCursorLost means that reopening after the last id may work.
	Next(ctx context.Context) (bson.Raw, error)
	// Close frees the cursor on the server. It works after the context of Read was cancelled, and may be called twice.
	Close() error
}

// Storage keeps files. Every error is either the context's, or wraps ErrNoObject, or is a failure of the storage.
type Storage interface {
	// Create begins an upload under key. Nothing is visible there until Complete.
	Create(ctx context.Context, key, contentType string) (Upload, error)
	// Resume returns an upload that was begun under key before and has this id. It asks the storage nothing.
	Resume(key, id string) Upload
	// Put stores a small object under key at once.
	Put(ctx context.Context, key, contentType string, body []byte) error
	// Head tells size and parts of the object at key, or ErrNoObject.
	Head(ctx context.Context, key string) (Object, error)
	// Open reads the object at key from its first byte, or ErrNoObject.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete removes the object at key; that there is none is no error.
	Delete(ctx context.Context, key string) error
	// Abort ends every unfinished upload whose key begins with prefix, and returns once the storage lists none.
	Abort(ctx context.Context, prefix string) error
	// Presign signs a link that downloads the object at key under the name filename, and tells when it ends.
	Presign(ctx context.Context, key, filename string, lifetime time.Duration) (url string, expires time.Time, err error)
}

// Upload is an object on its way. Parts may be stored concurrently; Complete comes last and alone. Storage.Abort drops it.
type Upload interface {
	// ID is what the storage calls the upload.
	ID() string
	// Part stores part number n (from 1) and returns its ETag. Every part but the last has at least MinPart bytes. The
	// body is not kept after the call returns. A part that is there already is replaced.
	Part(ctx context.Context, n int, body []byte) (etag string, err error)
	// Parts lists what is stored, in the order of the numbers, or ErrNoUpload.
	Parts(ctx context.Context) ([]StoredPart, error)
	// Complete makes the object of the parts, whose order is their number. Parts behind them are dropped.
	Complete(ctx context.Context, etags []string) error
}

// StoredPart is what the storage says of a part.
type StoredPart struct {
	Number int
	ETag   string
	Bytes  int64
}

// Object is what the storage says of a finished object.
type Object struct {
	Bytes int64
	ETag  string
}

// The storage's rules for parts (Amazon S3, "multipart upload limits").
const (
	MinPart  = 5 << 20 // bytes, of every part but the last
	MaxParts = 10_000
)

// Observer hears how a run goes and keeps it. Its errors end the run; ErrFenced means that a newer attempt, a cancel
// or an expiry owns the job, and that nothing more may be written but clean-up.
type Observer interface {
	// Prepared keeps what preparing a file froze, and moves the job to the phase of p.
	Prepared(ctx context.Context, kind export.FileKind, columns []export.Column, p export.Progress) error
	// Uploading is called before anything is stored under key, so that a crash leaves no part that nobody knows of.
	Uploading(ctx context.Context, key string) error
	// Checkpoint hears how far the file is stored, so that a further attempt goes on there. It does not block and keeps only
	// the latest.
	Checkpoint(at export.Checkpoint)
	// Completing keeps a checkpoint before the object is made of its parts: from then on the upload may be gone.
	Completing(ctx context.Context, at export.Checkpoint) error
	// Finished keeps a proven file behind which another follows; there is no checkpoint then.
	Finished(ctx context.Context, file export.File, warnings []export.Warning) error
	// Progress hears the newest counts. It does not block and keeps only the latest; it is called often.
	Progress(p export.Progress)
	// Event adds a line to the job's history.
	Event(kind, message string)
}
