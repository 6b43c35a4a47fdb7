package run

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/export"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// small makes parts of a few users, so that a short run has many of them.
func small() Settings {
	return Settings{PartSize: func(int) int { return 1500 }, BlockUsers: 7, BlockBytes: 700, SampleUsers: 5, RetryDelay: time.Nanosecond}
}

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestRunMakesAProvenFile(t *testing.T) {
	t.Parallel()
	w, obs := newWorld(makeUsers(t, 200)), &watcher{}
	got, err := w.runner(small()).Run(testContext(t), testJob(), obs)
	if err != nil {
		t.Fatal(err)
	}
	const key = "acme/01JDABCDEFGH/3/users_acme_20261123T083128Z.csv"
	object := w.objects[key]
	if len(object) < 1000 {
		t.Fatalf("%d bytes under the key; the file is %+v", len(object), got.Files[0])
	}
	sum := sha256.Sum256(object)
	// Of every four users one has no grant, and one row all the same.
	want := export.File{
		Kind: export.UsersFile, Name: "users_acme_20261123T083128Z.csv", Key: key, Bytes: int64(len(object)),
		Rows: 50 * (1 + 1 + 2 + 3), Users: 200, Columns: 8 + 2 + 1 + 1 + 11, SHA256: hex.EncodeToString(sum[:]),
		Plain: int64(len(object)), Matched: 200, ProvenAt: got.Files[0].ProvenAt, MadeBy: "v4.test", Attempts: 1,
	}
	if got.Files[0] != want || obs.key != key || len(obs.columns) != want.Columns {
		t.Errorf("got  %+v\nwant %+v", got.Files[0], want)
	}
	if sum := sumOfRows(got.Progress.Throughput); sum != want.Rows {
		t.Errorf("the samples of throughput have %d rows", sum)
	}
	if len(got.Warnings) != 0 || len(w.uploads) != 0 || w.cursors != 0 {
		t.Errorf("warnings %v, uploads %d, cursors %d", got.Warnings, len(w.uploads), w.cursors)
	}
	if !bytes.Contains(object, []byte("\r\nuser-000001,s1,")) && !bytes.Contains(object, []byte("\r\nuser-000001,\"Main, store\",")) ||
		!bytes.Contains(object, []byte("Name of account 1\r\n")) || bytes.Contains(object, []byte("Name of account 3\r\n")) {
		t.Errorf("the file has other names:\n%s", object[:1000])
	}
	if e := strings.Join(obs.events, "\n"); strings.Count(e, "\n") != 2 || !strings.HasPrefix(e, "prepared: 200 users match, about 0.0 MB.\nwritten: 200 users, 350 rows") ||
		!strings.Contains(e, "\nverified: ") {
		t.Errorf("events:\n%s", e)
	}
}

func TestSettingsChangeNoByte(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, 300)
	file := func(s Settings, before func(context.Context, int, string) error) []byte {
		w := newWorld(docs)
		w.before = before
		s.RetryDelay = time.Nanosecond
		got, err := w.runner(s).Run(testContext(t), testJob(), &watcher{})
		if err != nil {
			t.Fatal(err)
		}
		return w.objects[got.Files[0].Key]
	}
	want := file(Settings{}, nil)
	for _, s := range []Settings{
		{PartSize: func(int) int { return 1 }, BlockUsers: 1, Buffers: 2, Uploads: 1},
		{PartSize: func(n int) int { return 100 * n }, BlockUsers: 13, Buffers: 5, Uploads: 4},
		{PartSize: func(int) int { return 1 << 30 }, BlockUsers: 1000},
	} {
		if !bytes.Equal(file(s, nil), want) {
			t.Errorf("%+v makes another file", s)
		}
	}
	lost := func(_ context.Context, n int, op string) error {
		if op == "next" && n%17 == 0 {
			return ErrCursorLost
		}
		return nil
	}
	if !bytes.Equal(file(small(), lost), want) {
		t.Error("lost cursors make another file")
	}
}

func TestNoUsersIsAFileWithAHeader(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	got, err := w.runner(Settings{}).Run(testContext(t), testJob(), &watcher{})
	if err != nil {
		t.Fatal(err)
	}
	if object := w.objects[got.Files[0].Key]; got.Files[0].Rows != 0 || bytes.Count(object, []byte("\r\n")) != 1 || !bytes.HasPrefix(object, []byte("user_id,")) {
		t.Errorf("%+v: %q", got.Files[0], object)
	}
}

