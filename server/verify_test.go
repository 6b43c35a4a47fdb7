package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// A compressed file, its manifest and its receipt agree, and `egress verify` finds one changed
// byte.
func TestCompressedFileAndItsManifest(t *testing.T) {
	t.Parallel()
	p := start(t, seeded(t, hundredsUsers), nil)
	c := p.logIn()
	definition := everything()
	definition["file"] = map[string]any{"compression": "gzip"}
	j, packed := c.completed(c.export(definition).JobID, time.Minute)
	file := j.Files[0]

	if sum := sha256.Sum256(packed); !strings.HasSuffix(file.Name, ".csv.gz") || file.Compression != "gzip" || hex.EncodeToString(sum[:]) != file.SHA256 {
		t.Errorf("the receipt says %+v, the download has SHA-256 %x", file, sum)
	}
	plain := gunzip(t, packed)
	records, err := csv.NewReader(bytes.NewReader(plain)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(records)-1) != file.Rows || int64(len(plain)) != file.CSVBytes || file.Bytes >= file.CSVBytes {
		t.Errorf("%d rows and %d bytes of CSV, the receipt says %+v", len(records)-1, len(plain), file)
	}

	status, answered := c.raw(http.MethodGet, "/v4/user-export-jobs/"+j.JobID+"/manifest", nil)
	object := objectOf(t, p.dir, file.Name)
	manifest, err := os.ReadFile(object + ".manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if status != http.StatusOK || !bytes.Equal(answered, manifest) {
		t.Errorf("the API answers %d\n%s\nstored is\n%s", status, answered, manifest)
	}
	for _, want := range []string{j.JobID, file.Name, file.SHA256, fmt.Sprintf(`"csvBytes": %d`, len(plain)), strings.Join(records[0][:2], "\",\n    \"")} {
		if !bytes.Contains(manifest, []byte(want)) {
			t.Errorf("the manifest has no %s:\n%s", want, manifest)
		}
	}

	p.stop() // the data folder has one owner
	stdout, stderr, exit := runCommand(t, p.dir, nil, "verify", j.JobID)
	want := fmt.Sprintf("%s: %s, %s, SHA-256 %s: matches the receipt.\n", file.Name,
		export.Pluralize(file.Rows, "row", "rows"), export.Pluralize(file.Bytes, "byte", "bytes"), file.SHA256)
	if exit != 0 || stdout != want {
		t.Errorf("verify: status %d\n%s%swant\n%s", exit, stdout, stderr, want)
	}
	damage(t, object)
	stdout, stderr, exit = runCommand(t, p.dir, nil, "verify", j.JobID)
	if exit != 1 || stdout != "" || !strings.Contains(stderr, file.Name+": The stored file differs from what was written: ") {
		t.Errorf("verify after damage: status %d\n%s%s", exit, stdout, stderr)
	}
	if _, stderr, exit := runCommand(t, p.dir, nil, "verify", "01NOSUCHJOB"); exit != 2 || !strings.Contains(stderr, `no job "01NOSUCHJOB"`) {
		t.Errorf("verify of an unknown job: status %d\n%s", exit, stderr)
	}
}

func gunzip(t *testing.T, packed []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// objectOf returns the path of the object with this name in the embedded storage.
func objectOf(t *testing.T, dir, name string) (path string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(at string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && entry.Name() == name {
			path = at
		}
		return err
	})
	if err != nil || path == "" {
		t.Fatalf("no object %s below %s: %v", name, dir, err)
	}
	return path
}

// damage changes one byte in the middle of a file.
func damage(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
