package audittest

import (
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/audit"
)

// BenchmarkAppend measures the cost of an append for a request that waits for it.
func BenchmarkAppend(b *testing.B, log audit.Log) {
	ctx := b.Context()
	record := func() audit.Record {
		return audit.Record{
			ID: ulid.Make().String(), Tenant: "daily", Kind: audit.UsersListed, Time: time.Now().UTC().Truncate(time.Millisecond),
			AdminID: "01JDB7V2M9QKX3W8ZP5T6R4NHE", Email: "ada@example.com", Address: "192.0.2.1", RequestID: "R1",
			Words: "Country is GB: 25 users",
		}
	}
	b.Run("one after the other", func(b *testing.B) {
		for b.Loop() {
			if err := log.Append(ctx, record()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sixteen at once", func(b *testing.B) {
		b.SetParallelism(8) // times GOMAXPROCS
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := log.Append(ctx, record()); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