func TestColumnsOfAnEarlierAttemptAreKept(t *testing.T) {
	t.Parallel()
	job := testJob()
	w, obs := newWorld(makeUsers(t, 3)), &watcher{}
	if _, err := w.runner(small()).Run(testContext(t), job, obs); err != nil {
		t.Fatal(err)
	}
	job.Columns = append(obs.columns[:8:8], obs.columns[9:]...) // without attributes.country
	got, err := w.runner(small()).Run(testContext(t), job, obs)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(obs.columns, job.Columns) || got.Files[0].Columns != len(job.Columns) {
		t.Errorf("columns %v", obs.columns)
	}
	if len(got.Warnings) != 1 || got.Warnings[0].Code != "no_column" || got.Warnings[0].Field != "attributes.country" || got.Warnings[0].Count != 3 {
		t.Errorf("warnings %+v", got.Warnings)
	}
}

func TestChangedUsersAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(makeUsers(t, 3))
	w.count = 1002
	got, err := w.runner(small()).Run(testContext(t), testJob(), &watcher{})
	if err != nil {
		t.Fatal(err)
	}
	want := export.Warning{Code: "users_changed", Count: 999,
		Message: "999 users changed during the run. 1,002 matched at the start, 3 at the end. Each is in the file once."}
	if len(got.Warnings) != 1 || got.Warnings[0] != want {
		t.Errorf("warnings %+v", got.Warnings)
	}
}

func TestProgressIsTrue(t *testing.T) {
	t.Parallel()
	for name, count := range map[string]int64{"as counted": -1, "more than counted": 150, "fewer than counted": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := small()
			s.SampleUsers = 80
			w, obs := newWorld(makeUsers(t, 400)), &watcher{}
			w.count = count
			const ahead = 3*(1500+1000) + 1 // buffers, each over its size by a user at most
			obs.progress = func(p export.Progress) {
				w.mu.Lock()
				defer w.mu.Unlock()
				if p.Users.Bytes-w.accepted > ahead {
					t.Errorf("%d bytes said, %d stored", p.Users.Bytes, w.accepted)
				}
			}
			got, err := w.runner(s).Run(testContext(t), testJob(), obs)
			if err != nil {
				t.Fatal(err)
			}
			var last export.Progress
			for _, p := range obs.all {
				u := p.Users
				if u.Bytes < last.Users.Bytes || u.Rows < last.Users.Rows || u.Users < last.Users.Users || p.Percent < last.Percent {
					t.Errorf("fell from %+v to %+v", last, p)
				}
				if u.Bytes > u.BytesTotal || u.Rows > u.RowsTotal || u.Users > u.UsersTotal || p.Percent > 99 || p.Phase != export.Downloading {
					t.Errorf("more than the total: %+v", p)
				}
				last = p
			}
			f, end := got.Files[0], got.Progress
			for _, p := range []export.FileProgress{last.Users, end.Users} {
				if p != (export.FileProgress{Bytes: f.Bytes, BytesTotal: f.Bytes, BytesTotalExact: true, Rows: f.Rows, RowsTotal: f.Rows, Users: f.Users, UsersTotal: f.Users}) {
					t.Errorf("the end is not exact: %+v", p)
				}
			}
			if end.Percent != 100 || *end.ETASeconds != 0 || len(obs.all) < 400/7 {
				t.Errorf("end %+v after %d reports", end, len(obs.all))
			}
			if first := obs.all[0].Users; count < 0 && (first.BytesTotal < f.Bytes*8/10 || first.BytesTotal > f.Bytes*12/10) {
				t.Errorf("%d bytes guessed for %d", first.BytesTotal, f.Bytes)
			}
		})
	}
}

