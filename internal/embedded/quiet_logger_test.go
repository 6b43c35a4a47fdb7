package embedded_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/embedded"
)

// syncBuffer is a buffer for concurrent use.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// FerretDB's log messages quote requests and errors, which contain data.
func TestLogContainsNoData(t *testing.T) {
	t.Parallel()
	const person = "ada@example.com"
	ctx := testContext(t)
	var log syncBuffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := mustStart(ctx, t, embedded.Options{Dir: t.TempDir(), MongoDB: true, Logger: logger})
	withMongo(t, s, func(db *driver.Database) {
		c := db.Collection(person)
		doc := bson.D{{Key: "_id", Value: person}}
		if _, err := c.InsertOne(ctx, doc); err != nil {
			t.Fatal(err)
		}
		if _, err := c.InsertOne(ctx, doc); !driver.IsDuplicateKeyError(err) {
			t.Fatalf("insert it twice: %v", err)
		}
		filter := bson.D{{Key: "a", Value: bson.D{{Key: "$" + person, Value: 1}}}}
		if err := c.FindOne(ctx, filter).Err(); err == nil {
			t.Fatal("an unknown operator was accepted")
		}
	})
	mustClose(t, s)

	if text := log.String(); strings.Contains(text, person) {
		t.Errorf("the log contains data:\n%s", text)
	}
	if text := log.String(); !strings.Contains(text, "Connection stopped") {
		t.Errorf("the library's lines are missing:\n%s", text)
	}
	for line := range strings.Lines(log.String()) {
		if !strings.Contains(line, "level=DEBUG") || !strings.Contains(line, "component=embedded") {
			t.Errorf("not a debug line of the embedded component: %s", line)
		}
	}
}
