package importer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 10 {
		fmt.Fprintf(&b, `{"user_id":"u%d","attributes":{"n":"%s"}}`+"\n", i, strings.Repeat("x", 3<<20))
	}
	m := newMemoryWriter()
	mustImport(t, m, b.String(), Options{})
	if want := []int{3, 3, 3, 1}; !slices.Equal(m.batches, want) {
		t.Errorf("batches %v, want %v", m.batches, want)
	}
}

// smallBatches is a Writer and an EventWriter that wants small batches.
type smallBatches struct {
	*memoryWriter
	*memoryEvents
}

func (smallBatches) BatchSize() (docs, bytes int) { return 4, 1 << 20 }

func TestWriterChoosesBatchSize(t *testing.T) {
	t.Parallel()
	w := smallBatches{newMemoryWriter(), &memoryEvents{docs: map[string]bson.Raw{}}}
	if _, err := Run(testContext(t), w, "t", Bytes([]byte(userLines(10))), Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := RunEvents(testContext(t), w, "t", Bytes([]byte(eventLines(9))), Options{}); err != nil {
		t.Fatal(err)
	}
	if users, events := w.memoryWriter.batches, w.memoryEvents.batches; !slices.Equal(users, []int{4, 4, 2}) || !slices.Equal(events, []int{4, 4, 1}) {
		t.Errorf("batches of %v users and %v events", users, events)
	}
}

// largeBatches is a Writer that wants large batches.
type largeBatches struct{ *memoryWriter }

func (largeBatches) BatchSize() (docs, bytes int) { return 3 * batchDocs, 1 << 20 }

// The first batch is small, so that the writer starts early.
func TestBatchesGrowToTheSizeOfTheWriter(t *testing.T) {
	t.Parallel()
	w := largeBatches{newMemoryWriter()}
	if _, err := Run(testContext(t), w, "t", Bytes([]byte(userLines(9*batchDocs+1))), Options{}); err != nil {
		t.Fatal(err)
	}
	if want := []int{batchDocs, 2 * batchDocs, 3 * batchDocs, 3 * batchDocs, 1}; !slices.Equal(w.batches, want) {
		t.Errorf("batches %v, want %v", w.batches, want)
	}
}

// bulkWriter is a BulkWriter.
type bulkWriter struct {
	*memoryWriter

	calls int
}

func (w *bulkWriter) WriteManyUsers(_ context.Context, _ string, write func() error) error {
	if w.calls++; len(w.users) > 0 {
		return errors.New("users were written before")
	}
	return write()
}

func TestBulkWriterKnowsWhenUsersBeginAndEnd(t *testing.T) {
	t.Parallel()
	w := &bulkWriter{memoryWriter: newMemoryWriter()}
	if _, err := Run(testContext(t), w, "t", Bytes([]byte(userLines(3))), Options{}); err != nil || w.calls != 1 || len(w.users) != 3 {
		t.Errorf("%d calls, %d users, %v", w.calls, len(w.users), err)
	}
	if _, err := Run(testContext(t), w, "t", Bytes([]byte(`[{"user_id":"a"},`)), Options{}); err == nil || w.calls != 1 {
		t.Errorf("an invalid file: %d calls, %v", w.calls, err)
	}
}
