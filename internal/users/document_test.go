package users

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func sampleUser() User {
	registered := time.Date(2023, 2, 14, 8, 0, 0, int(123*time.Millisecond), time.UTC)
	return User{
		ID: "u1", StoreID: "uk", Identifiers: Identifiers{EmailAddress: "sian@example.com", Username: "siân"},
		EmailVerified: true, Registered: &registered, TrackingID: "t",
		Attributes: map[string]any{
			"phone": "00049", "age": int64(42), "score": 0.5, "newsletter": false, "born": time.Date(1850, 1, 2, 0, 0, 0, 0, time.UTC),
		},
		ForeignKeys: map[string]string{"crm": "0035", "legacy": "000418822"},
		ExtendedProfiles: map[string]json.RawMessage{
			"newsletter.v2": json.RawMessage(`{"b":1.0,"a":[[],"\ud83d\ude00"],"$x.y":12345678901234567890123}`), "none": json.RawMessage(`null`),
		},
		AccountIDs: []string{"a1", "a2"},
		Grants: []Grant{{
			ID: "g1", UserID: "u1", AccountID: "a1", ExpiryState: "active", EntitlementType: "bundle", EntitlementID: "e",
			ProductID: "p", Start: &registered,
		}, {ID: "g2", UserID: "u1"}},
		Additional: map[string]json.RawMessage{"registration_state": json.RawMessage(`{"b":1.0}`), "session_limit": json.RawMessage(`3`)},
	}
}

func TestDecodeIsInverseOfEncode(t *testing.T) {
	t.Parallel()
	raw, err := Encode(sampleUser())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if want := sampleUser(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	again, err := Encode(got)
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("equal users have different bytes (%v)", err)
	}
	for _, absent := range []string{"last_login", "updated"} {
		if _, err := raw.LookupErr(absent); err == nil {
			t.Errorf("%s is stored though it is absent", absent)
		}
	}
	if got := raw.Lookup("extended_profiles", "newsletter%2Ev2").StringValue(); !strings.HasPrefix(got, `{"b":1.0`) {
		t.Errorf("the profile is stored as %s", got)
	}
}

func TestEncodeRefusesLargeUsers(t *testing.T) {
	t.Parallel()
	u := sampleUser()
	u.Attributes["bio"] = strings.Repeat("x", MaxDocumentBytes)
	_, err := Encode(u)
	if e, ok := errors.AsType[*errs.Error](err); !ok || e.Code != errs.CodeInvalidRequest {
		t.Errorf("error %v", err)
	}
}

func TestDecodeAcceptsDocumentsOfOtherPrograms(t *testing.T) {
	t.Parallel()
	id := bson.NewObjectID()
	half, err := bson.ParseDecimal128("12.50")
	if err != nil {
		t.Fatal(err)
	}
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	raw, err := bson.Marshal(bson.D{
		{Key: "_id", Value: id},
		{Key: "identifiers", Value: "none"},
		{Key: "registered", Value: "2026-01-02T03:04:05Z"},
		{Key: "last_login", Value: 12},
		{Key: "attributes", Value: bson.D{
			{Key: "list", Value: bson.A{1, "a", bson.D{{Key: "x", Value: nil}}}}, {Key: "decimal", Value: half},
			{Key: "small", Value: int32(7)}, {Key: "none", Value: nil}, {Key: "at", Value: when},
		}},
		{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: int64(12)}, {Key: "gone", Value: nil}, {Key: "ref", Value: id}}},
		{Key: "extended_profiles", Value: bson.D{
			{Key: "quiz1", Value: bson.D{{Key: "at", Value: when}, {Key: "score", Value: 1.5}, {Key: "tags", Value: bson.A{"<ä>\n", true}}}},
			{Key: "text", Value: "not JSON"},
		}},
		{Key: "grants", Value: bson.A{bson.D{{Key: "grantId", Value: 5}}, "odd"}},
		{Key: "more", Value: bson.A{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	u, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if u.ID != id.Hex() || u.Registered == nil || !u.Registered.Equal(when) || u.LastLogin != nil {
		t.Errorf("id %s, registered %v, last login %v", u.ID, u.Registered, u.LastLogin)
	}
	wantAttributes := map[string]any{"list": `[1,"a",{"x":null}]`, "decimal": "12.50", "small": int64(7), "at": when}
	if !reflect.DeepEqual(u.Attributes, wantAttributes) {
		t.Errorf("attributes %v", u.Attributes)
	}
	if want := map[string]string{"crm": "12", "ref": id.Hex()}; !reflect.DeepEqual(u.ForeignKeys, want) {
		t.Errorf("foreign keys %v", u.ForeignKeys)
	}
	if got, want := string(u.ExtendedProfiles["quiz1"]), `{"at":"2026-01-02T03:04:05.000Z","score":1.5,"tags":["<ä>\n",true]}`; got != want {
		t.Errorf("profile %s, want %s", got, want)
	}
	if got := string(u.ExtendedProfiles["text"]); got != `"not JSON"` {
		t.Errorf("profile %s", got)
	}
	if len(u.Grants) != 2 || u.Grants[0].ID != "5" || u.Grants[0].UserID != id.Hex() {
		t.Errorf("grants %+v", u.Grants)
	}
	if _, err := Decode(raw[:len(raw)-3]); err == nil {
		t.Error("broken BSON was decoded")
	}
}
