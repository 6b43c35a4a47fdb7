package sqlite

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
	"zombiezen.com/go/sqlite"
)

var (
	// ErrDamagedArchive means that a file is not a complete, unchanged archive.
	ErrDamagedArchive = errors.New("the archive is damaged, incomplete, or not a backup of Egress")
	// ErrHasData means that the directory of a restore contains data that the restore would replace.
	ErrHasData = errors.New("the directory contains data")
)

// Restore creates a database from an archive that Backup wrote. The directory must not have a
// database, and no process may use it; otherwise the error is ErrHasData. Secret files that exist
// must equal those of the archive. Restore checks all hashes and the integrity of every file before
// it creates the database: after an error, none exists.
func Restore(ctx context.Context, path string, o BackupOptions) (manifest BackupManifest, err error) {
	if err := requireEmpty(o.Dir); err != nil {
		return manifest, err
	}
	parent := filepath.Dir(o.Dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return manifest, fmt.Errorf("create the directory: %w", err)
	}
	if err := removeLeftovers(parent); err != nil {
		return manifest, err
	}
	scratch, err := os.MkdirTemp(parent, scratchPattern) // mode 0700, on the file system of Dir
	if err != nil {
		return manifest, fmt.Errorf("create the directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	e := &extraction{
		database: filepath.Join(scratch, "database"), secretDir: filepath.Join(scratch, "secrets"),
		secrets: map[string]string{}, found: map[string]BackupFile{},
	}
	for _, path := range o.SecretFiles {
		e.secrets[filepath.Base(path)] = path
	}
	if err := e.extract(ctx, path, o); err != nil {
		return manifest, err
	}
	if err := e.check(ctx); err != nil {
		return manifest, err
	}
	return e.manifest, e.install(o.Dir)
}

const scratchPattern = ".egress-restore-*"

// removeLeftovers removes what restores left that were killed.
func removeLeftovers(parent string) error {
	old, err := filepath.Glob(filepath.Join(parent, scratchPattern))
	for _, path := range old {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// requireEmpty returns ErrHasData if a directory has more than an empty directory of tenants.
func requireEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for data: %w", err)
	}
	for _, e := range entries {
		if e.Name() == "tenants" {
			if inside, err := os.ReadDir(filepath.Join(dir, "tenants")); err == nil && len(inside) == 0 {
				continue
			}
		}
		return fmt.Errorf("%s: %w", filepath.Join(dir, e.Name()), ErrHasData)
	}
	return nil
}

// extraction is an archive that is being restored.
type extraction struct {
	database, secretDir string                // directories of the extracted files
	secrets             map[string]string     // the targets of secret files, by name
	found               map[string]BackupFile // extracted so far, with their measured sizes and hashes
	manifest            BackupManifest
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrDamagedArchive, fmt.Errorf(format, args...))
}

// archiveReader marks the errors of an archive, so that they differ from those of the disk that the
// files are written to.
type archiveReader struct{ from io.Reader }

func (r archiveReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a wrapped io.EOF is not the end
		err = damaged("%w", err)
	}
	return n, err
}

// extract writes the files of an archive, and compares them with its manifest.
func (e *extraction) extract(ctx context.Context, path string, o BackupOptions) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the archive: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("read the archive: %w", err)
	}
	progress := &progressReader{ctx: ctx, from: file, report: func(n int64) { o.report(n, info.Size()) }}
	z, err := zstd.NewReader(progress, zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return damaged("%w", err)
	}
	defer z.Close()
	for _, dir := range []string{e.database, filepath.Join(e.database, "tenants"), e.secretDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("extract the archive: %w", err)
		}
	}
	members := tar.NewReader(archiveReader{z})
	for {
		h, err := members.Next()
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == io.EOF:
			return damaged("it has no manifest")
		case err != nil:
			return damaged("%w", err)
		}
		if h.Name == manifestName {
			break
		}
		if err := e.extractMember(h, members); err != nil {
			return err
		}
	}
	if err := e.readManifest(members); err != nil {
		return fileError(path, err)
	}
	if _, err := members.Next(); err != io.EOF {
		return damaged("a file follows the manifest")
	}
	if _, err := io.Copy(io.Discard, archiveReader{z}); err != nil { // also compares the checksums of zstd
		return err
	}
	return e.compare()
}

