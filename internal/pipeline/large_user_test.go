package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// manyGrants returns a user with the given number of grants, and about own bytes of own cells.
func manyGrants(t testing.TB, id string, grants, own int) bson.Raw {
	t.Helper()
	all := bson.A{}
	for g := range grants {
		all = append(all, bson.D{{Key: "grantId", Value: fmt.Sprint(id, "-", g)}, {Key: "product_id", Value: "p1"}, {Key: "account_id", Value: fmt.Sprint("account ", g%9)}})
	}
	raw, err := bson.Marshal(bson.D{
		{Key: "_id", Value: id}, {Key: "user_store_id", Value: "s1"},
		{Key: "attributes", Value: bson.D{{Key: "country", Value: "GB"}, {Key: "size", Value: "has no column"}}},
		{Key: "extended_profiles", Value: bson.D{{Key: "quiz", Value: `{"a":"` + sampleText(own) + `"}`}}},
		{Key: "grants", Value: all},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// sampleText returns n bytes of text that compresses moderately.
func sampleText(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%d ", i*i*7919%100_003)
	}
	return b.String()[:n]
}

// withUser returns docs with a user inserted at an index.
func withUser(docs []bson.Raw, at int, user bson.Raw) []bson.Raw {
	return slices.Insert(slices.Clone(docs), at, user)
}

func prepareUsers(w *testEnv) (*task, error) {
	r := w.runner(Settings{})
	return r.prepare(w.plan("acme", allGroups), r.currentView(), export.UsersFile, nil)
}

// fileRowByRow encodes the file with one grant at a time, as a reference.
func fileRowByRow(t *testing.T, w *testEnv, docs []bson.Raw) []byte {
	t.Helper()
	task, err := prepareUsers(w)
	if err != nil {
		t.Fatal(err)
	}
	c, err := task.newBlockEncoder()
	if err != nil {
		t.Fatal(err)
	}
	out := task.encoder.Header(nil)
	for _, doc := range docs {
		var fields bson.D
		if err := bson.Unmarshal(doc, &fields); err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(fields, func(e bson.E) bool { return e.Key == "grants" })
		grants := fields[at].Value.(bson.A)
		for i := range max(len(grants), 1) {
			fields[at].Value = grants[min(i, len(grants)):min(i+1, len(grants))]
			one, err := bson.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			b := block{docs: one, docEnds: []int{len(one)}}
			if err := c.encode(testContext(t), &b); err != nil {
				t.Fatal(err)
			}
			if out = append(out, b.rows...); b.users[0].deferred {
				steps, err := c.newRowBatches(testContext(t), one)
				if err == nil {
					_, err = steps.next(testContext(t), 1)
				}
				if err != nil {
					t.Fatal(err)
				}
				out = append(append(out, steps.rows.Own()...), steps.filled...)
			}
		}
	}
	return out
}

// The file contains the rows of all users, wherever a large user is, and with all settings and
// compressions.
func TestFileContainsLargeUser(t *testing.T) {
	t.Parallel()
	others := makeUsers(t, 60)
	whale := func(id string) bson.Raw { return manyGrants(t, id, 500, 700) }
	for name, docs := range map[string][]bson.Raw{
		"first":   withUser(others, 0, whale("a")),
		"last":    withUser(others, 60, whale("z")),
		"alone":   {manyGrants(t, "a", 1200, 1000)},
		"twice":   withUser(withUser(others, 30, whale("user-000029-1")), 31, whale("user-000029-2")),
		"middle":  withUser(others, 7, manyGrants(t, "user-000006-1", 100, 500)),
		"one row": withUser(others, 20, manyGrants(t, "user-000019-1", 0, 3<<19)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := fileRowByRow(t, newTestEnv(docs), docs)
			inside := readers(3)
			inside.PartSize, inside.maxOverrun, inside.memberSize = func(int) int { return 100_000 }, 30_000, 70_000
			for _, s := range []Settings{{}, readers(1), inside} {
				for _, c := range []export.Compression{export.CompressionNone, export.CompressionGzip, export.CompressionZstd} {
					if c != export.CompressionNone && s.maxOverrun == 0 {
						continue // chunks end between users only
					}
					w, obs := newTestEnv(docs), &recorder{}
					job := testJob()
					job.Definition.File.Compression = c
					got, err := w.runner(s).Run(testContext(t), job, obs)
					if err != nil {
						t.Fatal(err)
					}
					plain, err := newDecompressor(c, bytes.NewReader(w.objects[got.Files[0].Key]))
					if err != nil {
						t.Fatal(err)
					}
					var file bytes.Buffer
					if _, err := file.ReadFrom(plain); err != nil {
						t.Fatal(err)
					}
					_ = plain.Close()
					if !bytes.Equal(file.Bytes(), want) {
						t.Errorf("%v %+v: the file differs: %d bytes instead of %d", c, s, file.Len(), len(want))
					}
					f := got.Files[0]
					if rows := int64(len(csv.Cells(want)) - 1); f.Rows != rows || f.Users != int64(len(docs)) || f.Plain != int64(len(want)) {
						t.Errorf("the receipt says %+v, want %d rows", f, rows)
					}
					if whales := int64(len(docs) - len(others)); name != "alone" && (len(got.Warnings) != 1 || got.Warnings[0].Count != whales) {
						t.Errorf("warnings %+v", got.Warnings)
					}
				}
			}
		})
	}
}

// For every call of a run with a user who spans many parts: if the call fails, the next attempt
// writes the same file.
func TestResumeWithLargeUser(t *testing.T) {
	t.Parallel()
	var docs []bson.Raw
	for i := range 12 {
		docs = append(docs, manyGrants(t, fmt.Sprintf("a%02d", i), 1, 5000))
	}
	docs = append(append(docs, manyGrants(t, "large", 100, 2000)), makeUsers(t, 20)...)
	const before, after, total = 12, 12 + 100, 12 + 100 + 35 // rows
	for _, c := range []export.Compression{export.CompressionNone, export.CompressionGzip} {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			s := readers(2)
			s.PartSize, s.maxOverrun, s.memberSize = func(int) int { return 30_000 }, 12_000, 20_000
			if c != export.CompressionNone {
				s.PartSize = func(int) int { return 10_000 }
			}
			w := newTestEnv(docs)
			want, _ := referenceRun(t, w, s, c)
			resumed := 0
			for at := range slices.Index(w.calls, "complete") + 1 {
				w := newTestEnv(docs)
				w.before = func(_ context.Context, call int, _ string) error {
					if call == at+1 {
						return errors.New("broken")
					}
					return nil
				}
				a := newAttempts(w, c)
				got, err := a.next(testContext(t), s)
				if w.before = nil; err != nil {
					if at := a.obs.checkpoint; at != nil && at.Rows > before && at.Rows < after {
						t.Fatalf("a checkpoint inside of a user: %+v", at)
					}
					got, err = a.next(testContext(t), s)
					if slices.ContainsFunc(a.obs.events, func(e string) bool { return strings.HasPrefix(e, "resumed: Resumed after") }) {
						resumed++
					}
				}
				if err != nil {
					t.Fatalf("call %d: %v", at, err)
				}
				if !bytes.Equal(w.objects[got.Files[0].Key], want) || got.Files[0].Users != 33 || got.Files[0].Rows != total {
					t.Errorf("call %d: the file differs: %+v", at, got.Files[0])
				}
				w.checkLeaks(t)
			}
			if resumed == 0 {
				t.Error("no attempt resumed a checkpoint")
			}
		})
	}
}

