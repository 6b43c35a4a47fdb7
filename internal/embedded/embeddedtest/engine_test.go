package embeddedtest

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

func TestEngine(t *testing.T) { //nolint:paralleltest // it waits for the end of the shared engine
	var socket string
	t.Run("the tests of a process share one", func(t *testing.T) {
		uri := Engine(t)
		if again := Engine(t); again != uri {
			t.Errorf("the engines are %s and %s", uri, again)
		}
		var err error
		if socket, err = url.PathUnescape(strings.Trim(strings.TrimPrefix(uri, "mongodb:"), "/")); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(socket); err != nil {
			t.Error(err)
		}
	})
	t.Run("it ends with the last test and deletes its directory", func(t *testing.T) {
		if _, err := os.Stat(filepath.Dir(socket)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the directory of its socket: %v", err)
		}
	})
}

func TestMongoDBServer(t *testing.T) {
	uri := Engine(t)
	t.Setenv(MongoDBVariable, uri)
	client, err := driver.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Disconnect(context.Background()); err != nil {
			t.Error(err)
		}
	})
	databases := func() []string {
		names, err := client.ListDatabaseNames(t.Context(), bson.D{})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	insert := func(database string) {
		if _, err := client.Database(database).Collection("c").InsertOne(t.Context(), bson.D{}); err != nil {
			t.Fatal(err)
		}
	}
	insert("test_other")
	var ours []string
	t.Run("it replaces the engine", func(t *testing.T) {
		s := Shared(t, MongoDB)
		if s.MongoDBURI() != uri || s.SingleWriter() {
			t.Errorf("the URI is %s, with a single writer: %v", s.MongoDBURI(), s.SingleWriter())
		}
		name := Database(t)
		ours = []string{name, name + "_t_daily-news"}
		for _, n := range ours {
			insert(n)
			if !slices.Contains(databases(), n) {
				t.Errorf("%s was not created", n)
			}
		}
	})
	t.Run("databases of a test are dropped when it ends", func(t *testing.T) {
		left := databases()
		for _, n := range ours {
			if slices.Contains(left, n) {
				t.Errorf("%s was left", n)
			}
		}
		if !slices.Contains(left, "test_other") {
			t.Error("a database of another test was dropped")
		}
	})
}
