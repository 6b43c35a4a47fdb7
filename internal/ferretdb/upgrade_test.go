package ferretdb_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/ferretdb"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/sqlite/sqlitetest"
	"github.com/egress-io/egress/internal/transfer"
	"github.com/egress-io/egress/internal/transfer/transfertest"
)

// upgrade upgrades the data directory, and returns what it logged.
func (v *earlierVersion) upgrade(t *testing.T, target transfer.Target) (log string, err error) {
	t.Helper()
	var b bytes.Buffer
	err = ferretdb.Upgrade(t.Context(), ferretdb.UpgradeOptions{
		DataDir: v.dataDir, Database: v.database, Target: target, Logger: slog.New(slog.NewTextHandler(&b, nil)),
	})
	return b.String(), err
}

// requireDirectory checks whether the old directory has its first name or its second.
func (v *earlierVersion) requireDirectory(t *testing.T, renamed bool) {
	t.Helper()
	present, absent := "mongodb", "mongodb-before-sqlite"
	if renamed {
		present, absent = absent, present
	}
	if _, err := os.Stat(filepath.Join(v.dataDir, present, v.database+".sqlite")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(v.dataDir, absent)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v", absent, err)
	}
}

func openTarget(t *testing.T) sqlite.Transfer {
	t.Helper()
	return sqlite.NewTransfer(sqlitetest.Open(t))
}

func testUpgrade(t *testing.T, v *earlierVersion) {
	target := openTarget(t)
	log, err := v.upgrade(t, target)
	if err != nil {
		t.Fatal(err)
	}
	requireSame(t, v, target)
	v.requireDirectory(t, true)
	if !strings.Contains(log, "copied and verified") || !strings.Contains(log, "mongodb-before-sqlite") {
		t.Errorf("log:\n%s", log)
	}

	t.Run("the next start does nothing", func(t *testing.T) {
		if log, err := v.upgrade(t, target); err != nil || log != "" {
			t.Errorf("error %v, log:\n%s", err, log)
		}
	})
	t.Run("a crash before the rename", func(t *testing.T) {
		if err := os.Rename(filepath.Join(v.dataDir, "mongodb-before-sqlite"), filepath.Join(v.dataDir, "mongodb")); err != nil {
			t.Fatal(err)
		}
		if _, err := v.upgrade(t, target); err != nil {
			t.Error(err)
		}
		v.requireDirectory(t, true)
	})
	t.Run("a restored directory is not copied into the database in use", func(t *testing.T) {
		if err := os.CopyFS(filepath.Join(v.dataDir, "mongodb"), os.DirFS(filepath.Join(v.dataDir, "mongodb-before-sqlite"))); err != nil {
			t.Fatal(err)
		}
		if err := target.Put(t.Context(), "", "admins", []bson.Raw{transfertest.Document(t, "new")}); err != nil {
			t.Fatal(err)
		}
		if log, err := v.upgrade(t, target); err != nil || !strings.Contains(log, "may be deleted") {
			t.Errorf("error %v, log:\n%s", err, log)
		}
	})
}

// interruptedTarget fails the writes after a number of them.
type interruptedTarget struct {
	sqlite.Transfer

	writes int
}

var errInterrupted = errors.New("interrupted")

func (s *interruptedTarget) Put(ctx context.Context, tenant, collection string, docs []bson.Raw) error {
	if s.writes--; s.writes < 0 {
		return errInterrupted
	}
	return s.Transfer.Put(ctx, tenant, collection, docs)
}

func testResumedUpgrade(t *testing.T, v *earlierVersion) {
	target := openTarget(t)
	for writes := 0; ; writes++ { // each start gets further than the one before
		_, err := v.upgrade(t, &interruptedTarget{target, 1 + writes%3})
		if err == nil {
			if writes < 5 {
				t.Errorf("the upgrade took only %d starts", writes+1)
			}
			break
		}
		if !errors.Is(err, errInterrupted) {
			t.Fatal(err)
		}
		v.requireDirectory(t, false)
		if state, err := transfer.StateOf(t.Context(), target); err != nil || state != transfer.Incomplete {
			t.Fatalf("state %d, error %v", state, err)
		}
	}
	requireSame(t, v, target)
	v.requireDirectory(t, true)
}

func testLeftAlone(t *testing.T, v *earlierVersion) {
	t.Run("of another database", func(t *testing.T) {
		other := *v
		other.database = "other"
		if log, err := other.upgrade(t, openTarget(t)); err != nil || log != "" {
			t.Errorf("error %v, log:\n%s", err, log)
		}
	})
	t.Run("if the new database has documents", func(t *testing.T) {
		target := openTarget(t)
		if err := target.Put(t.Context(), "", "tenants", []bson.Raw{transfertest.Document(t, "main")}); err != nil {
			t.Fatal(err)
		}
		if log, err := v.upgrade(t, target); err != nil || !strings.Contains(log, "ignored") {
			t.Errorf("error %v, log:\n%s", err, log)
		}
		if n, err := target.Count(t.Context(), "", "admins"); err != nil || n != 0 {
			t.Errorf("%d admins, error %v", n, err)
		}
	})
	v.requireDirectory(t, false)
	t.Run("without a database", func(t *testing.T) {
		empty := earlierVersion{dataDir: t.TempDir(), database: "egress"}
		if log, err := empty.upgrade(t, openTarget(t)); err != nil || log != "" {
			t.Errorf("error %v, log:\n%s", err, log)
		}
	})
}
