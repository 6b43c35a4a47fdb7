package sqlite

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/klauspost/compress/zstd"
)

// An archive is a tar file, compressed with zstd. Its last member is the manifest, so an incomplete
// archive has none.
const (
	manifestName  = "manifest.json"
	archiveFormat = 1
	maxManifest   = 64 << 20 // in bytes
	maxSecretFile = 1 << 20  // in bytes
	maxWindow     = 64 << 20 // of zstd, in bytes: limits the memory of a restore
)

// BackupManifest describes an archive.
type BackupManifest struct {
	Format  int          `json:"format"` // 1
	Egress  string       `json:"egress"` // the version that wrote the archive
	Created time.Time    `json:"created"`
	Files   []BackupFile `json:"files"` // in the order of the archive
}

// BackupFile is a file in an archive.
type BackupFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hex

	// Of database files only.
	Schema   int        `json:"schema,omitempty"`   // the version of its schema
	ReadAsOf *time.Time `json:"readAsOf,omitempty"` // the moment as of which it was copied
}

// Databases returns the number of database files.
func (m BackupManifest) Databases() (n int) {
	for _, f := range m.Files {
		if f.ReadAsOf != nil {
			n++
		}
	}
	return n
}

// Has reports whether the archive contains a file.
func (m BackupManifest) Has(name string) bool {
	for _, f := range m.Files {
		if f.Name == name {
			return true
		}
	}
	return false
}

// archiveWriter writes an archive.
type archiveWriter struct {
	file     *os.File
	zstd     *zstd.Encoder
	tar      *tar.Writer
	manifest BackupManifest
}

// newArchiveWriter creates the file of an archive.
func newArchiveWriter(path, version string) (*archiveWriter, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create the archive: %w", err)
	}
	z, err := zstd.NewWriter(file, zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	return &archiveWriter{file, z, tar.NewWriter(z), BackupManifest{Format: archiveFormat, Egress: version, Created: now}}, nil
}

// add adds the file at path. It completes f with the size and the hash. Written, if not nil, is
// called with the number of bytes so far.
func (w *archiveWriter) add(ctx context.Context, f BackupFile, path string, written func(int64)) (err error) {
	from, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read a file for the archive: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	info, err := from.Stat()
	if err != nil {
		return fmt.Errorf("read a file for the archive: %w", err)
	}
	if err := w.writeHeader(f.Name, info.Size()); err != nil {
		return err
	}
	hash := sha256.New()
	f.Bytes, err = io.Copy(io.MultiWriter(w.tar, hash), &progressReader{ctx: ctx, from: from, report: written})
	if err != nil {
		return fmt.Errorf("write %s to the archive: %w", f.Name, err)
	}
	f.SHA256 = hex.EncodeToString(hash.Sum(nil))
	w.manifest.Files = append(w.manifest.Files, f)
	return nil
}

func (w *archiveWriter) writeHeader(name string, size int64) error {
	err := w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: w.manifest.Created})
	if err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

func (w *archiveWriter) addManifest() error {
	text, err := json.MarshalIndent(w.manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the manifest: %w", err)
	}
	if err := w.writeHeader(manifestName, int64(len(text))); err != nil {
		return err
	}
	if _, err := w.tar.Write(text); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

// close ends the archive and waits until it is on the disk.
func (w *archiveWriter) close() error {
	if err := errors.Join(w.tar.Close(), w.zstd.Close(), w.file.Sync(), w.file.Close()); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

// progressReader reads until the context ends.
type progressReader struct {
	ctx    context.Context
	from   io.Reader
	report func(int64) // may be nil
	n      int64
}

func (r *progressReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	n, err := r.from.Read(p)
	if r.n += int64(n); r.report != nil && n > 0 {
		r.report(r.n)
	}
	return n, err //nolint:wrapcheck // io.EOF must stay as it is
}

// syncPath writes a file or the entries of a directory to the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("write to the disk: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write to the disk: %w", err)
	}
	return nil
}
