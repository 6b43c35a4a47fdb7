package pipeline

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

// A user whose id is a symbol is exported like one with a string id. Any other type fails the run,
// wherever the user is, and the error names the type.
func TestIDsOfEveryType(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]any{
		"symbol": bson.Symbol("zz"), "double": 1.5, "object": bson.D{{Key: "a", Value: 1}}, "binData": bson.Binary{Data: []byte{1}},
		"UUID": bson.Binary{Subtype: bson.TypeBinaryUUID, Data: make([]byte, 16)}, "objectId": bson.NewObjectID(), "bool": true, "date": time.Now(),
		"null": nil, "int": int32(5), "long": int64(5), "decimal": bson.NewDecimal128(0, 5), "timestamp": bson.Timestamp{T: 1}, "minKey": bson.MinKey{},
		"maxKey": bson.MaxKey{}, "javascript": bson.JavaScript("x"), "undefined": bson.Undefined{}, "dbPointer": bson.DBPointer{DB: "d"},
		"javascriptWithScope": bson.CodeWithScope{Code: "x", Scope: bson.D{}},
	} {
		doc, err := bson.Marshal(bson.D{{Key: "_id", Value: id}})
		if err != nil {
			t.Fatal(err)
		}
		w := newTestEnv(append(makeUsers(t, 6), doc))
		got, err := w.runner(Settings{}).Run(testContext(t), testJob(), &recorder{})
		switch {
		case name == "symbol":
			if err != nil || got.Files[0].Users != 7 || !bytes.Contains(w.objects[got.Files[0].Key], []byte("\r\nzz,")) {
				t.Errorf("a symbol: %v, %+v", err, got)
			}
		case errs.CodeOf(err) != errs.CodeNonStringID || !strings.Contains(err.Error(), "(found: "+name+")"):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An event whose user id has another type is never skipped silently, whether or not users are
// selected. An event without a user id belongs to no user.
func TestStateEventsWithNonStringUserIDs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		user any
		want errs.Code
	}{
		"objectId": {bson.NewObjectID(), errs.CodeNonStringID}, "int": {int32(7), errs.CodeNonStringID}, "null": {nil, ""}, "string": {"u", ""},
	} {
		for _, match := range []filter.Selection{{}, {Store: "s1"}} {
			w := withEvents(t, 11, 1)
			w.selection = match
			doc, err := bson.Marshal(bson.D{{Key: "_id", Value: "2027-01-01T00:00:00.000Z/e"}, {Key: "user_id", Value: c.user}})
			if err != nil {
				t.Fatal(err)
			}
			w.events.docs = append(w.events.docs, doc)
			job := twoFileJob()
			job.Definition.Include = export.Include{}
			_, err = w.runnerWithEvents(Settings{}).Run(testContext(t), job, &recorder{})
			if errs.CodeOf(err) != c.want || c.want != "" && !strings.Contains(err.Error(), "state events of users") {
				t.Errorf("%s, matching %v: %v", name, match, err)
			}
		}
	}
}
