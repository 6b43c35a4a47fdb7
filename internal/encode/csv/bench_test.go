package csv

import (
	"crypto/sha256"
	"testing"

	"github.com/egress-io/egress/internal/export"
)

func BenchmarkAppend(b *testing.B) {
	noGrants := allGroups
	noGrants.Include.Grants = false
	for _, bench := range []struct {
		name string
		def  export.Definition
	}{
		{"everything", allGroups},
		{"spreadsheet", spreadsheet(allGroups)},
		{"noGrants", noGrants},
	} {
		b.Run(bench.name, func(b *testing.B) {
			docs := makeUsers(b, 4096, 1)
			e := mustNew(testOptions(bench.def))
			var dst []byte
			var rows, bytes, read int64
			for i := range docs { // warm up names, buffers and field order
				dst, _, _ = e.Append(dst, docs[i])
			}
			ids := e.UnknownAccounts()
			e.SetNames(ids, accountNames(ids))
			e.Reset()
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				doc := docs[i%len(docs)]
				var n int
				var err error
				if dst, n, err = e.Append(dst[:0], doc); err != nil {
					b.Fatal(err)
				}
				rows += int64(n)
				bytes += int64(len(dst))
				read += int64(len(doc))
			}
			s := b.Elapsed().Seconds()
			b.ReportMetric(float64(rows)/s, "rows/s")
			b.ReportMetric(float64(bytes)/s/1e6, "csv-MB/s")
			b.ReportMetric(float64(read)/s/1e6, "bson-MB/s")
		})
	}
}

func BenchmarkCounter(b *testing.B) {
	_, data, _ := encodeFile(b, testOptions(allGroups), makeUsers(b, 4096, 1))
	b.SetBytes(int64(len(data)))
	b.ResetTimer()
	for range b.N {
		var c Counter
		_, _ = c.Write(data)
	}
}

// BenchmarkSHA256 hashes the same number of bytes, for comparison.
func BenchmarkSHA256(b *testing.B) {
	_, data, _ := encodeFile(b, testOptions(allGroups), makeUsers(b, 4096, 1))
	b.SetBytes(int64(len(data)))
	b.ResetTimer()
	for range b.N {
		sha256.Sum256(data)
	}
}
