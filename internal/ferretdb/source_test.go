package ferretdb_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/egress-io/egress/internal/ferretdb"
	"github.com/egress-io/egress/internal/transfer"
	"github.com/egress-io/egress/internal/transfer/transfertest"
)

// requireSame checks that got has the bytes of the documents of want, in the same order.
func requireSame(t *testing.T, want, got transfer.Source) (documents int) {
	t.Helper()
	tenants, err := want.Tenants(t.Context())
	if err != nil || len(tenants) < 2 {
		t.Fatalf("tenants %q, error %v", tenants, err)
	}
	if other, err := got.Tenants(t.Context()); err != nil || !reflect.DeepEqual(tenants, other) {
		t.Errorf("tenants %q, not %q, error %v", other, tenants, err)
	}
	for _, tenant := range append(tenants, "") {
		for _, collection := range want.Collections(tenant) {
			wanted := transfertest.Read(t, want, tenant, collection, "")
			read := transfertest.Read(t, got, tenant, collection, "")
			if len(wanted) != len(read) {
				t.Errorf("%s of tenant %q: %d documents, not %d", collection, tenant, len(read), len(wanted))
				continue
			}
			for i := range wanted {
				if !reflect.DeepEqual(wanted[i], read[i]) {
					t.Errorf("%s of tenant %q: %v, not %v", collection, tenant, read[i], wanted[i])
				}
			}
			documents += len(wanted)
			if tenant == "" && len(wanted) == 0 {
				t.Errorf("%s is empty", collection)
			}
			if len(wanted) > 2 {
				after := wanted[len(wanted)/2].Lookup("_id").StringValue()
				if rest := transfertest.Read(t, got, tenant, collection, after); !reflect.DeepEqual(rest, wanted[len(wanted)/2+1:]) {
					t.Errorf("%s of tenant %q after %q: %d documents", collection, tenant, after, len(rest))
				}
			}
		}
	}
	return documents
}

// files returns the contents of the files in a directory, except those that every reader creates.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	contents := map[string]string{}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(e.Name()) != ".sqlite-shm" && len(content) > 0 {
			contents[e.Name()] = string(content)
		}
	}
	return contents
}

func testSource(t *testing.T, v *earlierVersion) {
	dir := filepath.Join(v.dataDir, "mongodb")
	before := files(t, dir)
	s, err := ferretdb.Open(t.Context(), dir, v.database)
	if err != nil {
		t.Fatal(err)
	}
	n := requireSame(t, v, s)
	t.Logf("%d documents", n)
	if docs := transfertest.Read(t, s, "nobody", "users", ""); len(docs) > 0 {
		t.Error(docs)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if after := files(t, dir); !reflect.DeepEqual(before, after) {
		t.Error("reading changed the files")
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := ferretdb.Open(t.Context(), dir, "egress"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "egress.sqlite"), []byte("not a database, but long enough to have a header of 100 bytes; so it goes on for a while ............"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ferretdb.Open(t.Context(), dir, "egress"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("with another file: %v", err)
	}
}
