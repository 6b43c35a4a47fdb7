package pipeline_test

import (
	"context"
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/s3"
	"github.com/egress-io/egress/internal/storetest"
	"github.com/egress-io/egress/internal/users"
)

const tenant = "acme"

// realStack returns the options of a runner with a real database and a real storage.
func realStack(t *testing.T, docs []bson.Raw) (pipeline.Options, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	st, stores := embeddedtest.Shared(t, embeddedtest.S3), storetest.Open(t)
	access, secret := st.S3Credentials()
	storage, err := s3.New(ctx, s3.Options{
		Bucket: embeddedtest.Bucket, Endpoint: st.S3Endpoint(), PathStyle: true, AccessKey: access, SecretKey: secret,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := stores.EnsureTenant(ctx, tenant); err != nil { // MongoDB rejects a hint that names no index
		t.Fatal(err)
	}
	w := stores.Writer
	_, users1 := w.WriteUsers(ctx, tenant, docs)
	_, userStores := w.AddStores(ctx, tenant, []users.Store{{ID: "s1", Title: "Main, store"}})
	_, accounts := w.AddAccounts(ctx, tenant, []users.Account{{ID: "a1", Name: "Åkes \"Bar\""}})
	schema := w.PutSchema(ctx, tenant, users.Schema{{Slug: "country", Label: "Country", Type: users.Text}})
	registry := w.AddRegistry(ctx, tenant, users.Registry{AppIDs: []string{"app.quiz"}})
	if err := errors.Join(users1, userStores, accounts, schema, registry); err != nil {
		t.Fatal(err)
	}
	return pipeline.Options{
		Planner:  exporter.Compiler{Directory: stores.Directory, Catalogs: stores.Users},
		Accounts: stores.Directory, Users: stores.Users, Events: stores.Events, Snapshots: stores.Snapshots, Storage: storage,
	}, ctx
}

func stackUsers(t *testing.T, n, text int) []bson.Raw {
	t.Helper()
	docs := make([]bson.Raw, n)
	for i := range docs {
		grants := bson.A{}
		for g := range i % 3 {
			grants = append(grants, bson.D{{Key: "grantId", Value: fmt.Sprint(g)}, {Key: "account_id", Value: "a1"}})
		}
		raw, err := bson.Marshal(bson.D{
			{Key: "_id", Value: fmt.Sprintf("user-%05d", i)}, {Key: "user_store_id", Value: "s1"},
			{Key: "attributes", Value: bson.D{{Key: "country", Value: "GB"}, {Key: "nick", Value: "x"}}},
			{Key: "extended_profiles", Value: bson.D{{Key: "app%2Equiz", Value: `{"a":"` + strings.Repeat("z", text) + `"}`}}},
			{Key: "grants", Value: grants},
		})
		if err != nil {
			t.Fatal(err)
		}
		docs[i] = raw
	}
	return docs
}

func stackJob() *export.Job {
	return &export.Job{ID: strings.ToUpper(fmt.Sprint(time.Now().UnixNano())), Tenant: tenant, CreatedAt: time.Now(), Definition: export.Definition{
		Include: export.Include{Attributes: true, ForeignKeys: true, Grants: true, ExtendedProfiles: &export.Profiles{AppIDs: []string{export.All}}},
		Users:   export.Selection{UserStoreID: export.All},
	}}
}

type noopObserver struct{ progress func(export.Progress) }

func (noopObserver) Prepared(context.Context, export.FileKind, []export.Column, export.Progress) error {
	return nil
}
func (noopObserver) Finished(context.Context, export.File, []export.Warning) error { return nil }
func (noopObserver) Uploading(context.Context, string) error                       { return nil }
func (noopObserver) Checkpoint(export.Checkpoint)                                  {}
func (noopObserver) Completing(context.Context, export.Checkpoint) error           { return nil }
func (noopObserver) Event(string, string)                                          {}
func (s noopObserver) Progress(p export.Progress) {
	if s.progress != nil {
		s.progress(p)
	}
}

func TestRunOnARealStack(t *testing.T) {
	t.Parallel()
	o, ctx := realStack(t, stackUsers(t, 300, 40_000)) // 16 MB: three parts
	o.Settings = pipeline.Settings{PartSize: func(int) int { return pipeline.MinPart }, SampleUsers: 20}
	job := stackJob()
	got, err := pipeline.New(o).Run(ctx, job, noopObserver{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Files[0].Users != 300 || got.Files[0].Rows != 400 || got.Files[0].Bytes < 3*pipeline.MinPart {
		t.Errorf("%+v", got.Files)
	}
	if moments := len(got.Files[0].ReadAsOf); (o.Snapshots != nil) != (moments == 1) {
		t.Errorf("read as of %d moments, with snapshots: %t", moments, o.Snapshots != nil)
	}
	if len(got.Warnings) != 1 || got.Warnings[0].Field != "attributes.nick" || got.Warnings[0].Count != 300 {
		t.Errorf("warnings %+v", got.Warnings)
	}
	body, err := o.Storage.Open(ctx, pipeline.Key(job, export.UsersFile))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	records, err := stdcsv.NewReader(body).ReadAll()
	if err != nil || len(records) != 401 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	if last := records[400]; last[0] != "user-00299" || last[1] != "Main, store" || last[len(last)-1] != `Åkes "Bar"` {
		t.Errorf("last record %q", last)
	}
}

func TestCancelOnARealStack(t *testing.T) {
	t.Parallel()
	o, ctx := realStack(t, stackUsers(t, 300, 40_000))
	o.Settings = pipeline.Settings{PartSize: func(int) int { return pipeline.MinPart }, BlockUsers: 10, SampleUsers: 20}
	job := stackJob()
	ctx, cancel := context.WithCancel(ctx)
	var cancelled time.Time
	_, err := pipeline.New(o).Run(ctx, job, noopObserver{func(p export.Progress) {
		if p.Users.Users >= 200 && cancelled.IsZero() { // the first part is in flight
			cancelled = time.Now()
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || time.Since(cancelled) > 30*time.Second {
		t.Errorf("%v after %v", err, time.Since(cancelled))
	}
	if _, err := o.Storage.Head(context.WithoutCancel(ctx), pipeline.Key(job, export.UsersFile)); !errors.Is(err, pipeline.ErrNoObject) {
		t.Errorf("the object: %v", err)
	}
	// Abort returns once the storage lists no upload.
	if err := o.Storage.Abort(context.WithoutCancel(ctx), pipeline.Prefix(job)); err != nil {
		t.Error(err)
	}
}
