package api

import (
	"bytes"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

func TestStreams(t *testing.T) {
	t.Parallel()
	const path = "/v4/user-export-jobs/j1"
	sum := "9f2c1be07a54d3861fe0b6c85d7742a91c03ee58b7d6f4409ab81d25c6730fe4"
	good := `{"kind":"users","bytes":12,"sha256":"` + sum + `"}`
	waiting := &export.Job{ID: "j1", Tenant: "meridian", Mode: export.Sync, Origin: export.FromConsole, Status: export.Queued,
		Definition: export.Definition{
			Include: export.Include{Attributes: true}, Users: export.Selection{UserStoreID: export.All},
			File: export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
		},
		Progress: export.Progress{Phase: export.Queued}, Requester: export.Requester{ID: "admin:01exporter"}}
	backed := func(t *testing.T) *testServer {
		b := setup(t)
		b.jobs.job = func(string, string) (*export.Job, error) { return waiting, nil }
		b.jobs.confirm = func(tenant, id string, c jobs.Confirmation) (*export.Job, error) {
			if tenant != "meridian" || id != "j1" || c != (jobs.Confirmation{Kind: export.UsersFile, Bytes: 12, SHA256: sum}) {
				t.Errorf("%s %s %+v", tenant, id, c)
			}
			next := *waiting
			next.Delivery = &export.Delivery{Kind: export.StateEventsFile}
			return &next, nil
		}
		return b
	}

	t.Run("are for their requester only", func(t *testing.T) {
		t.Parallel()
		b := backed(t)
		b.call("owner", "GET", path+"/streams/users", "").expect(403, errs.CodeForbidden, "")
		b.call("owner", "POST", path+"/confirmations", good).expect(403, errs.CodeForbidden, "")
		b.call("viewer", "GET", path+"/streams/users", "").expect(403, errs.CodeForbidden, "")
		b.call("", "GET", path+"/streams/users", "").expect(401, errs.CodeUnauthenticated, "")
		b.call("exporter", "GET", path+"/streams/users", "").expect(409, errs.CodeStreamTaken, "")
		b.call("exporter", "GET", path+"/streams/everything", "").expect(400, errs.CodeInvalidRequest, "kind")
	})
	t.Run("are not opened by HEAD or another web site", func(t *testing.T) {
		t.Parallel()
		b := backed(t)
		b.call("exporter", "HEAD", path+"/streams/users", "").expect(405, "", "")
		b.call("exporter", "GET", path+"/streams/users", "", "Sec-Fetch-Site", "cross-site").expect(403, errs.CodeCrossSiteRequest, "")
	})
	t.Run("return the address of the next one", func(t *testing.T) {
		t.Parallel()
		a := backed(t).call("exporter", "POST", path+"/confirmations", good)
		a.expect(200, "", "")
		if a.json("streamUrl") != path+"/streams/state_events" {
			t.Errorf("%s", a.body)
		}
	})
	for name, c := range map[string]struct{ body, field string }{
		"another kind": {`{"kind":"people","bytes":12,"sha256":"` + sum + `"}`, "kind"},
		"no kind":      {`{"bytes":12,"sha256":"` + sum + `"}`, "kind"},
		"no bytes":     {`{"kind":"users","sha256":"` + sum + `"}`, "bytes"},
		"bytes: null":  {`{"kind":"users","bytes":null,"sha256":"` + sum + `"}`, "bytes"},
		"half a byte":  {`{"kind":"users","bytes":1.5,"sha256":"` + sum + `"}`, "bytes"},
		"fewer bytes":  {`{"kind":"users","bytes":-1,"sha256":"` + sum + `"}`, "bytes"},
		"a short hash": {`{"kind":"users","bytes":12,"sha256":"9f2c"}`, "sha256"},
		"a loud hash":  {`{"kind":"users","bytes":12,"sha256":"` + string(bytes.ToUpper([]byte(sum))) + `"}`, "sha256"},
		"more":         {`{"kind":"users","bytes":12,"sha256":"` + sum + `","rows":1}`, "rows"},
	} {
		t.Run("are not confirmed with "+name, func(t *testing.T) {
			t.Parallel()
			backed(t).call("exporter", "POST", path+"/confirmations", c.body).expect(400, errs.CodeInvalidRequest, c.field)
		})
	}
}