// extractMember writes a file of the archive.
func (e *extraction) extractMember(h *tar.Header, content io.Reader) error {
	database, isDatabase := newDatabaseFile(h.Name)
	secret, isSecret := e.secrets[h.Name]
	path := filepath.Join(e.database, database.name)
	if isSecret {
		path = filepath.Join(e.secretDir, filepath.Base(secret))
	}
	if _, twice := e.found[h.Name]; twice || h.Typeflag != tar.TypeReg || !isDatabase && !isSecret || isSecret && h.Size > maxSecretFile {
		return damaged("it has the unexpected file %q", h.Name)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("extract the archive: %w", err)
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, hash), content)
	err = errors.Join(err, f.Sync(), f.Close())
	switch {
	case errors.Is(err, ErrDamagedArchive):
		return err
	case err != nil:
		return fmt.Errorf("extract the archive: %w", err)
	}
	e.found[h.Name] = BackupFile{Name: h.Name, Bytes: n, SHA256: hex.EncodeToString(hash.Sum(nil))}
	return nil
}

func (e *extraction) readManifest(from io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(from, maxManifest))
	if err != nil {
		return damaged("%w", err)
	}
	if err := json.Unmarshal(text, &e.manifest); err != nil {
		return damaged("its manifest: %w", err)
	}
	if e.manifest.Format > archiveFormat {
		return settingsError("The archive %s has a newer format.", "Restore it with the version of Egress that wrote it, or a newer one.")
	}
	return nil
}

// compare compares the extracted files with the manifest.
func (e *extraction) compare() error {
	for _, want := range e.manifest.Files {
		got, found := e.found[want.Name]
		if !found || got.Bytes != want.Bytes || got.SHA256 != want.SHA256 {
			return damaged("the file %s is missing or differs from the manifest", want.Name)
		}
	}
	if len(e.found) != len(e.manifest.Files) || !e.manifest.Has(controlName) {
		return damaged("its files differ from the manifest")
	}
	return nil
}

// check checks every database file, and that no secret file would be replaced.
func (e *extraction) check(ctx context.Context) error {
	for _, m := range e.manifest.Files {
		target, isSecret := e.secrets[m.Name]
		if isSecret {
			existing, err := os.ReadFile(target)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			content, readErr := os.ReadFile(filepath.Join(e.secretDir, m.Name))
			if err = errors.Join(err, readErr); err != nil {
				return fmt.Errorf("compare %s: %w", m.Name, err)
			}
			if !bytes.Equal(existing, content) {
				return fmt.Errorf("%s: %w", target, ErrHasData)
			}
			continue
		}
		f, _ := newDatabaseFile(m.Name)
		path := filepath.Join(e.database, f.name)
		if err := f.checkRestored(ctx, path); err != nil {
			return fileError(path, err)
		}
		if err := syncPath(path); err != nil {
			return err
		}
	}
	return nil
}

// checkRestored checks the identity and the integrity of a file, with its indexes.
func (f databaseFile) checkRestored(ctx context.Context, path string) (err error) {
	c, err := connect(path, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.exec("PRAGMA query_only = on"); err != nil {
		return err
	}
	schema, err := f.checkIdentity(c)
	if err == nil && schema == 0 {
		err = fmt.Errorf("%w: no tables", sqlite.ResultNotADB.ToError())
	}
	if err != nil {
		return err
	}
	return runCheck(ctx, c, "PRAGMA integrity_check(1)")
}

// install moves the files to their places. The directory of the database comes last, in one step:
// without it, the restore can be repeated.
func (e *extraction) install(dir string) error {
	for _, path := range []string{filepath.Join(e.database, "tenants"), e.database} {
		if err := syncPath(path); err != nil {
			return err
		}
	}
	for name, target := range e.secrets {
		from := filepath.Join(e.secretDir, name)
		if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) || !e.manifest.Has(name) {
			continue
		}
		if err := os.Rename(from, target); err != nil {
			return fmt.Errorf("install %s: %w", name, err)
		}
		if err := syncPath(filepath.Dir(target)); err != nil {
			return err
		}
	}
	for _, empty := range []string{filepath.Join(dir, "tenants"), dir} {
		if err := os.Remove(empty); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("install the database: %w", err)
		}
	}
	if err := os.Rename(e.database, dir); err != nil {
		return fmt.Errorf("install the database: %w", err)
	}
	return syncPath(filepath.Dir(dir))
}
