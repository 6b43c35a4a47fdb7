package export

import (
	"cmp"
	"slices"

	"github.com/egress-io/egress/internal/errs"
)

// Location is the S3 bucket that stores a file. It contains no secret.
type Location struct {
	Bucket   string `json:"bucket,omitempty"`
	Endpoint string `json:"endpoint,omitempty"` // the URL of the S3 service; "" for Amazon S3
}

// String returns the location for messages.
func (l Location) String() string { return l.Bucket + " at " + cmp.Or(l.Endpoint, "Amazon S3") }

// Reach is the storage that a process is configured for. It determines which files the process can
// read, link to and delete.
type Reach struct {
	Current Location // the current storage; without a bucket, Check accepts all files
	Former  []string // former endpoints of the same storage
}

// Check returns errs.CodeStoredElsewhere if the process cannot access a file at the location. It
// accepts a file without a bucket: older versions did not record locations.
func (r Reach) Check(file Location) error {
	if r.Current.Bucket == "" || file.Bucket == "" || file == r.Current {
		return nil
	}
	if file.Bucket == r.Current.Bucket && slices.Contains(r.Former, file.Endpoint) {
		return nil
	}
	return errs.Errorf(errs.CodeStoredElsewhere, "The file is stored in bucket %s; this server is configured for bucket %s.", file, r.Current)
}
