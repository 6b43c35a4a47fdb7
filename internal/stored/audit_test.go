package stored_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/stored"
)

// The documents of the audit log keep their form: servers of older versions wrote the same.
func TestAuditDocuments(t *testing.T) {
	at := time.Date(2026, 11, 26, 8, 31, 28, 123e6, time.UTC)
	whole := audit.Record{
		ID: "01R", Tenant: "daily", Kind: audit.UserViewed, Time: at, AdminID: "01A", Email: "ada@example.com", AccessKey: "AK", Address: "192.0.2.1",
		RequestID: "r1", Subject: "u1", Words: "Country is GB", DedupKey: "k", Seq: 7, Prev: "p", Hash: "h",
	}
	old := audit.Record{ID: "01R", Kind: audit.SignedIn, Time: at}
	for name, c := range map[string]struct {
		document any
		want     string
	}{
		"a record": {stored.NewAuditRecord(&whole), `{"_id":"01R","tenant":"daily","kind":"user_viewed","time":{"$date":"2026-11-26T08:31:28.123Z"},` +
			`"admin_id":"01A","email":"ada@example.com","access_key":"AK","address":"192.0.2.1","request_id":"r1","subject":"u1","words":"Country is GB",` +
			`"once":"k","seq":7,"prev":"p","hash":"h","place":"daily:0000000000000000007"}`},
		"a record from before the chain": {stored.NewAuditRecord(&old),
			`{"_id":"01R","tenant":"","kind":"signed_in","time":{"$date":"2026-11-26T08:31:28.123Z"}}`},
		"a head": {stored.NewAuditHead(&audit.Head{Tenant: "daily", Seq: 7, Hash: "h", Time: at, RecordsBefore: 3, KeyID: "k", Mac: "m"}),
			`{"_id":"chain:daily","tenant":"daily","seq":7,"hash":"h","time":{"$date":"2026-11-26T08:31:28.123Z"},"before":3,"key_id":"k","mac":"m"}`},
	} {
		got, err := bson.MarshalExtJSON(c.document, false, false)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, c.want)
		}
	}

	doc, err := bson.Marshal(stored.NewAuditRecord(&whole))
	if err != nil {
		t.Fatal(err)
	}
	var d stored.PositionedAuditRecord
	if err := bson.Unmarshal(doc, &d); err != nil || d.Record.Record() != whole || d.Misplaced() {
		t.Errorf("%+v, %v", d, err)
	}
	if seq, err := stored.ParseAuditPosition("daily", d.Position); err != nil || seq != 7 {
		t.Errorf("%d, %v", seq, err)
	}
	for _, invalid := range []string{"daily:7", "daily:", "weekly:0000000000000000007", "daily:000000000000000000x", ""} {
		if _, err := stored.ParseAuditPosition("daily", invalid); err == nil {
			t.Errorf("%q is a position", invalid)
		}
	}
	if d.Position = "daily:0000000000000000008"; !d.Misplaced() {
		t.Error("a changed position is not misplaced")
	}
	if h := stored.DecodeAuditHead(doc, "weekly"); h != (audit.Head{Tenant: "weekly"}) {
		t.Errorf("a head of another tenant: %+v", h)
	}
}
