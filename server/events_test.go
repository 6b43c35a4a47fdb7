package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/mail/mailtest"
)

// withEvents returns a definition of all users of one country and their state events.
func withEvents() map[string]any {
	d := everything()
	d["users"] = map[string]any{"userStoreId": "all", "filter": map[string]any{"field": "attributes.country", "operator": "is", "value": "GB"}}
	d["stateEvents"] = map[string]any{"from": "2000-01-01T00:00:00.000Z"}
	return d
}

// cellsOf returns the cells of a column.
func cellsOf(t *testing.T, file []byte, column string) []string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(records[0], column)
	if at < 0 {
		t.Fatalf("no column %s in %q", column, records[0])
	}
	cells := make([]string, 0, len(records))
	for _, r := range records[1:] {
		cells = append(cells, r[at])
	}
	return cells
}

// State events are a second file with the events of the matching users in the order of time, with
// the same bytes stored and streamed. If only the state events fail, the users file is complete,
// and the e-mail reports the failure.
func TestStateEvents(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{})
	env := seededExternalParts(t, hundredsUsers)
	p := start(t, t.TempDir(), append(env, "EGRESS_MAIL_FROM=egress@example.com", fmt.Sprintf("EGRESS_SMTP_URL=smtp://127.0.0.1:%d", server.Port)))
	c := p.logInAs(externalAdmin, externalPassword)
	if status, body := c.raw(http.MethodPost, "/v4/user-export-jobs", withEvents()); status != http.StatusBadRequest || !strings.Contains(string(body), `"field":"stateEvents"`) {
		t.Errorf("switched off, they answer %d %s", status, body)
	}

	c.features(true, true)
	stored, file := c.completed(c.export(withEvents()).JobID, time.Minute)
	if len(stored.Files) != 2 || stored.Files[1].Kind != "state_events" || stored.Progress.Percent != 100 {
		t.Fatalf("%+v", stored)
	}
	if m := server.Next(t, time.Minute); !strings.Contains(m.Text, stored.Files[0].Name) || !strings.Contains(m.Text, stored.Files[1].Name) {
		t.Errorf("the mail says:\n%s", m.Text)
	}
	events := c.download(stored.Files[1].DownloadURL)
	known := map[string]bool{}
	for _, id := range cellsOf(t, file, "user_id") {
		known[id] = true
	}
	of := cellsOf(t, events, "user_id")
	if int64(len(of)) != stored.Files[1].Rows || len(of) < len(known) {
		t.Errorf("%d events of %d users, the receipt says %d", len(of), len(known), stored.Files[1].Rows)
	}
	for _, id := range of {
		if !known[id] {
			t.Fatalf("an event of %s, who does not match", id)
		}
	}
	if times := cellsOf(t, events, "time"); !slices.IsSorted(times) {
		t.Error("the events are not in the order of time")
	}

	c.features(false, true)
	between, users := c.stream(c.export(withEvents()), "users")
	if !bytes.Equal(users, file) || between.Status != "downloading_state_events" || !strings.HasSuffix(between.StreamURL, "/streams/state_events") {
		t.Errorf("%d bytes instead of %d, %+v", len(users), len(file), between)
	}
	streamed, second := c.stream(between, "state_events")
	if !bytes.Equal(second, events) || streamed.Status != "completed" || len(streamed.Files) != 2 {
		t.Errorf("%d bytes instead of %d, %+v", len(second), len(events), streamed)
	}
	alone, second := c.stream(c.export(map[string]any{"stateEvents": map[string]any{}}), "state_events")
	if alone.Status != "completed" || len(alone.Files) != 1 || len(second) <= len(events) {
		t.Errorf("alone: %d bytes, %+v", len(second), alone)
	}

	// An event whose id is not a string fails the state events, and only those.
	c.features(true, true)
	addForeignEvent(t, env)
	partial := c.wait(c.export(withEvents()).JobID, time.Minute)
	if partial.Status != "completed_with_errors" || partial.Error == nil || partial.Error.Code != "user_id_not_text" || len(partial.Files) != 1 {
		t.Fatalf("%+v", partial)
	}
	if again := c.download(partial.DownloadURL); !bytes.Equal(again, file) {
		t.Errorf("the users file has %d bytes instead of %d", len(again), len(file))
	}
	if m := server.Next(t, time.Minute); !strings.Contains(m.Text, partial.Files[0].Name) || !strings.Contains(strings.ToLower(m.Text), "state events") {
		t.Errorf("the mail says:\n%s", m.Text)
	}
	// Without a users file, admission refuses the export, or the run fails if the last check is
	// still cached.
	switch status, body := c.raw(http.MethodPost, "/v4/user-export-jobs", map[string]any{"stateEvents": map[string]any{}}); status {
	case http.StatusConflict:
		if !bytes.Contains(body, []byte("user_id_not_text")) {
			t.Errorf("alone: %s", body)
		}
	case http.StatusAccepted:
		var j job
		if err := json.Unmarshal(body, &j); err != nil {
			t.Fatal(err)
		}
		if j = c.wait(j.JobID, time.Minute); j.Status != "failed" || j.Error.Code != "user_id_not_text" {
			t.Errorf("alone: %+v", j)
		}
	default:
		t.Errorf("alone: %d %s", status, body)
	}
}

// addForeignEvent inserts an event whose id is a number.
func addForeignEvent(t *testing.T, env []string) {
	t.Helper()
	values := map[string]string{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		values[name] = value
	}
	db, err := mongo.Connect(options.Client().ApplyURI(values["EGRESS_MONGODB_URI"]))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Disconnect(t.Context()) }()
	if _, err := db.Database(values["EGRESS_MONGODB_DATABASE"]+"_t_meridian").Collection("state_events").InsertOne(t.Context(), bson.D{{Key: "_id", Value: 7}}); err != nil {
		t.Fatal(err)
	}
}
