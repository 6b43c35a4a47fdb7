package pipeline

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
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// smallSettings returns settings with parts of a few users, so that a short run has many parts.
func smallSettings() Settings {
	return Settings{PartSize: func(int) int { return 1500 }, BlockUsers: 7, BlockBytes: 700, SampleUsers: 5, RetryDelay: time.Nanosecond}
}

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestRunVerifiesFile(t *testing.T) {
	t.Parallel()
	w, obs := newTestEnv(makeUsers(t, 200)), &recorder{}
	got, err := w.runner(smallSettings()).Run(testContext(t), testJob(), obs)
	if err != nil {
		t.Fatal(err)
	}
	const key = "acme/01JDABCDEFGH/3/users_acme_20261123T083128Z.csv"
	object := w.objects[key]
	if len(object) < 1000 {
		t.Fatalf("%d bytes under the key; the file is %+v", len(object), got.Files[0])
	}
	sum := sha256.Sum256(object)
	// One of four users has no grant, and still has one row.
	want := export.File{
		Kind: export.UsersFile, Name: "users_acme_20261123T083128Z.csv", Key: key, Bytes: int64(len(object)),
		Rows: 50 * (1 + 1 + 2 + 3), Users: 200, Columns: 8 + 2 + 1 + 1 + 11, SHA256: hex.EncodeToString(sum[:]),
		Plain: int64(len(object)), Matched: 200, ProvenAt: got.Files[0].ProvenAt, MadeBy: "v4.test", Attempts: 1,
	}
	if !reflect.DeepEqual(got.Files[0], want) || obs.key != key || len(obs.columns) != want.Columns {
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
	if e := strings.Join(obs.events, "\n"); strings.Count(e, "\n") != 2 || !strings.HasPrefix(e, "prepared: 200 users match, about ") || !strings.Contains(e, " kB.\nwritten: 200 users, 350 rows") ||
		!strings.Contains(e, "\nverified: ") {
		t.Errorf("events:\n%s", e)
	}
}

func TestSettingsDoNotChangeFile(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, 300)
	file := func(s Settings, before func(context.Context, int, string) error) []byte {
		w := newTestEnv(docs)
		w.before = before
		s.RetryDelay = time.Nanosecond
		got, err := w.runner(s).Run(testContext(t), testJob(), &recorder{})
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
			t.Errorf("%+v changes the file", s)
		}
	}
	lost := func(_ context.Context, n int, op string) error {
		if op == "next" && n%17 == 0 {
			return ErrCursorLost
		}
		return nil
	}
	if !bytes.Equal(file(smallSettings(), lost), want) {
		t.Error("lost cursors change the file")
	}
}

func TestFileWithoutUsersHasHeader(t *testing.T) {
	t.Parallel()
	w := newTestEnv(nil)
	got, err := w.runner(Settings{}).Run(testContext(t), testJob(), &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	if object := w.objects[got.Files[0].Key]; got.Files[0].Rows != 0 || bytes.Count(object, []byte("\r\n")) != 1 || !bytes.HasPrefix(object, []byte("user_id,")) {
		t.Errorf("%+v: %q", got.Files[0], object)
	}
}

func TestFrozenColumnsAreKept(t *testing.T) {
	t.Parallel()
	job := testJob()
	w, obs := newTestEnv(makeUsers(t, 3)), &recorder{}
	if _, err := w.runner(smallSettings()).Run(testContext(t), job, obs); err != nil {
		t.Fatal(err)
	}
	job.Columns = append(obs.columns[:8:8], obs.columns[9:]...) // without attributes.country
	got, err := w.runner(smallSettings()).Run(testContext(t), job, obs)
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

func TestRunWarnsOfChangedUsers(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 3))
	w.count = 1002
	got, err := w.runner(smallSettings()).Run(testContext(t), testJob(), &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	want := export.Warning{Code: "users_changed", Count: 999,
		Message: "999 users changed during the run. 1,002 matched at the start, 3 at the end. Each is in the file once."}
	if len(got.Warnings) != 1 || got.Warnings[0] != want {
		t.Errorf("warnings %+v", got.Warnings)
	}
}

func TestProgressIsConsistent(t *testing.T) {
	t.Parallel()
	for name, count := range map[string]int64{"as counted": -1, "more than counted": 150, "fewer than counted": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := smallSettings()
			s.SampleUsers = 80
			w, obs := newTestEnv(makeUsers(t, 400)), &recorder{}
			w.count = count
			const ahead = 3*(1500+1000) + 1 // three buffers, each exceeded by one user
			obs.progress = func(p export.Progress) {
				w.mu.Lock()
				defer w.mu.Unlock()
				if p.Users.Bytes-w.accepted > ahead {
					t.Errorf("%d bytes reported, %d stored", p.Users.Bytes, w.accepted)
				}
			}
			got, err := w.runner(s).Run(testContext(t), testJob(), obs)
			if err != nil {
				t.Fatal(err)
			}
			var last export.Progress
			for _, p := range obs.progressCalls {
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
			if end.Percent != 100 || *end.ETASeconds != 0 || len(obs.progressCalls) < 400/7 {
				t.Errorf("end %+v after %d reports", end, len(obs.progressCalls))
			}
			if first := obs.progressCalls[0].Users; count < 0 && (first.BytesTotal < f.Bytes*8/10 || first.BytesTotal > f.Bytes*12/10) {
				t.Errorf("%d bytes estimated for %d", first.BytesTotal, f.Bytes)
			}
		})
	}
}

