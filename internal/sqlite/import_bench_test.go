package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/users/importer"
)

// usersFile returns an NDJSON file of n users of about 1 kB with random ids.
func usersFile(tb testing.TB, n int) []byte {
	tb.Helper()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
	var file bytes.Buffer
	for range n {
		id := fmt.Sprintf("%016x%016x", random.Uint64(), random.Uint64())
		at := fmt.Sprintf("2025-%02d-%02dT%02d:%02d:00Z", 1+random.IntN(12), 1+random.IntN(28), random.IntN(24), random.IntN(60))
		attributes := map[string]any{"country": "GB", "newsletter": random.IntN(2) == 0, "age": random.IntN(90)}
		for i := range 12 {
			attributes[fmt.Sprintf("field_%d", i)] = strings.Repeat(id[:8], 4)
		}
		if err := json.NewEncoder(&file).Encode(map[string]any{
			"user_id": id, "user_store_id": "uk", "identifiers": map[string]string{"email_address": id[:20] + "@example.com", "username": "u" + id[20:]},
			"registered": at, "last_login": at, "updated": at, "attributes": attributes, "foreign_keys": map[string]string{"crm": id[4:16]},
			"account_ids": []string{"acc-" + id[:3]},
		}); err != nil {
			tb.Fatal(err)
		}
	}
	return file.Bytes()
}

// BenchmarkImport imports a file of 100,000 new users, and imports it again.
func BenchmarkImport(b *testing.B) {
	const n = 100_000
	file := usersFile(b, n)
	for b.Loop() {
		db, err := Open(b.Context(), Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		w := NewUserWriter(db)
		for _, name := range []string{"new", "again"} {
			started := b.Elapsed()
			report, err := importer.Run(b.Context(), w, "meridian", importer.Bytes(file), importer.Options{ExtendSchema: true})
			if err != nil || report.Read != n || report.Refused > 0 {
				b.Fatalf("%+v, %v", report, err)
			}
			b.ReportMetric(n/(b.Elapsed()-started).Seconds(), name+"-users/s")
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