func TestSpeedIsOfTheLastSeconds(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	m := meter{now: func() time.Time { return now }, total: 10_000, sample: size{10, 20, 1000}}
	for range 100 {
		m.pass(size{10, 20, 1000})
		m.progress(true, false)
		now = now.Add(100 * time.Millisecond)
	}
	for range 60 { // slower by half
		m.pass(size{5, 10, 500})
		m.progress(true, false)
		now = now.Add(100 * time.Millisecond)
	}
	p := m.progress(true, false)
	if p.RowsPerSecond < 95 || p.RowsPerSecond > 105 || *p.ETASeconds < 160 || *p.ETASeconds > 190 {
		t.Errorf("%v rows/s, %v s left", p.RowsPerSecond, *p.ETASeconds)
	}
	if len(m.points) > 2*speedPoints {
		t.Errorf("%d points kept", len(m.points))
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	swapped := makeUsers(t, 10)
	swapped[4], swapped[5] = swapped[5], swapped[4]
	twice := makeUsers(t, 10)
	twice[5] = twice[4]
	number, _ := bson.Marshal(bson.D{{Key: "_id", Value: 7}})
	for _, test := range []struct {
		name  string
		world func(*world)
		set   func(*Settings)
		want  export.Code
	}{
		{"ids of another type", func(w *world) { w.foreign = "objectId" }, nil, export.CodeForeignID},
		{"an id of another type in the run", func(w *world) { w.docs[7] = number }, nil, export.CodeForeignID},
		{"ids that fall", func(w *world) { w.docs = swapped }, nil, export.CodeOrder},
		{"an id twice", func(w *world) { w.docs = twice }, nil, export.CodeOrder},
		{"a document that is none", func(w *world) { w.docs[7] = append(w.docs[7][:40:40], make([]byte, len(w.docs[7])-40)...) }, nil, export.CodeDatabase},
		{"a filter that is wrong", func(w *world) { w.matchErr = export.Invalid("users.filter", "no") }, nil, export.CodeInvalid},
		{"a cursor lost again and again", func(w *world) {
			w.before = func(_ context.Context, n int, op string) error {
				if op == "next" && n > 18 {
					return ErrCursorLost
				}
				return nil
			}
		}, nil, export.CodeIncomplete},
		{"an object that lacks a byte", func(w *world) { w.stored = func(o []byte) []byte { return o[1:] } }, nil, export.CodeMismatch},
		{"an object with another byte", func(w *world) {
			w.stored = func(o []byte) []byte { o[len(o)/2] ^= 1; return o }
		}, nil, export.CodeMismatch},
		{"an object with another number of rows", func(w *world) {
			w.stored = func(o []byte) []byte { o[len(o)-1] = 'x'; return o }
		}, nil, export.CodeMismatch},
		{"an object that is not there", func(w *world) {
			w.before = func(_ context.Context, _ int, op string) error {
				if op == "head" {
					return ErrNoObject
				}
				return nil
			}
		}, nil, export.CodeMismatch},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, s := newWorld(makeUsers(t, 10)), small()
			s.SampleUsers = 1
			test.world(w)
			_, err := w.runner(s).Run(testContext(t), testJob(), &watcher{})
			if export.CodeOf(err) != test.want {
				t.Errorf("error %v (%s), want %s", err, export.CodeOf(err), test.want)
			}
			if rows := "it has 15 rows instead of 16"; strings.HasSuffix(test.name, "rows") && !strings.Contains(fmt.Sprint(err), rows) {
				t.Errorf("error %v, want %s", err, rows)
			}
			w.clean(t)
		})
	}
}

func TestFileTooLarge(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, MaxParts+5)
	w, s := newWorld(docs), small()
	s.PartSize = func(int) int { return 1 }
	if _, err := w.runner(s).Run(testContext(t), testJob(), &watcher{}); export.CodeOf(err) != export.CodeFileTooLarge {
		t.Errorf("error %v", err)
	}
	w.clean(t)
}

func TestPartSizeHoldsALargeFile(t *testing.T) {
	t.Parallel()
	total := 0
	for n := 1; n <= MaxParts; n++ {
		if PartSize(n) < MinPart {
			t.Fatalf("part %d has %d bytes", n, PartSize(n))
		}
		total += PartSize(n)
	}
	if total != 440_000<<20 || PartSize(1) != 8<<20 || PartSize(1000) != 8<<20 || PartSize(MaxParts) != 80<<20 {
		t.Errorf("the largest file has %d bytes", total)
	}
}

func TestRunThatIsFencedBeforeItStoresAnything(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	if _, err := w.runner(small()).Run(testContext(t), testJob(), &watcher{err: ErrFenced}); !errors.Is(err, ErrFenced) {
		t.Errorf("error %v", err)
	}
	w.clean(t)
}
