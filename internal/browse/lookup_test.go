package browse_test

import (
	"context"
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/browse/browsetest"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// readsRecorded is a source that records its reads of users.
type readsRecorded struct {
	browse.Source
	reads *[]string
}

func (r readsRecorded) Count(ctx context.Context, tenant string, s filter.Selection) (int64, error) {
	*r.reads = append(*r.reads, "count")
	return r.Source.Count(ctx, tenant, s)
}

func (r readsRecorded) Find(ctx context.Context, tenant string, s filter.Selection, w browse.Window) ([]bson.Raw, error) {
	*r.reads = append(*r.reads, "find")
	return r.Source.Find(ctx, tenant, s, w)
}

// A look-up that finds less than a page takes one read. Only where users follow, or a page lies
// beyond the end, it counts.
func TestLookupsCountOnlyFullPages(t *testing.T) {
	t.Parallel()
	s := browsetest.OpenMemory(t)
	var docs []bson.Raw
	for i := range 5 {
		doc, err := bson.Marshal(bson.D{
			{Key: "_id", Value: fmt.Sprint("u", i)}, {Key: "identifiers", Value: bson.D{{Key: "email_address", Value: fmt.Sprintf("u%d@example.com", i)}, {Key: "username", Value: fmt.Sprint("name", i)}}},
			{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: fmt.Sprint(i)}, {Key: "group", Value: "7"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc)
	}
	if _, err := s.Writer.WriteUsers(t.Context(), browsetest.Tenant, docs); err != nil {
		t.Fatal(err)
	}
	reads := []string{}
	s.Source = readsRecorded{s.Source, &reads}
	u := s.Console(nil)
	group := map[string]string{"group": "7"}
	for name, c := range map[string]struct {
		l            users.Lookup
		found, total int64
		want         string
	}{
		"an e-mail address":        {users.Lookup{Email: "U3@example.com", Limit: 25}, 1, 1, "[find]"},
		"a page of one":            {users.Lookup{Email: "u3@example.com", Limit: 1}, 1, 1, "[find]"},
		"an address of nobody":     {users.Lookup{Email: "u9@example.com", Limit: 25}, 0, 0, "[find]"},
		"a user name":              {users.Lookup{Username: "name3", Limit: 25}, 1, 1, "[find]"},
		"a foreign key":            {users.Lookup{ForeignKeys: map[string]string{"crm": "3"}, Limit: 25}, 1, 1, "[find]"},
		"a key of all users":       {users.Lookup{ForeignKeys: group, Limit: 25}, 5, 5, "[find]"},
		"a page of exactly all":    {users.Lookup{ForeignKeys: group, Limit: 5}, 5, 5, "[find]"},
		"a page before others":     {users.Lookup{ForeignKeys: group, Limit: 2}, 2, 5, "[find count]"},
		"the last page":            {users.Lookup{ForeignKeys: group, Skip: 4, Limit: 2}, 1, 5, "[find]"},
		"a page beyond the end":    {users.Lookup{ForeignKeys: group, Skip: 6, Limit: 2}, 0, 5, "[find count]"},
		"all, without a page":      {users.Lookup{ForeignKeys: group}, 5, 5, "[find]"},
		"all but one, and no page": {users.Lookup{ForeignKeys: group, Skip: 1}, 4, 5, "[find]"},
	} {
		reads = reads[:0]
		found, total, err := u.FindUsers(t.Context(), browsetest.Tenant, c.l)
		if err != nil || int64(len(found)) != c.found || total != c.total || fmt.Sprint(reads) != c.want {
			t.Errorf("%s: %d of %d, %v, by %v; want %d of %d by %s", name, len(found), total, err, reads, c.found, c.total, c.want)
		}
	}
}
