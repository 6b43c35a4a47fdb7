package pipeline

import (
	"strconv"

	"github.com/egress-io/egress/internal/export"
)

// Name returns the name of a job's file: users_<tenant>_<UTC>.csv or
// state_events_<tenant>_<UTC>.csv, with the suffix of its compression.
func Name(job *export.Job, kind export.FileKind) string {
	return string(kind) + "_" + job.Tenant + "_" + job.CreatedAt.UTC().Format("20060102T150405Z") + ".csv" + job.Definition.File.Compression.Suffix()
}

// Prefix returns the common prefix of the storage keys of a job.
func Prefix(job *export.Job) string { return job.Tenant + "/" + job.ID + "/" }

// Key returns the storage key of the file that the job's current attempt starts. The key contains
// the attempt, because S3 has no fencing: an attempt that lost its job must not overwrite a newer
// file.
func Key(job *export.Job, kind export.FileKind) string {
	return Prefix(job) + strconv.FormatInt(job.Attempt, 10) + "/" + Name(job, kind)
}

// ContentType returns the media type of a file.
func ContentType(c export.Compression) string {
	switch c {
	case export.CompressionGzip:
		return "application/gzip"
	case export.CompressionZstd:
		return "application/zstd"
	default:
		return "text/csv; charset=utf-8"
	}
}
