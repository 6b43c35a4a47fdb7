package importer

import (
	"cmp"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// eventRecord is a parsed state event.
type eventRecord struct {
	event    users.StateEvent
	ignored  []string  // names of unknown members
	warnings []problem // unlikely values that were kept
}

// eventAliases maps the alternative names of members to the primary ones.
var eventAliases = map[string]string{
	"event_id": "eventId", "userId": "user_id", "from_state": "fromState", "to_state": "toState", "grant_id": "grantId",
	"product_id": "productId",
}

// encodeEvent parses an item and encodes its state event as a document.
func encodeEvent(it item) (eventRecord, bson.Raw, error) {
	if it.raw == nil {
		return eventRecord{}, nil, errs.Invalid("", "%s", it.reason)
	}
	rec, err := parseEvent(it.raw)
	if err != nil {
		return rec, nil, err
	}
	doc, err := users.EncodeStateEvent(rec.event)
	return rec, doc, err
}

// parseEvent parses a state event. The error is an errs.CodeInvalidRequest with the first invalid field
// and a reason. The record contains the user id even with an error, if the item has a valid one.
func parseEvent(raw []byte) (rec eventRecord, firstErr error) {
	list, bad, err := splitObject(raw)
	if err != nil {
		return rec, invalidField("", err)
	}
	for _, b := range bad {
		if firstErr == nil {
			firstErr = invalidField(sanitize(b.field), errors.New(b.reason))
		}
	}
	seen := map[string]bool{}
	for _, m := range list {
		name := cmp.Or(eventAliases[m.name], m.name)
		known, err := rec.parseMember(name, m.value)
		if !known {
			rec.ignored = append(rec.ignored, m.name)
			continue
		}
		if err == nil && seen[name] {
			err = errors.New("appears a second time under another name")
		}
		if seen[name] = true; err != nil && firstErr == nil {
			firstErr = invalidField(m.name, err)
		}
	}
	if firstErr == nil && !seen["time"] {
		firstErr = invalidField("time", errors.New("is missing"))
	}
	return rec, firstErr
}

// parseMember parses the member with the given primary name.
func (rec *eventRecord) parseMember(name string, raw []byte) (known bool, err error) {
	e := &rec.event
	switch name {
	case "eventId":
		e.ID, err = parseEventText(raw, users.CheckEventID)
	case "time":
		e.Time, err = rec.parseTime(raw)
	case "user_id":
		var id string
		if id, err = parseID(raw); err == nil {
			e.UserID = id
		}
	case "kind":
		e.Kind, err = parseEventWord(raw)
	case "fromState":
		e.FromState, err = parseEventWord(raw)
	case "toState":
		e.ToState, err = parseEventWord(raw)
	case "grantId":
		e.GrantID, err = parseID(raw)
	case "productId":
		e.ProductID, err = parseID(raw)
	default:
		return false, nil
	}
	return true, err
}

// parseEventWord parses a kind or a state. It returns "" for null and "".
func parseEventWord(raw []byte) (string, error) {
	if c := raw[0]; c != '"' && c != 'n' {
		return "", errors.New("must be text")
	}
	return parseEventText(raw, users.CheckEventWord)
}

func parseEventText(raw []byte, check func(string) error) (string, error) {
	s, err := parseText(raw)
	if err == nil && s != "" {
		err = check(s)
	}
	return s, err
}

// parseTime parses the time of an event, which is required.
func (rec *eventRecord) parseTime(raw []byte) (time.Time, error) {
	t, err := parseTime(raw, users.AccountTimes)
	switch {
	case err != nil:
		return time.Time{}, err
	case t == nil:
		return time.Time{}, export.ErrInvalidTime
	}
	if p, unlikely := unlikelyTime("time", *t, users.AccountTimes); unlikely {
		rec.warnings = append(rec.warnings, p)
	}
	return *t, users.CheckEventTime(*t)
}
