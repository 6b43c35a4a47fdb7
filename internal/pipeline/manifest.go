package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// Manifest describes a file and how it was made. It is stored next to the file, under ManifestKey.
type Manifest struct {
	Format     int               `json:"format"` // version of the manifest format: 1
	Egress     string            `json:"egress"` // the version that wrote the file
	JobID      string            `json:"jobId"`
	Tenant     string            `json:"tenant"`
	Definition export.Definition `json:"definition"`
	Words      string            `json:"words"` // the definition as an English sentence

	File    ManifestFile `json:"file"`
	Columns []string     `json:"columns"`

	CreatedAt export.Time  `json:"createdAt"`
	StartedAt *export.Time `json:"startedAt"`
	ProvenAt  export.Time  `json:"provenAt"` // when the stored file was verified
	Attempts  int          `json:"attempts"`

	// ReadAsOf are the moments as of which the users or state events were read: more than one if
	// attempts resumed the file, or if the store moved the snapshot on. Absent if the store has no
	// snapshots.
	ReadAsOf []export.Time `json:"readAsOf,omitempty"`

	UsersMatched *int64           `json:"usersMatched"` // when the export was prepared; null for state events
	Warnings     []export.Warning `json:"warnings"`
}

// ManifestFile describes the file in its manifest.
type ManifestFile struct {
	Kind        export.FileKind    `json:"kind"`
	Name        string             `json:"name"`
	Dialect     export.Dialect     `json:"dialect"`
	Compression export.Compression `json:"compression"`
	Bytes       int64              `json:"bytes"`    // as stored
	CSVBytes    int64              `json:"csvBytes"` // before compression
	Rows        int64              `json:"rows"`     // without the header
	Users       *int64             `json:"users"`    // null for state events
	SHA256      string             `json:"sha256"`   // of the file as stored, in hex
}

// ManifestKey returns the key of the manifest of the file at key.
func ManifestKey(key string) string { return key + ".manifest.json" }

// NewManifest returns the manifest of a job's verified file. It selects the file's own warnings.
// For a finished job the result equals the stored manifest.
func NewManifest(job *export.Job, file export.File, columns []export.Column, warnings []export.Warning) Manifest {
	m := Manifest{
		Format: 1, Egress: file.MadeBy, JobID: job.ID, Tenant: job.Tenant, Definition: job.Definition, Words: job.Words,
		File: ManifestFile{
			Kind: file.Kind, Name: file.Name, Dialect: job.Definition.File.Dialect, Compression: job.Definition.File.Compression,
			Bytes: file.Bytes, CSVBytes: file.CSVBytes(), Rows: file.Rows, Users: file.UserCount(), SHA256: file.SHA256,
		},
		Columns: make([]string, 0, len(columns)), CreatedAt: export.NewTime(job.CreatedAt), ProvenAt: export.NewTime(file.ProvenAt),
		Attempts: cmp.Or(file.Attempts, job.Resumes+1), Warnings: []export.Warning{},
	}
	if m.File.Users != nil {
		m.UsersMatched = &file.Matched
	}
	for _, at := range file.ReadAsOf {
		m.ReadAsOf = append(m.ReadAsOf, export.NewTime(at))
	}
	for _, w := range warnings {
		if cmp.Or(w.File, export.UsersFile) == file.Kind {
			m.Warnings = append(m.Warnings, w)
		}
	}
	for _, c := range columns {
		m.Columns = append(m.Columns, c.Name)
	}
	if job.StartedAt != nil {
		at := export.NewTime(*job.StartedAt)
		m.StartedAt = &at
	}
	return m
}

// Text returns the manifest as it is stored and served: indented JSON with a final newline.
func (m Manifest) Text() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

// storeManifest completes the receipt of a verified file, and stores its manifest.
func (t *task) storeManifest(ctx context.Context, cp export.Checkpoint, file *export.File) error {
	file.ProvenAt = t.runner.o.Clock().UTC().Truncate(time.Millisecond)
	file.MadeBy, file.Attempts = t.runner.o.Version, t.job.Resumes+1
	warnings := append(slices.Clip(t.job.Warnings), t.warnings(cp)...)
	body, err := NewManifest(t.job, *file, t.columns, warnings).Text()
	if err != nil {
		return wrapFailure(ctx, errs.CodeInternal, err, "Egress could not encode the manifest.")
	}
	err = t.runner.o.Storage.Put(ctx, ManifestKey(file.Key), "application/json", body)
	return wrapFailure(ctx, errs.CodeStorageUnavailable, err, msgStoreFailed)
}
