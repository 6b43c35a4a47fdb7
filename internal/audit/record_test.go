package audit

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

func TestRecordAccess(t *testing.T) {
	t.Parallel()
	log := &memoryLog{}
	recorder := NewRecorder(log, func() time.Time { return time.Unix(0, 0) })
	access := Record{Kind: UsersListed, Tenant: "daily", AdminID: "01A", Words: "Everyone"}
	for _, distinct := range [][]any{nil, nil, {1}, {1}, {2}} {
		if err := RecordAccess(t.Context(), recorder, access, distinct...); err != nil {
			t.Fatal(err)
		}
	}
	if len(log.records) != 3 {
		t.Errorf("%d records, want one without a distinct value, and one for each value", len(log.records))
	}

	log.err = errors.New("the database is down")
	if err := RecordAccess(t.Context(), recorder, access, 3); errs.CodeOf(err) != errs.CodeUnavailable || !errors.Is(err, log.err) {
		t.Errorf("error %v", err)
	}
	if err := RecordAccess(t.Context(), recorder, access, func() {}); err == nil {
		t.Error("a value without JSON was taken: its accesses would look equal")
	}
}

func TestRecordActionLogsWithoutPersonalData(t *testing.T) {
	t.Parallel()
	log := &memoryLog{}
	var text bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&text, nil))
	action := Record{Kind: RoleChanged, Tenant: "daily", AdminID: "01A", Email: "a@example.com", Words: "b@example.com", Address: "192.0.2.1", RequestID: "r1"}
	RecordAction(t.Context(), NewRecorder(log, nil), logger, action)
	if len(log.records) != 1 || text.Len() != 0 {
		t.Errorf("%d records, log %q", len(log.records), &text)
	}
	log.err = errors.New("the database is down")
	RecordAction(t.Context(), NewRecorder(log, nil), logger, action)
	if got := text.String(); !strings.Contains(got, "request_id=r1") || !strings.Contains(got, "the database is down") ||
		strings.Contains(got, "example.com") || strings.Contains(got, "192.0.2.1") {
		t.Errorf("log %q", got)
	}
}
