package main

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/embedded"
	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/transfer/transfertest"
)

// migration is a data directory with an embedded database, and a MongoDB.
type migration struct {
	dir, uri, database string
	users              []bson.Raw
}

func newMigration(t *testing.T) *migration {
	t.Helper()
	m := &migration{dir: t.TempDir(), uri: embeddedtest.Engine(t), database: embeddedtest.Database(t)}
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: embedded.DatabaseDir(filepath.Join(m.dir, "data"))})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "ä"} {
		m.users = append(m.users, transfertest.Document(t, id, bson.E{Key: "email_verified", Value: true}))
	}
	s := sqlite.NewTransfer(db)
	if err := s.Put(t.Context(), "", "tenants", []bson.Raw{transfertest.Document(t, transfertest.Tenant)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), transfertest.Tenant, "users", m.users); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *migration) run(t *testing.T, env ...string) (stdout, stderr string, exit int) {
	t.Helper()
	return runCommand(t, m.dir, append(env, "EGRESS_MONGODB_DATABASE="+m.database), "migrate", "--to", m.uri)
}

// target opens the MongoDB.
func (m *migration) target(t *testing.T) mongo.Transfer {
	t.Helper()
	db, err := mongo.Connect(t.Context(), mongo.Options{URI: m.uri, Database: m.database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return mongo.NewTransfer(db)
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	m := newMigration(t)
	if err := os.WriteFile(filepath.Join(m.dir, "data", "secret-key"), []byte(config.NewSecretKey()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret, err := os.ReadFile(filepath.Join(m.dir, "data", "secret-key"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second run only compares
		stdout, stderr, exit := m.run(t)
		if exit != 0 || stderr != "" {
			t.Fatalf("status %d, standard error:\n%s", exit, stderr)
		}
		for _, words := range []string{"4 documents of 1 tenants", m.database, "data/secret-key", "EGRESS_MONGODB_URI", "files of exports stay in"} {
			if !strings.Contains(stdout, words) {
				t.Errorf("the output lacks %q:\n%s", words, stdout)
			}
		}
		if strings.Contains(stdout, strings.TrimSpace(string(secret))) || strings.Contains(stdout, m.uri) {
			t.Error("the output contains the secret key or the URI")
		}
	}
	target := m.target(t)
	if got := transfertest.Read(t, target, transfertest.Tenant, "users", ""); !reflect.DeepEqual(got, m.users) {
		t.Errorf("MongoDB has the users %v", got)
	}

	if err := target.Put(t.Context(), transfertest.Tenant, "users", []bson.Raw{transfertest.Document(t, "new")}); err != nil {
		t.Fatal(err)
	}
	if _, stderr, exit := m.run(t); exit != 2 || !strings.Contains(stderr, "--to: the target is in use") || strings.Contains(stderr, m.uri) {
		t.Errorf("to a MongoDB in use: status %d, standard error:\n%s", exit, stderr)
	}
}

func TestMigrateRefusals(t *testing.T) {
	t.Parallel()
	m := newMigration(t)
	t.Run("a running server", func(t *testing.T) {
		stack, err := embedded.Start(t.Context(), embedded.Options{Dir: filepath.Join(m.dir, "data")})
		if err != nil {
			t.Fatal(err)
		}
		if _, stderr, exit := m.run(t); exit != 2 || !strings.Contains(stderr, "Egress is running") {
			t.Errorf("status %d, standard error:\n%s", exit, stderr)
		}
		if err := stack.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("a MongoDB in use", func(t *testing.T) {
		if err := m.target(t).Put(t.Context(), "", "admins", []bson.Raw{transfertest.Document(t, "other")}); err != nil {
			t.Fatal(err)
		}
		if _, stderr, exit := m.run(t); exit != 2 || !strings.Contains(stderr, "1 documents in admins") {
			t.Errorf("status %d, standard error:\n%s", exit, stderr)
		}
		if n, err := m.target(t).Count(t.Context(), transfertest.Tenant, "users"); err != nil || n != 0 {
			t.Errorf("%d users were written, error %v", n, err)
		}
	})
	t.Run("a server that does not answer", func(t *testing.T) {
		_, stderr, exit := runCommand(t, m.dir, nil, "migrate", "--to", "mongodb://user:secret@127.0.0.1:1/?serverSelectionTimeoutMS=200")
		if exit != 1 || !strings.Contains(stderr, "MongoDB does not answer") || strings.Contains(stderr, "secret") {
			t.Errorf("status %d, standard error:\n%s", exit, stderr)
		}
	})
}
