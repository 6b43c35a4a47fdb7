package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/users/importer"
)

// usersFile returns an NDJSON file of n users of about 1 kB with random ids.
func usersFile(tb testing.TB, n int) []byte {
	tb.Helper()
	random := rand.New(rand.NewPCG(1, 2))
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

// BenchmarkImport imports a file of new users, then the same file again, then one with a change in
// each user. It reports users per second and the processor time of the process for each.
func BenchmarkImport(b *testing.B) {
	const n = 100_000
	file := usersFile(b, n)
	changed := bytes.ReplaceAll(file, []byte(`"GB"`), []byte(`"FR"`))
	for b.Loop() {
		db, err := Open(b.Context(), Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		w := NewUserWriter(db)
		for _, pass := range []struct {
			name string
			file []byte
		}{{"new", file}, {"same", file}, {"changed", changed}} {
			started, cpu := time.Now(), cpuTime(b)
			report, err := importer.Run(b.Context(), w, "meridian", importer.Bytes(pass.file), importer.Options{ExtendSchema: true})
			if err != nil || report.Read != n || report.Refused > 0 {
				b.Fatalf("%+v, %v", report, err)
			}
			b.ReportMetric(n/time.Since(started).Seconds(), pass.name+"-users/s")
			b.ReportMetric((cpuTime(b) - cpu).Seconds(), pass.name+"-cpu-s")
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// cpuTime returns the processor time that the process has used.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
