package mongo

import (
	"context"
	"testing"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/transfer/transfertest"
)

func TestTransfer(t *testing.T) {
	t.Parallel()
	transfertest.TestStore(t, func(t *testing.T) transfertest.Store {
		s := embeddedtest.Shared(t, embeddedtest.MongoDB)
		db, err := Connect(t.Context(), Options{
			URI: s.MongoDBURI(), SingleWriter: s.SingleWriter(), Database: embeddedtest.Database(t), Logger: testLogger(t),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		return NewTransfer(db)
	})
}
