package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// within reports whether a and b differ at most by a factor.
func within(a, b int64, factor float64) bool {
	return float64(a) <= float64(b)*factor && float64(a)*factor >= float64(b)
}

// One user who weighs as much as many does not change the estimate by more than a factor, wherever
// this user is: neither in the preview nor during the run, except for what cannot be known in
// advance.
func TestEstimateToleratesOneLargeUser(t *testing.T) {
	t.Parallel()
	const many = 5000
	others := makeUsers(t, many)
	ordinary := fileOf(t, others, export.CompressionNone).Bytes
	for _, grants := range []int{500, 8000} { // 0.5 MB and 9 MB; all other users have 1 MB
		for _, at := range []int{0, 100, many / 2, many} {
			for _, c := range []export.Compression{export.CompressionNone, export.CompressionZstd} {
				if c != export.CompressionNone && (at > 0 && at < many || grants < 1000) {
					continue
				}
				t.Run(fmt.Sprint(grants, " grants at ", at, " ", c), func(t *testing.T) {
					t.Parallel()
					factor := 2.0
					if c != export.CompressionNone {
						factor = 3 // a small sample compresses less well than a file, with any users
					}
					id := "a"
					if at > 0 {
						id = fmt.Sprintf("user-%06d-", at-1)
					}
					w, obs := newTestEnv(withUser(others, at, manyGrants(t, id, grants, 1000))), &recorder{}
					job := testJob()
					job.Definition.File.Compression = c
					p, err := w.runner(Settings{}).Preview(testContext(t), w.plan("acme", job.Definition), PreviewOptions{Rows: 5})
					if err != nil {
						t.Fatal(err)
					}
					var s Settings
					s.BlockUsers = 100
					got, err := w.runner(s).Run(testContext(t), job, obs)
					if err != nil {
						t.Fatal(err)
					}
					f := got.Files[0]
					if c == export.CompressionNone && at > 200 { // the sample does not contain the user
						if !within(p.BytesAbout, ordinary, 1.2) {
							t.Errorf("the preview says %d bytes of %d without the user", p.BytesAbout, ordinary)
						}
					} else if at <= 200 && (!within(p.BytesAbout, f.Bytes, factor) || !within(p.RowsAbout, f.Rows, 1.2)) {
						t.Errorf("the preview says %d bytes and %d rows of %d and %d", p.BytesAbout, p.RowsAbout, f.Bytes, f.Rows)
					}
					for _, progress := range obs.progressCalls {
						if u := progress.Users; u.Users > int64(at) && (!within(u.BytesTotal, f.Bytes, factor) || !within(u.RowsTotal, f.Rows, 1.2)) {
							t.Fatalf("after %d users: %d bytes and %d rows of %d and %d", u.Users, u.BytesTotal, u.RowsTotal, f.Bytes, f.Rows)
						}
					}
				})
			}
		}
	}
}

func fileOf(t *testing.T, docs []bson.Raw, c export.Compression) export.File {
	t.Helper()
	job := testJob()
	job.Definition.File.Compression = c
	got, err := newTestEnv(docs).runner(Settings{}).Run(testContext(t), job, &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	return got.Files[0]
}

// If many users are large, the estimate treats large users as typical.
func TestEstimateOfManyLargeUsers(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, 2000)
	for i := 10; i < 2000; i += 20 {
		docs[i] = manyGrants(t, docs[i].Lookup("_id").StringValue(), 100, 300)
	}
	w := newTestEnv(docs)
	p, err := w.runner(Settings{}).Preview(testContext(t), w.plan("acme", allGroups), PreviewOptions{Rows: 5})
	if err != nil {
		t.Fatal(err)
	}
	if f := fileOf(t, docs, export.CompressionNone); !within(p.BytesAbout, f.Bytes, 1.2) || !within(p.RowsAbout, f.Rows, 1.2) {
		t.Errorf("the preview says %d bytes and %d rows of %d and %d", p.BytesAbout, p.RowsAbout, f.Bytes, f.Rows)
	}
}

// An attempt that resumes after a large user knows the weight of this user from the checkpoint.
func TestEstimateOfNextAttempt(t *testing.T) {
	t.Parallel()
	docs := withUser(makeUsers(t, 3000), 0, manyGrants(t, "a", 3000, 1000))
	s := Settings{PartSize: func(int) int { return 100_000 }, Uploads: 1}
	w := newTestEnv(docs)
	if _, err := w.runner(s).Run(testContext(t), testJob(), &recorder{}); err != nil {
		t.Fatal(err)
	}
	parts := strings.Count(strings.Join(w.calls, " ")+" ", "part ")
	w = newTestEnv(docs)
	stored := 0
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "part" {
			if stored++; stored == parts-2 {
				return errors.New("broken")
			}
		}
		return nil
	}
	a := newAttempts(w, export.CompressionNone)
	if _, err := a.next(testContext(t), s); err == nil {
		t.Fatal("no error")
	}
	w.before = nil
	got, err := a.next(testContext(t), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.obs.events) == 0 || !strings.HasPrefix(a.obs.events[0], "resumed: Resumed after") {
		t.Fatalf("events %q", a.obs.events)
	}
	for _, progress := range a.obs.progressCalls {
		if u := progress.Users; !within(u.BytesTotal, got.Files[0].Bytes, 1.2) {
			t.Fatalf("after %d users: %d bytes of %d", u.Users, u.BytesTotal, got.Files[0].Bytes)
		}
	}
}

// A preview shows the first rows of a large user, and cells of any size.
func TestPreviewOfLargeUsers(t *testing.T) {
	t.Parallel()
	w := newTestEnv([]bson.Raw{manyGrants(t, "a", 10_000, 30_000), manyGrants(t, "b", 2, 2<<20), manyGrants(t, "c", 0, 10)})
	p, err := w.runner(Settings{}).Preview(testContext(t), w.plan("acme", allGroups), PreviewOptions{Rows: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Rows) != 5 || p.Rows[0][0] != "a" || p.Rows[4][12] != "a-4" || len(p.Rows[4][11]) != 30_008 || p.Users != 3 || p.RowsAbout != 10_003 {
		t.Errorf("%d rows of %d, %d users: %.100q", len(p.Rows), p.RowsAbout, p.Users, p.Rows)
	}
	if !within(p.BytesAbout, 305e6, 1.1) {
		t.Errorf("about %d bytes", p.BytesAbout)
	}
	p, err = w.runner(Settings{}).Preview(testContext(t), w.plan("acme", allGroups), PreviewOptions{Rows: 100})
	if err != nil {
		t.Fatal(err)
	}
	last := p.Rows[len(p.Rows)-2:]
	if last[0][0] != "b" || len(last[0][11]) != maxSampleCellBytes || last[1][0] != "c" || len(p.LongCells) != 1 {
		t.Errorf("the last rows are %.100q, long cells %v", last, p.LongCells)
	}
}