// sizeReceiver is a Receiver that only records the total size and the size of the largest part.
type sizeReceiver struct{ bytes, largest int }

func (r *sizeReceiver) Receive(_ context.Context, p []byte) error {
	r.bytes += len(p)
	r.largest = max(r.largest, len(p))
	return nil
}

// A user with 10,000 grants and 30 kB of profile has 300 MB of rows, and is streamed in some
// megabytes. The test measures all allocations, which exceed the memory in use. It is not parallel,
// since other tests allocate too.
func TestLargeUserUsesBoundedMemory(t *testing.T) { //nolint:paralleltest // see above
	w := newTestEnv(withUser(makeUsers(t, 100), 50, manyGrants(t, "user-000049-1", 10_000, 30_000)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	to := &sizeReceiver{}
	got, err := w.runner(Settings{}).Stream(testContext(t), testJob(), export.UsersFile, &recorder{}, to)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if to.bytes < 300e6 || got.File.Bytes != int64(to.bytes) || got.File.Users != 101 {
		t.Errorf("%d bytes arrived of %+v", to.bytes, got.File)
	}
	if to.largest > streamPartSize+maxOverrun {
		t.Errorf("the largest part has %d bytes", to.largest)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 96<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
}

// Only one large document is held at a time, except for those that readers have just read, with any
// number of readers.
func TestLargeDocumentsAreReadOneAtATime(t *testing.T) {
	t.Parallel()
	const users, readers = 40, 4
	var docs []bson.Raw
	for i := range users {
		docs = append(docs, manyGrants(t, fmt.Sprintf("user-%03d", i), 0, 5000))
	}
	w := newTestEnv(docs)
	var taken, stored, peak atomic.Int64
	w.before = func(_ context.Context, _ int, op string) error {
		switch op {
		case "next":
			peak.Store(max(peak.Load(), taken.Add(1)-stored.Load()))
		case "part":
			stored.Add(1)
		}
		return nil
	}
	s := Settings{PartSize: func(int) int { return 1 }, BlockBytes: 1000, Readers: readers, SegmentUsers: 5, SampleUsers: 1, Buffers: 2, Uploads: 1}
	got, err := w.runner(s).Run(testContext(t), testJob(), &recorder{})
	if err != nil || got.Files[0].Users != users {
		t.Fatalf("%+v, %v", got.Files, err)
	}
	// Each reader has read one document ahead, and calls next once more at the end of its segment.
	// One or two parts are in flight.
	if n := peak.Load(); n > 2*readers+1+2+users/5 {
		t.Errorf("%d documents were read and not stored", n)
	}
}

// A block's rows are bounded, even if they are much larger than its documents.
func TestBlockRowsAreBounded(t *testing.T) {
	t.Parallel()
	var docs []bson.Raw
	for i := range 50 {
		docs = append(docs, manyGrants(t, fmt.Sprintf("user-%03d", i), 40, 6000)) // 10 kB of document, 250 kB of rows
	}
	w := newTestEnv(docs)
	task, err := prepareUsers(w)
	if err != nil {
		t.Fatal(err)
	}
	c, err := task.newBlockEncoder()
	if err != nil {
		t.Fatal(err)
	}
	var b block
	if _, err := b.fill(testContext(t), task.newSource(IDRange{}, nil), task.settings, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.encode(testContext(t), &b); err != nil {
		t.Fatal(err)
	}
	if limit := task.settings.maxBlockRowBytes() + csv.MaxAppend; len(b.rows) > limit || len(b.users) < 20 {
		t.Errorf("%d bytes of rows of %d users, want at most %d", len(b.rows), len(b.users), limit)
	}
}

// If one user fills all parts that the storage allows, the error names this user and how to leave
// the user out. The log does not contain the id.
func TestErrorNamesUserThatFillsFile(t *testing.T) {
	t.Parallel()
	w, s := newTestEnv(withUser(makeUsers(t, 10), 5, manyGrants(t, "user-000004-1", 3000, 4500))), smallSettings()
	s.PartSize, s.maxOverrun = func(int) int { return 1000 }, 300
	_, err := w.runner(s).Run(testContext(t), testJob(), &recorder{})
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Code != errs.CodeFileTooLarge {
		t.Fatalf("error %v", err)
	}
	if !strings.Contains(e.Message, `"user-000004-1"`) || !strings.Contains(e.Message, "User ID is not") {
		t.Errorf("the message is %q", e.Message)
	}
	if strings.Contains(err.Error(), "user-000004") {
		t.Errorf("the log says %q", err)
	}
}

// The error for an unreadable user also names the user, but the log does not.
func TestErrorNamesUnreadableUser(t *testing.T) {
	t.Parallel()
	for name, damaged := range map[string]bson.Raw{"small": makeUsers(t, 4)[3], "large": manyGrants(t, "user-000003", 2000, 5000)} {
		damaged[bytes.LastIndex(damaged, []byte("\x02account_id"))] = 0xEE // no type
		docs := append(makeUsers(t, 3), damaged)
		s := smallSettings()
		s.SampleUsers = 1
		_, err := newTestEnv(docs).runner(s).Run(testContext(t), testJob(), &recorder{})
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || e.Code != errs.CodeDatabaseUnavailable || !strings.Contains(e.Message, `"user-000003"`) || strings.Contains(err.Error(), "user-000003") {
			t.Errorf("%s: %+v", name, err)
		}
	}
}
