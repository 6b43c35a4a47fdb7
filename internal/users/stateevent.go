package users

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// StateEvent is something that happened to a user's subscription state.
type StateEvent struct {
	ID        string    // "" where whoever tells of it gave none; see EventID
	Time      time.Time // in UTC, whole milliseconds
	UserID    string
	Kind      string // registered, granted, renewed, expired, …
	FromState string // "" where it is unknown, or there was none
	ToState   string // the same
	GrantID   string // "" where it concerns no grant
	ProductID string // "" where it concerns no product
}

// MaxEventIDChars is how many characters the id of a state event may have.
const MaxEventIDChars = 200

// CheckEventID says what is wrong with the id of a state event, as a reason to put behind the field's name.
func CheckEventID(id string) error {
	if id == "" || !utf8.ValidString(id) || utf8.RuneCountInString(id) > MaxEventIDChars ||
		strings.ContainsFunc(id, func(r rune) bool { return r == '/' || !unicode.IsPrint(r) }) {
		return fmt.Errorf("must be at most %d printable characters without /", MaxEventIDChars)
	}
	return nil
}

var eventWord = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// CheckEventWord says what is wrong with a kind or a state, as a reason to put behind the field's name.
func CheckEventWord(word string) error {
	if !eventWord.MatchString(word) {
		return errors.New("must be a lower-case letter and then at most 63 of a-z, 0-9 and _, like trial_started")
	}
	return nil
}

// ParseEventTime reads the time of a state event: RFC 3339 with any offset. What is finer than a millisecond is cut; the
// result is in UTC. The error is a reason to put behind the field's name.
func ParseEventTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, errors.New("must be an RFC 3339 time like 2026-01-31T08:30:00Z")
	}
	if err := CheckEventTime(t); err != nil {
		return time.Time{}, err
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

// CheckEventTime says what is wrong with the time of a state event: its text must have a fixed width, since ids begin
// with it. A year 0 is most likely nobody's.
func CheckEventTime(t time.Time) error {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return errors.New("is not between the years 1 and 9999 in UTC")
	}
	return nil
}

// Check returns an export.CodeInvalid that names the first field that is wrong, nil where all are right.
func (e StateEvent) Check() error {
	for _, field := range []struct {
		name     string
		required bool
		text     string
		check    func(string) error
	}{
		{"eventId", false, e.ID, CheckEventID},
		{"user_id", true, e.UserID, checkID},
		{"kind", true, e.Kind, CheckEventWord},
		{"fromState", false, e.FromState, CheckEventWord},
		{"toState", false, e.ToState, CheckEventWord},
		{"grantId", false, e.GrantID, checkID},
		{"productId", false, e.ProductID, checkID},
	} {
		if field.text == "" {
			if field.required {
				return export.Invalid(field.name, "is missing")
			}
			continue
		}
		if err := field.check(field.text); err != nil {
			return export.Invalid(field.name, "%s", err)
		}
	}
	if err := CheckEventTime(e.Time); err != nil {
		return export.Invalid("time", "%s", err)
	}
	return nil
}

func checkID(id string) error {
	if !ValidID(id) {
		return fmt.Errorf("must be at most %d bytes without control characters", MaxIDBytes)
	}
	return nil
}

// EventID returns the event's id. One that has none gets one that is made of all that is known of it, so that who tells
// the same again tells of the same event.
func (e StateEvent) EventID() string {
	return cmp.Or(e.ID, e.fingerprint())
}

func (e StateEvent) fingerprint() string {
	sum := sha256.New()
	for _, text := range []string{eventTime(e.Time), e.UserID, e.Kind, e.FromState, e.ToState, e.GrantID, e.ProductID} {
		fmt.Fprintf(sum, "%d:%s", len(text), text) // with its length, so that no two events have the same text
	}
	const bytes = 16 // of 32: there is no attacker, and 2^64 events come first
	return "sha256-" + hex.EncodeToString(sum.Sum(nil)[:bytes])
}

// StoredID returns the id under which the event is stored: its time and its own id. The order of stored ids is the order
// of times, so a range of times is one of ids.
func (e StateEvent) StoredID() string { return FirstEventID(e.Time) + e.EventID() }

// FirstEventID returns the text with which the stored ids of all events at t begin. No event that is not earlier than t
// has an id before it.
func FirstEventID(t time.Time) string { return eventTime(t) + "/" }

// BehindEventIDs returns the first text behind the stored ids of all events that are not later than t.
func BehindEventIDs(t time.Time) string { return eventTime(t) + "0" } // 0 follows /

func eventTime(t time.Time) string { return t.UTC().Format(export.TimeFormat) }

// EncodeStateEvent returns the event as it is stored. Equal events have equal bytes.
func EncodeStateEvent(e StateEvent) (bson.Raw, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	d := bson.D{
		{Key: "_id", Value: e.StoredID()}, {Key: "event_id", Value: e.EventID()},
		{Key: "time", Value: bson.NewDateTimeFromTime(e.Time)},
	}
	d = addText(d, "user_id", e.UserID)
	d = addText(d, "kind", e.Kind)
	d = addText(d, "from_state", e.FromState)
	d = addText(d, "to_state", e.ToState)
	d = addText(d, "grant_id", e.GrantID)
	d = addText(d, "product_id", e.ProductID)
	raw, err := bson.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode state event: %w", err)
	}
	return raw, nil
}
