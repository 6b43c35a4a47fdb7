package ferretdb_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs/jobstest"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/transfer/transfertest"
	"github.com/egress-io/egress/internal/users/seed"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// earlierVersion is the database of an earlier version.
type earlierVersion struct {
	mongo.Transfer

	db       *mongo.DB
	dataDir  string // a copy
	database string
}

// TestEarlierVersion runs the tests that need the database of an earlier version, which takes a while
// to write.
func TestEarlierVersion(t *testing.T) {
	t.Parallel()
	v := openEarlierVersion(t)
	for name, test := range map[string]func(t *testing.T, v *earlierVersion){
		"source": testSource, "upgrade": testUpgrade, "resumed upgrade": testResumedUpgrade,
		"directories that are left alone": testLeftAlone, "stores after the upgrade": testStoresAfterUpgrade,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, v.copyFiles(t))
		})
	}
}

// openEarlierVersion writes documents of every kind to the engine. The result has no data directory.
func openEarlierVersion(t *testing.T) *earlierVersion {
	t.Helper()
	ctx := t.Context()
	v := &earlierVersion{database: embeddedtest.Database(t)}
	db, err := mongo.Connect(ctx, mongo.Options{URI: embeddedtest.Engine(t), Database: v.database, SingleWriter: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	v.Transfer, v.db = mongo.NewTransfer(db), db
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Fatal(err)
	}
	for _, tenant := range seed.Tenants() {
		if err := mongo.NewAdmins(db).InsertTenant(ctx, auth.Tenant{ID: tenant.ID, Name: tenant.Name, Retention: time.Hour}); err != nil {
			t.Fatal(err)
		}
		if err := db.EnsureTenantIndexes(ctx, tenant.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := mongo.NewAdmins(db).InsertTenant(ctx, auth.Tenant{ID: "empty", Name: "A tenant without users"}); err != nil {
		t.Fatal(err)
	}
	if err := seed.Run(ctx, mongo.NewUserWriter(db), seed.Tenants(), 40, seed.Epoch, nil); err != nil {
		t.Fatal(err)
	}
	storeAdmins(t, db)
	storeJobs(t, db)
	for _, tenant := range []string{"", seed.Tenants()[0].ID} {
		for _, collection := range v.Collections(tenant) {
			if collection == "tenants" {
				continue
			}
			docs := []bson.Raw{transfertest.Document(t, "\"<Ä&𝄞>\" \\ \u2028\u007f"), transfertest.Document(t, "~ all types", allTypes()...)}
			if err := v.Put(ctx, tenant, collection, docs); err != nil {
				t.Fatal(err)
			}
		}
	}
	return v
}

// allTypes returns a member per type of BSON that FerretDB can store.
func allTypes() bson.D {
	return bson.D{
		{Key: "z", Value: "the order of members is kept"},
		{Key: "text", Value: "\x00 \t\n\\ \"quoted\" </script> & \u2028 \u2029 ä 𝄞 \ufeff \ufffd"},
		{Key: "", Value: "an empty key"},
		{Key: "null", Value: nil},
		{Key: "bools", Value: bson.A{true, false}},
		{Key: "int32", Value: bson.A{int32(0), int32(math.MaxInt32), int32(math.MinInt32)}},
		{Key: "int64", Value: bson.A{int64(0), int64(1) << 53, int64(math.MaxInt64), int64(math.MinInt64)}},
		{Key: "double", Value: bson.A{0.0, 1.0, -1.5, 0.1, 1e21, 1e-7, 5e-324, math.MaxFloat64, 123456789012345678.0}},
		{Key: "dates", Value: bson.A{bson.DateTime(0), bson.DateTime(-1), bson.DateTime(1732000000123)}},
		{Key: "binaries", Value: bson.A{
			bson.Binary{Data: []byte{}}, bson.Binary{Subtype: 4, Data: make([]byte, 16)}, bson.Binary{Subtype: 128, Data: []byte{0, 255}},
		}},
		{Key: "object_id", Value: bson.ObjectID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255}},
		{Key: "timestamp", Value: bson.Timestamp{T: 1732000000, I: math.MaxUint32}},
		{Key: "regex", Value: bson.A{bson.Regex{Pattern: `^"a\.b"`, Options: "im"}, bson.Regex{}}},
		{Key: "nested", Value: bson.D{
			{Key: "_id", Value: 1}, {Key: "empty", Value: bson.D{}}, {Key: "none", Value: bson.A{}},
			{Key: "deep", Value: bson.A{bson.D{{Key: "b", Value: bson.A{1, nil}}, {Key: "a", Value: nil}}, nil}},
		}},
	}
}

func storeAdmins(t *testing.T, db *mongo.DB) {
	t.Helper()
	ctx, s, now := t.Context(), mongo.NewAdmins(db), time.Now()
	for _, err := range []error{
		s.InsertAdmin(ctx, &auth.Admin{ID: "01A", Email: "ada@example.com", Password: "$argon2id$", Roles: map[string]auth.Role{"daily-news": auth.Owner}, Created: now}),
		s.InsertSession(ctx, &auth.Session{ID: "hash", PublicID: "01S", AdminID: "01A", Created: now, LastUsed: now, Expires: now.Add(time.Hour)}),
		s.InsertInvitation(ctx, &auth.Invitation{ID: "01I", TokenHash: "h", Tenant: "daily-news", Email: "bob@example.com", Created: now, Expires: now}),
		s.InsertReset(ctx, &auth.Reset{ID: "hash", AdminID: "01A", Password: "p", Expires: now}),
		s.InsertKeyPair(ctx, &auth.KeyPair{AccessKey: "AK1", Tenant: "daily-news", AdminID: "01A", SealedSecret: []byte{0, 1}, Created: now, Slot: "daily-news:01A:1"}),
		s.InsertKeyPair(ctx, &auth.KeyPair{AccessKey: "AK2", Tenant: "daily-news", AdminID: "01A", Created: now, Revoked: now}),
		s.SetTOTP(ctx, "01A", &auth.TOTP{ID: "01T", SealedSecret: []byte{255}, Created: now}),
		s.AddPasskey(ctx, "01A", &auth.Passkey{ID: "01P", CredentialID: []byte{1}, Transports: []string{"usb"}, SignCount: math.MaxUint32}),
		s.PutChallenge(ctx, &auth.FactorChallenge{ID: "01C", Expires: now}),
		mongo.NewAuditLog(db, chainKey(t)).Append(ctx,
			audit.Record{ID: "01R", Tenant: "daily-news", Kind: audit.CommandRun, Time: now, Words: "egress seed", DedupKey: "once"},
			audit.Record{ID: "01S", Kind: audit.CommandRun, Time: now}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func chainKey(t *testing.T) *audit.ChainKey {
	t.Helper()
	key, err := audit.NewChainKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func storeJobs(t *testing.T, db *mongo.DB) {
	t.Helper()
	ctx, s := t.Context(), mongo.NewJobs(db)
	for _, requester := range []string{"admin:1", "admin:2"} {
		job := jobstest.NewJob("daily-news", requester)
		if err := s.Insert(ctx, job); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Claim(ctx, job.ID, 1, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := mongo.NewOutbox(db).StoreMessage(ctx, &export.Message{ID: "m@example.com", Tenant: "daily-news", UserID: "01A", Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
}

// copyFiles returns v with a data directory of its own: the files of the engine, which writes to them
// no more, as they are after a crash.
func (v *earlierVersion) copyFiles(t *testing.T) *earlierVersion {
	t.Helper()
	c := *v
	c.dataDir = t.TempDir()
	found, err := filepath.Glob(filepath.Join(embeddedtest.EngineDir(t), v.database+"*"))
	if err != nil || len(found) < 2 {
		t.Fatalf("files %q, error %v", found, err)
	}
	to := filepath.Join(c.dataDir, "mongodb")
	if err := os.MkdirAll(to, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if filepath.Ext(name) == ".sqlite-shm" {
			continue // a crash of the machine loses it
		}
		content, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(name)), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return &c
}
