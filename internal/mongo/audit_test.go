package mongo

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
)

// newTestLog returns the audit log of a new process.
func newTestLog(t testing.TB, db *DB) *AuditLog {
	t.Helper()
	key, err := audit.NewChainKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return NewAuditLog(db, key)
}

func TestAuditLog(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Fatal(err)
	}
	log := newTestLog(t, db)
	at := time.Date(2026, 11, 26, 8, 31, 28, 123e6, time.UTC)
	record := func(i int, tenant string, kind audit.Kind, words string) audit.Record {
		return audit.Record{
			ID: fmt.Sprint("0", i), Tenant: tenant, Kind: kind, Time: at.Add(time.Duration(i) * time.Hour), AdminID: "01A", Email: "ada@example.com",
			AccessKey: "AK", Address: "192.0.2.1", RequestID: "r1", Subject: "job-" + fmt.Sprint(i), Words: words,
		}
	}
	if err := log.Append(ctx, record(1, "daily", audit.ExportStarted, "Country is GB (50 %)"), record(2, "daily", audit.UserViewed, ""),
		record(3, "weekly", audit.UserViewed, ""), record(4, "daily", audit.SignedIn, "a.b")); err != nil {
		t.Fatal(err)
	}

	t.Run("returns appended records", func(t *testing.T) {
		list, err := log.Records(ctx, "weekly", audit.Query{Limit: 9})
		want := record(3, "weekly", audit.UserViewed, "")
		log.key.Link(&want, 1, audit.Genesis)
		if err != nil || len(list) != 1 || list[0] != want {
			t.Errorf("%+v, %v", list, err)
		}
	})
	for name, c := range map[string]struct {
		q    audit.Query
		want string
	}{
		"newest first":             {audit.Query{Limit: 9}, "04 02 01 "},
		"a page":                   {audit.Query{Limit: 2}, "04 02 "},
		"the next page":            {audit.Query{Limit: 2, Before: "02"}, "01 "},
		"of some kinds":            {audit.Query{Limit: 9, Kinds: []audit.Kind{audit.SignedIn, audit.ExportStarted}}, "04 01 "},
		"from a time":              {audit.Query{Limit: 9, From: at.Add(2 * time.Hour)}, "04 02 "},
		"to a time":                {audit.Query{Limit: 9, To: at.Add(2 * time.Hour)}, "02 01 "},
		"within":                   {audit.Query{Limit: 9, From: at.Add(2 * time.Hour), To: at.Add(2 * time.Hour)}, "02 "},
		"with words in any case":   {audit.Query{Limit: 9, Search: "country IS gb (50"}, "01 "},
		"with a subject":           {audit.Query{Limit: 9, Search: "JOB-2"}, "02 "},
		"with an e-mail address":   {audit.Query{Limit: 9, Search: "ada@"}, "04 02 01 "},
		"with text and no pattern": {audit.Query{Limit: 9, Search: "a.b"}, "04 "},
		"with text of no record":   {audit.Query{Limit: 9, Search: ".*"}, ""},
	} {
		t.Run("finds records "+name, func(t *testing.T) {
			list, err := log.Records(ctx, "daily", c.q)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, r := range list {
				got += r.ID + " "
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}

	t.Run("stores one record per Once", func(t *testing.T) {
		var all sync.WaitGroup
		for i := range 8 {
			process := newTestLog(t, db)
			all.Go(func() {
				same, other := record(10+2*i, "once", audit.LinkGiven, ""), record(11+2*i, "once", audit.UserViewed, "")
				same.DedupKey = "once"
				if err := process.Append(ctx, same, other); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		links, err := log.Records(ctx, "once", audit.Query{Limit: 99, Kinds: []audit.Kind{audit.LinkGiven}})
		if err != nil || len(links) != 1 {
			t.Errorf("%d links, %v", len(links), err)
		}
		if list, err := log.Records(ctx, "once", audit.Query{Limit: 99}); err != nil || len(list) != 9 {
			t.Errorf("%d records, %v", len(list), err)
		}
	})
}
