package mongo

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Each read of users for a request has the time limit of the request. The export of a job has none.
func TestRequestReadsHaveTimeLimit(t *testing.T) {
	t.Parallel()
	db, recorder := connectRecorded(t)
	u := newReader(db, NewDirectory(db))
	if _, err := db.Tenant("daily").Collection(usersCollection).InsertOne(t.Context(), bson.D{{Key: "_id", Value: "u1"}}); err != nil {
		t.Fatal(err)
	}
	def := export.Definition{Users: export.Selection{UserStoreID: export.All}}
	search := users.Query{Search: "amara"}
	for name, c := range map[string]struct {
		command string
		read    func(ctx context.Context) error
	}{
		"list":  {"find", func(ctx context.Context) error { _, err := u.ListUsers(ctx, "daily", search, "", 5); return err }},
		"count": {"aggregate", func(ctx context.Context) error { _, err := u.CountUsers(ctx, "daily", search); return err }},
		"find": {"find", func(ctx context.Context) error {
			_, _, err := u.FindUsers(ctx, "daily", users.Lookup{Query: search, Limit: 5, Skip: 1})
			return err
		}},
		"figures": {"aggregate", func(ctx context.Context) error { _, err := u.Figures(ctx, "daily", "", time.Now()); return err }},
		"walk": {"find", func(ctx context.Context) error {
			next, err := walkUsers(ctx, u, "daily", def)
			if err == nil {
				_, err = next(ctx, "", 0, 5)
			}
			return err
		}},
		"preview": {"find", func(ctx context.Context) error {
			c, err := u.Read(ctx, "daily", filter.Selection{}, bson.D{{Key: "_id", Value: 1}}, pipeline.IDRange{})
			if err == nil {
				_, err = c.Next(ctx)
				err = errors.Join(err, c.Close())
			}
			return err
		}},
	} {
		for _, limit := range []time.Duration{20 * time.Second, 0} {
			if limit == 0 && (name == "count" || name == "figures") { // these have a default limit
				continue
			}
			ctx, cancel := t.Context(), context.CancelFunc(func() {})
			if limit > 0 {
				ctx, cancel = context.WithTimeout(ctx, limit)
			}
			err := c.read(ctx)
			cancel()
			limits := recorder.takeTimeLimits(c.command)
			if err != nil || len(limits) == 0 {
				t.Fatalf("%s: %d commands, %v", name, len(limits), err)
			}
			for _, got := range limits[len(limits)-1:] { // earlier commands read the schema
				if got > limit || limit > 0 && got < limit/2 {
					t.Errorf("%s: the command's limit is %s, the request's %s", name, got, limit)
				}
			}
		}
	}
}

// FerretDB enforces the limit: the client sets no deadline here.
func TestEmbeddedEngineHonorsTimeLimit(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	docs := make([]bson.D, 400)
	for i := range docs {
		docs[i] = bson.D{{Key: "_id", Value: i}, {Key: "about", Value: fmt.Sprint(i, "amara okafor")}}
	}
	if _, err := db.Tenant("daily").Collection(usersCollection).InsertMany(ctx, docs); err != nil {
		t.Fatal(err)
	}
	var rules bson.A // together they take over a second
	for i := range 50 {
		rules = append(rules, bson.D{{Key: "about", Value: bson.Regex{Pattern: fmt.Sprintf("nobody %d", i), Options: "i"}}})
	}
	hard := bson.D{{Key: "$or", Value: rules}}
	for name, c := range map[string]bson.D{
		"a find":  {{Key: "find", Value: usersCollection}, {Key: "filter", Value: hard}},
		"a count": {{Key: "aggregate", Value: usersCollection}, {Key: "pipeline", Value: bson.A{bson.D{{Key: "$match", Value: hard}}}}, {Key: "cursor", Value: bson.D{}}},
	} {
		err := db.TenantReads("daily").RunCommand(t.Context(), append(c, bson.E{Key: "maxTimeMS", Value: 1})).Err()
		if server, ok := errors.AsType[driver.ServerError](err); !ok || !server.HasErrorCode(50) { // MaxTimeMSExpired
			t.Errorf("%s goes on: %v", name, err)
		}
	}
}

// A cancelled read closes its connection, which ends the operation in MongoDB.
func TestCancelledReadClosesConnection(t *testing.T) {
	t.Parallel()
	db, proxy := connectViaProxy(t)
	u := newReader(db, NewDirectory(db))
	if _, err := u.CountUsers(t.Context(), "daily", users.Query{Search: "amara"}); err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(ctx context.Context) error{
		"count": func(ctx context.Context) error {
			_, err := u.CachedCount(ctx, "daily", filter.Selection{Where: filter.Equal{Path: "attributes.country", Value: "GB"}})
			return err
		},
		"list": func(ctx context.Context) error {
			_, err := u.findAllWithTimeLimit(ctx, "daily", bson.D{{Key: "attributes.country", Value: "GB"}}, findOptions{limit: 5})
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		received, closed := proxy.swallow("maxTimeMS")
		ended := make(chan error, 1)
		go func() { ended <- read(ctx) }()
		<-received // the proxy has the command, and does not answer
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		select {
		case <-closed:
		case <-time.After(2 * time.Minute):
			t.Fatalf("%s: the connection stays open", name)
		}
	}
}
