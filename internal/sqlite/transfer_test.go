package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/sqlite/sqlitetest"
	"github.com/egress-io/egress/internal/transfer/transfertest"
)

func TestTransfer(t *testing.T) {
	t.Parallel()
	transfertest.TestStore(t, func(t *testing.T) transfertest.Store { return sqlite.NewTransfer(sqlitetest.Open(t)) })
}

func TestTransferCreatesNoFileToRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := sqlite.NewTransfer(sqlitetest.OpenDir(t, dir))
	if docs := transfertest.Read(t, s, "nobody", "users", ""); len(docs) > 0 {
		t.Error(docs)
	}
	if _, err := os.Stat(filepath.Join(dir, "tenants", "nobody.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file of the tenant: %v", err)
	}
}