func TestSpeedCoversLastSeconds(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	m := meter{now: func() time.Time { return now }, matched: 10_000, sample: totals{10, 20, 1000}}
	for range 100 {
		m.addPassed(totals{10, 20, 1000}, nil)
		m.progress(true, false)
		now = now.Add(100 * time.Millisecond)
	}
	for range 60 { // at half the speed
		m.addPassed(totals{5, 10, 500}, nil)
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

// A store may need seconds to find the first rows. The remaining time is not the mean over those.
func TestTimeLeftIgnoresSlowStart(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	m := meter{now: func() time.Time { return now }, matched: 1000, sample: totals{10, 20, 1000}}
	pass := func() export.Progress {
		now = now.Add(100 * time.Millisecond)
		return m.progress(true, false)
	}
	for range 70 { // 7 s without a row
		if p := pass(); p.ETASeconds != nil || p.RowsPerSecond != 0 {
			t.Fatalf("%v rows/s, %v s left before the first row", p.RowsPerSecond, *p.ETASeconds)
		}
	}
	var p export.Progress
	for range 15 { // 200 rows a second
		m.addPassed(totals{10, 20, 1000}, nil)
		p = pass()
	}
	if left := float64(p.Users.RowsTotal-p.Users.Rows) / 200; p.ETASeconds == nil || float64(*p.ETASeconds) > 1.2*left || float64(*p.ETASeconds) < 0.8*left {
		t.Errorf("%v rows/s, %v s left instead of %v", p.RowsPerSecond, p.ETASeconds, left)
	}
	m.restart()
	if p = pass(); p.RowsPerSecond != 0 {
		t.Errorf("%v rows/s after a restart", p.RowsPerSecond)
	}
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	swapped := makeUsers(t, 10)
	swapped[4], swapped[5] = swapped[5], swapped[4]
	twice := makeUsers(t, 10)
	twice[5] = twice[4]
	number, _ := bson.Marshal(bson.D{{Key: "_id", Value: 7}})
	for _, test := range []struct {
		name  string
		world func(*testEnv)
		set   func(*Settings)
		want  errs.Code
	}{
		{"ids of another type", func(w *testEnv) { w.idTypes = "objectId" }, nil, errs.CodeNonStringID},
		{"an id of another type in the run", func(w *testEnv) { w.docs[7] = number }, nil, errs.CodeNonStringID},
		{"ids that fall", func(w *testEnv) { w.docs = swapped }, nil, errs.CodeUserIDsOutOfOrder},
		{"an id twice", func(w *testEnv) { w.docs = twice }, nil, errs.CodeUserIDsOutOfOrder},
		{"a document that is none", func(w *testEnv) { w.docs[7] = append(w.docs[7][:40:40], make([]byte, len(w.docs[7])-40)...) }, nil, errs.CodeDatabaseUnavailable},
		{"a filter that is wrong", func(w *testEnv) { w.matchErr = errs.Invalid("users.filter", "no") }, nil, errs.CodeInvalidRequest},
		{"a cursor lost again and again", func(w *testEnv) {
			w.before = func(_ context.Context, n int, op string) error {
				if op == "next" && n > 18 {
					return ErrCursorLost
				}
				return nil
			}
		}, nil, errs.CodeReadIncomplete},
		{"an object that lacks a byte", func(w *testEnv) { w.corrupt = func(o []byte) []byte { return o[1:] } }, nil, errs.CodeVerificationFailed},
		{"an object with another byte", func(w *testEnv) {
			w.corrupt = func(o []byte) []byte { o[len(o)/2] ^= 1; return o }
		}, nil, errs.CodeVerificationFailed},
		{"an object with another number of rows", func(w *testEnv) {
			w.corrupt = func(o []byte) []byte { o[len(o)-1] = 'x'; return o }
		}, nil, errs.CodeVerificationFailed},
		{"an object that is not there", func(w *testEnv) {
			w.before = func(_ context.Context, _ int, op string) error {
				if op == "head" {
					return ErrNoObject
				}
				return nil
			}
		}, nil, errs.CodeVerificationFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, s := newTestEnv(makeUsers(t, 10)), smallSettings()
			s.SampleUsers = 1
			test.world(w)
			_, err := w.runner(s).Run(testContext(t), testJob(), &recorder{})
			if errs.CodeOf(err) != test.want {
				t.Errorf("error %v (%s), want %s", err, errs.CodeOf(err), test.want)
			}
			if rows := "it has 15 rows instead of 16"; strings.HasSuffix(test.name, "rows") && !strings.Contains(fmt.Sprint(err), rows) {
				t.Errorf("error %v, want %s", err, rows)
			}
			w.checkLeaks(t)
		})
	}
}

func TestFileTooLarge(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, MaxParts+5)
	w, s := newTestEnv(docs), smallSettings()
	s.PartSize = func(int) int { return 1 }
	if _, err := w.runner(s).Run(testContext(t), testJob(), &recorder{}); errs.CodeOf(err) != errs.CodeFileTooLarge {
		t.Errorf("error %v", err)
	}
	w.checkLeaks(t)
}

func TestPartSizeAllowsLargeFiles(t *testing.T) {
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

func TestFencedRunStoresNothing(t *testing.T) {
	t.Parallel()
	w := newTestEnv(nil)
	if _, err := w.runner(smallSettings()).Run(testContext(t), testJob(), &recorder{err: ErrFenced}); !errors.Is(err, ErrFenced) {
		t.Errorf("error %v", err)
	}
	w.checkLeaks(t)
}
