package sqlite

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"zombiezen.com/go/sqlite"

	"github.com/egress-io/egress/internal/errs"
)

// newArchive returns the path of an archive, and its content.
func newArchive(t *testing.T) (path string, content []byte) {
	t.Helper()
	data, _ := newData(t)
	path = filepath.Join(t.TempDir(), "backup")
	if _, err := Backup(t.Context(), path, backupOptions(data)); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, content
}

// requireRefused restores an archive and fails if anything is left. It returns the error.
func requireRefused(t *testing.T, path string) error {
	t.Helper()
	data, err := restore(t, path)
	if err == nil {
		t.Error("restored")
		return nil
	}
	requireOnly(t, data)
	return err
}

func TestDamagedArchive(t *testing.T) {
	path, content := newArchive(t)
	for at := 0; at < len(content); at += max(1, len(content)/60) {
		changed := []byte(string(content))
		changed[at] ^= 0x5a
		if sameArchive(t, changed, content) {
			continue
		}
		writeText(t, path, string(changed))
		if err := requireRefused(t, path); !errors.Is(err, ErrDamagedArchive) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
	for _, length := range []int{0, 1, len(content) / 3, len(content) / 2, len(content) - 1000, len(content) - 4, len(content) - 1} {
		writeText(t, path, string(content[:length]))
		if err := requireRefused(t, path); !errors.Is(err, ErrDamagedArchive) {
			t.Errorf("%d of %d bytes: %v", length, len(content), err)
		}
	}
}

// sameArchive reports whether two archives have the same content. Zstd has several ways to write it: a
// repeated byte, for instance, may be copied from several places.
func sameArchive(t *testing.T, a, b []byte) bool {
	t.Helper()
	z, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	want, err := z.DecodeAll(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := z.DecodeAll(a, nil)
	return err == nil && bytes.Equal(got, want)
}

// rebuilt returns an archive of a database after change, with a correct manifest.
func rebuilt(t *testing.T, change func(dir string), add func(w *archiveWriter) error) string {
	t.Helper()
	data, db := newData(t)
	for n := range 20 { // so that the last page is one of data
		putNumber(t, db, "", n)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	change(backupOptions(data).Dir)
	path := filepath.Join(t.TempDir(), "backup")
	w, err := newArchiveWriter(path, "v4.test")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tenants/a.db", "tenants/b.db", "control.db"} {
		err = errors.Join(err, w.add(t.Context(), BackupFile{Name: name}, filepath.Join(data, "sqlite", name), nil))
	}
	if add != nil {
		err = errors.Join(err, add(w))
	}
	if err := errors.Join(err, w.addManifest(), w.close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func setVersion(t *testing.T, path string, version int) {
	t.Helper()
	c, err := connect(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.exec(fmt.Sprintf("PRAGMA user_version = %d", version)), c.close()); err != nil {
		t.Fatal(err)
	}
}

func TestRestoreRefusesFiles(t *testing.T) {
	for name, test := range map[string]struct {
		change func(dir string)
		add    func(w *archiveWriter) error
		want   string // in the error
	}{
		"of a newer version": {
			change: func(dir string) { setVersion(t, filepath.Join(dir, "tenants/b.db"), 99) },
			want:   "b.db was written by a newer version of Egress",
		},
		"of another tenant": {
			change: func(dir string) {
				if err := os.Rename(filepath.Join(dir, "tenants/a.db"), filepath.Join(dir, "tenants/b.db")); err != nil {
					t.Error(err)
				}
				if err := os.Link(filepath.Join(dir, "tenants/b.db"), filepath.Join(dir, "tenants/a.db")); err != nil {
					t.Error(err)
				}
			},
			want: "b.db belongs to another tenant",
		},
		"with damaged pages": {
			change: func(dir string) { damageFile(t, filepath.Join(dir, "control.db")) },
			want:   "control.db is damaged",
		},
		"that are no database": {
			change: func(dir string) { writeText(t, filepath.Join(dir, "control.db"), strings.Repeat("text", 1000)) },
			want:   "control.db is not a database",
		},
		"in another directory": {
			add:  func(w *archiveWriter) error { return addText(w, "../secret-key", tar.TypeReg) },
			want: `unexpected file "../secret-key"`,
		},
		"that are links": {
			add:  func(w *archiveWriter) error { return addText(w, "secret-key", tar.TypeSymlink) },
			want: `unexpected file "secret-key"`,
		},
		"twice": {
			add:  func(w *archiveWriter) error { return addText(w, "tenants/a.db", tar.TypeReg) },
			want: `unexpected file "tenants/a.db"`,
		},
		"without a place in the manifest": {
			add:  func(w *archiveWriter) error { return addText(w, "tenants/c.db", tar.TypeReg) },
			want: "its files differ from the manifest",
		},
		"of a newer format": {
			add:  func(w *archiveWriter) error { w.manifest.Format = 2; return nil },
			want: "has a newer format",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if test.change == nil {
				test.change = func(string) {}
			}
			err := requireRefused(t, rebuilt(t, test.change, test.add))
			text := fmt.Sprint(err)
			if outage, ok := errors.AsType[*errs.OutageError](err); ok {
				text = outage.Message
			}
			if !strings.Contains(text, test.want) {
				t.Errorf("%s", text)
			}
		})
	}
}

// addText adds an empty member that the manifest does not have.
func addText(w *archiveWriter, name string, kind byte) error {
	return w.tar.WriteHeader(&tar.Header{Typeflag: kind, Name: name, Linkname: "target", Mode: 0o600})
}

func TestRestoreKeepsData(t *testing.T) {
	path, _ := newArchive(t)
	data, _ := newData(t)
	if _, err := Restore(t.Context(), path, backupOptions(data)); !errors.Is(err, ErrHasData) {
		t.Errorf("over a database: %v", err)
	}

	other := t.TempDir()
	writeText(t, filepath.Join(other, "secret-key"), "another key\n")
	if _, err := Restore(t.Context(), path, backupOptions(other)); !errors.Is(err, ErrHasData) {
		t.Errorf("over another key: %v", err)
	}
	requireOnly(t, other, "secret-key")

	same := t.TempDir()
	writeText(t, filepath.Join(same, "secret-key"), "the key\n")
	if err := os.MkdirAll(filepath.Join(same, "sqlite/tenants"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(same, ".egress-restore-killed"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), path, backupOptions(same)); err != nil {
		t.Errorf("next to the same key: %v", err)
	}
	requireOnly(t, same, "secret-key", "sqlite")

	ctx, cancel := context.WithCancel(t.Context())
	o := backupOptions(t.TempDir())
	o.Progress = func(int64, int64) { cancel() }
	if _, err := Restore(ctx, path, o); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled restore: %v", err)
	}
	requireOnly(t, filepath.Dir(o.Dir))
}
