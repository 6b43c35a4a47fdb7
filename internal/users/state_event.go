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

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// StateEvent is a change of a user's subscription state.
type StateEvent struct {
	ID        string    // "" if the source gave none; see EventID
	Time      time.Time // in UTC, in milliseconds
	UserID    string
	Kind      string // registered, granted, renewed, expired, …
	FromState string // "" if unknown or none
	ToState   string // "" if unknown or none
	GrantID   string // "" if the event concerns no grant
	ProductID string // "" if the event concerns no product
}

// MaxEventIDChars is the maximum number of characters in the id of a state event.
const MaxEventIDChars = 200

// CheckEventID returns an error for an invalid id of a state event. The error completes a sentence
// that begins with the field's name.
func CheckEventID(id string) error {
	if id == "" || !utf8.ValidString(id) || utf8.RuneCountInString(id) > MaxEventIDChars ||
		strings.ContainsFunc(id, func(r rune) bool { return r == '/' || !unicode.IsPrint(r) }) {
		return fmt.Errorf("must be at most %d printable characters without /", MaxEventIDChars)
	}
	return nil
}

var eventWordPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// CheckEventWord returns an error for an invalid kind or state. The error completes a sentence that
// begins with the field's name.
func CheckEventWord(word string) error {
	if !eventWordPattern.MatchString(word) {
		return errors.New("must be a lower-case letter followed by at most 63 of a-z, 0-9 and _, like trial_started")
	}
	return nil
}

// ParseEventTime parses the time of a state event: any form of export.ParseInstant, or a Unix time
// (ParseUnix). The result is in UTC, truncated to milliseconds. The error completes a sentence that
// begins with the field's name.
func ParseEventTime(s string) (t time.Time, err error) {
	if IsNumber(s) {
		t, err = ParseUnix(s, AccountTimes)
	} else {
		t, err = ParseDate(DateTime, s)
	}
	if err == nil {
		err = CheckEventTime(t)
	}
	if err != nil {
		return time.Time{}, err
	}
	return t, nil
}

// CheckEventTime returns an error for a time outside the years 1 to 9999. Stored ids begin with the
// time, so its text must have a fixed width; a year 0 is most likely an error.
func CheckEventTime(t time.Time) error {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return errors.New("is outside the years 1 to 9999 in UTC")
	}
	return nil
}

// Check returns an errs.CodeInvalidRequest that names the first invalid field, or nil.
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
				return errs.Invalid(field.name, "is missing")
			}
			continue
		}
		if err := field.check(field.text); err != nil {
			return errs.Invalid(field.name, "%s", err)
		}
	}
	if err := CheckEventTime(e.Time); err != nil {
		return errs.Invalid("time", "%s", err)
	}
	return nil
}

func checkID(id string) error {
	if !ValidID(id) {
		return fmt.Errorf("must be at most %d bytes without control characters", MaxIDBytes)
	}
	return nil
}

// EventID returns the event's id, or else a hash of its content, so that importing the same event
// again replaces it.
func (e StateEvent) EventID() string {
	return cmp.Or(e.ID, e.fingerprint())
}

func (e StateEvent) fingerprint() string {
	sum := sha256.New()
	for _, text := range []string{eventTime(e.Time), e.UserID, e.Kind, e.FromState, e.ToState, e.GrantID, e.ProductID} {
		fmt.Fprintf(sum, "%d:%s", len(text), text) // the length makes the encoding unambiguous
	}
	const bytes = 16 // enough: a collision is expected after 2^64 events, and there is no attacker
	return "sha256-" + hex.EncodeToString(sum.Sum(nil)[:bytes])
}

// StoredID returns the document id of the event: its time and its event id. Stored ids sort by
// time, so a range of times is a range of ids.
func (e StateEvent) StoredID() string { return EventIDPrefix(e.Time) + e.EventID() }

// EventIDPrefix returns the prefix of the stored ids of all events at t. It sorts after the stored
// ids of all earlier events and before those of all others.
func EventIDPrefix(t time.Time) string { return eventTime(t) + "/" }

// EventIDUpperBound returns the exclusive upper bound of the stored ids of all events up to and
// including t.
func EventIDUpperBound(t time.Time) string { return eventTime(t) + "0" } // the character after "/"

func eventTime(t time.Time) string { return t.UTC().Format(export.TimeFormat) }

// EncodeStateEvent checks the event and encodes it as a BSON document. Equal events have equal
// bytes.
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
