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
	"github.com/egress-io/egress/internal/transfer"
	"github.com/egress-io/egress/internal/transfer/transfertest"
	"github.com/egress-io/egress/internal/users"
)

// migration is a data directory with an embedded database, and a MongoDB.
type migration struct {
	dir, uri, database string
	users, schema      []bson.Raw
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
	field := users.Field{
		Slug: "plan", Label: "Plan", Type: users.Text, Constraints: users.Constraints{Required: true, Expression: "^a"},
		Document: `{"slug":"plan","label":"Plan","input-type":"text","required":true,"validation-expression":"^a","range-end":1.50}`,
	}
	if err := sqlite.NewUserWriter(db).PutSchema(t.Context(), transfertest.Tenant, users.Schema{field}); err != nil {
		t.Fatal(err)
	}
	m.schema = transfertest.Read(t, s, transfertest.Tenant, "schema", "")
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
		for _, words := range []string{"5 documents, with the users of 1 tenants", m.database, "data/secret-key", "EGRESS_MONGODB_URI", "files of exports stay in"} {
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
	if got := transfertest.Read(t, target, transfertest.Tenant, "schema", ""); len(got) != 1 || !reflect.DeepEqual(got, m.schema) {
		t.Errorf("MongoDB has the schema %v", got)
	}

	if err := target.Put(t.Context(), transfertest.Tenant, "users", []bson.Raw{transfertest.Document(t, "new")}); err != nil {
		t.Fatal(err)
	}
	if _, stderr, exit := m.run(t); exit != 2 || !strings.Contains(stderr, "--to: the target is in use") || strings.Contains(stderr, m.uri) {
		t.Errorf("to a MongoDB in use: status %d, standard error:\n%s", exit, stderr)
	}
}

// TestIncompleteCopyIsNotServed starts commands on a MongoDB to which a copy ended early.
func TestIncompleteCopyIsNotServed(t *testing.T) {
	t.Parallel()
	m := newMigration(t)
	marker := transfertest.Document(t, "copy", bson.E{Key: "source", Value: "the data directory " + filepath.Join(m.dir, "data")})
	if err := m.target(t).Put(t.Context(), "", transfer.MarkerCollection, []bson.Raw{marker}); err != nil {
		t.Fatal(err)
	}
	scan := func() (stderr string, exit int) {
		_, stderr, exit = runCommand(t, t.TempDir(), []string{
			"EGRESS_MONGODB_URI=" + m.uri, "EGRESS_MONGODB_DATABASE=" + m.database, "EGRESS_SECRET_KEY=" + config.NewSecretKey(),
		}, "scan", "--tenant", transfertest.Tenant)
		return stderr, exit
	}
	if stderr, exit := scan(); exit != 2 || !strings.Contains(stderr, "EGRESS_MONGODB_URI") || !strings.Contains(stderr, "incomplete copy") {
		t.Errorf("status %d, standard error:\n%s", exit, stderr)
	}
	if _, stderr, exit := m.run(t); exit != 0 {
		t.Fatalf("resuming the copy: status %d, standard error:\n%s", exit, stderr)
	}
	if stderr, exit := scan(); exit != 0 {
		t.Errorf("after the copy: status %d, standard error:\n%s", exit, stderr)
	}
}

// TestUpgradeOfDataDirectory starts a command on the data directory of an earlier version.
func TestUpgradeOfDataDirectory(t *testing.T) {
	t.Parallel()
	m := &migration{dir: t.TempDir(), uri: embeddedtest.Engine(t), database: embeddedtest.Database(t)}
	earlier := m.target(t)
	if err := earlier.Put(t.Context(), "", "tenants", []bson.Raw{transfertest.Document(t, transfertest.Tenant)}); err != nil {
		t.Fatal(err)
	}
	user := transfertest.Document(t, "u", bson.E{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: "C-1"}}})
	if err := earlier.Put(t.Context(), transfertest.Tenant, "users", []bson.Raw{user}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(embeddedtest.EngineDir(t), m.database+"*"))
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(m.dir, "data")
	if err := os.MkdirAll(filepath.Join(data, "mongodb"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err == nil && !strings.HasSuffix(file, "-shm") {
			err = os.WriteFile(filepath.Join(data, "mongodb", filepath.Base(file)), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		stdout, stderr, exit := runCommand(t, m.dir, []string{"EGRESS_MONGODB_DATABASE=" + m.database}, "scan", "--tenant", transfertest.Tenant)
		if exit != 0 || !strings.Contains(stdout, "1 foreign systems") {
			t.Errorf("status %d, output:\n%s%s", exit, stdout, stderr)
		}
		if _, err := os.Stat(filepath.Join(data, "mongodb-before-sqlite", m.database+".sqlite")); err != nil {
			t.Error(err)
		}
	}
}

// TestMigrateKeepsTheUsersCluster copies the control database next to users that are in MongoDB
// already.
func TestMigrateKeepsTheUsersCluster(t *testing.T) {
	t.Parallel()
	m := newMigration(t)
	users := []bson.Raw{transfertest.Document(t, "in the cluster")}
	target := m.target(t)
	if err := target.Put(t.Context(), transfertest.Tenant, "users", users); err != nil {
		t.Fatal(err)
	}
	if _, stderr, exit := m.run(t, "EGRESS_USERS_MONGODB_URI="+m.uri); exit != 0 {
		t.Fatalf("status %d, standard error:\n%s", exit, stderr)
	}
	if got := transfertest.Read(t, target, transfertest.Tenant, "users", ""); !reflect.DeepEqual(got, users) {
		t.Errorf("the cluster has the users %v", got)
	}
	if got := transfertest.Read(t, target, "", "tenants", ""); len(got) != 1 {
		t.Errorf("%d tenants", len(got))
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
