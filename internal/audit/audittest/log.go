package audittest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
)

// TestLog tests that a log finds the records that it stores, and stores one record per DedupKey.
func TestLog(t *testing.T, db Database) {
	ctx, key := t.Context(), Key(t)
	log := db.Log(key)
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
		key.Link(&want, 1, audit.Genesis)
		if err != nil || len(list) != 1 || list[0] != want {
			t.Errorf("%+v, %v", list, err)
		}
	})
	find := func(t *testing.T, tenant string, q audit.Query, want string) {
		t.Helper()
		list, err := log.Records(ctx, tenant, q)
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(list); got != want {
			t.Errorf("%+v: %q, want %q", q, got, want)
		}
	}
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
		"within a millisecond":     {audit.Query{Limit: 9, From: at.Add(2*time.Hour + 999*time.Microsecond), To: at.Add(2*time.Hour + time.Microsecond)}, "02 "},
		"with words in any case":   {audit.Query{Limit: 9, Search: "country IS gb (50"}, "01 "},
		"with a subject":           {audit.Query{Limit: 9, Search: "JOB-2"}, "02 "},
		"with an access key":       {audit.Query{Limit: 9, Search: "ak"}, "04 02 01 "},
		"with an e-mail address":   {audit.Query{Limit: 9, Search: "ada@"}, "04 02 01 "},
		"with text and no pattern": {audit.Query{Limit: 9, Search: "a.b"}, "04 "},
		"with text of no record":   {audit.Query{Limit: 9, Search: ".*"}, ""},
		"not by other fields":      {audit.Query{Limit: 9, Search: "192.0"}, ""},
		"with text, a page":        {audit.Query{Limit: 1, Search: "ada@"}, "04 "},
		"by all conditions": {audit.Query{
			Limit: 9, Before: "04", Kinds: []audit.Kind{audit.SignedIn, audit.UserViewed, audit.ExportStarted}, From: at.Add(2 * time.Hour), Search: "job",
		}, "02 "},
	} {
		t.Run("finds records "+name, func(t *testing.T) { find(t, "daily", c.q, c.want) })
	}

	t.Run("ignores case as Unicode does", func(t *testing.T) {
		if err := log.Append(ctx, record(5, "case", audit.UserViewed, "\u212aelvin \u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3"),
			record(6, "case", audit.UserViewed, "Stra\u00dfe, \u0130stanbul"), record(7, "case", audit.UserViewed, "Zoe\u0308, \uab70")); err != nil {
			t.Fatal(err)
		}
		for search, want := range map[string]string{
			"kelvin": "05 ", "K": "07 06 05 ", "οδυσσευς": "05 ", "STRA\u1e9eE": "06 ", "strasse": "", "istanbul": "", "\u0130STANBUL": "06 ",
			"zoe": "07 ", "zo\u00eb": "", "\u13a0": "07 ", "%": "", "_": "", "\\": "",
		} {
			find(t, "case", audit.Query{Limit: 9, Search: search}, want)
		}
	})

	t.Run("stores one record per Once", func(t *testing.T) {
		var all sync.WaitGroup
		for i := range 8 {
			process := db.Log(key)
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
		// The key is unique in a call, and among all tenants.
		first, again, elsewhere := record(40, "again", audit.LinkGiven, ""), record(41, "again", audit.LinkGiven, ""), record(42, "elsewhere", audit.LinkGiven, "")
		first.DedupKey, again.DedupKey, elsewhere.DedupKey = "again", "again", "again"
		if err := log.Append(ctx, first, again, elsewhere, record(43, "elsewhere", audit.UserViewed, "")); err != nil {
			t.Fatal(err)
		}
		find(t, "again", audit.Query{Limit: 9}, "040 ")
		find(t, "elsewhere", audit.Query{Limit: 9}, "043 ")
		for _, tenant := range []string{"once", "again", "elsewhere"} {
			if r, err := log.Verify(ctx, tenant, nil); err != nil || r.Fault != nil {
				t.Errorf("%s: %v, %v", tenant, r.Fault, err)
			}
		}
	})
}
