package importer

import (
	"cmp"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// eventRecord is what an item gives.
type eventRecord struct {
	event   users.StateEvent
	ignored []string // members that nothing is made of
}

// otherNames are the second names of an event's members, with their first ones.
var otherNames = map[string]string{
	"event_id": "eventId", "userId": "user_id", "from_state": "fromState", "to_state": "toState", "grant_id": "grantId",
	"product_id": "productId",
}

// encodeEvent makes a document of an item.
func encodeEvent(it item) (eventRecord, bson.Raw, error) {
	if it.raw == nil {
		return eventRecord{}, nil, export.Invalid("", "%s", it.reason)
	}
	rec, err := parseEvent(it.raw)
	if err != nil {
		return rec, nil, err
	}
	doc, err := users.EncodeStateEvent(rec.event)
	return rec, doc, err
}

// parseEvent reads an item. The record holds the user's id where the item has a good one, also beside an error, which is
// an export.CodeInvalid with the first field that is wrong and a reason.
func parseEvent(raw []byte) (rec eventRecord, wrong error) {
	list, err := members(raw)
	if err != nil {
		return rec, refuse("", err)
	}
	seen := map[string]bool{}
	for _, m := range list {
		name := cmp.Or(otherNames[m.name], m.name)
		known, err := rec.member(name, m.value)
		if !known {
			rec.ignored = append(rec.ignored, m.name)
			continue
		}
		if err == nil && seen[name] {
			err = errors.New("is there under another name, too")
		}
		if seen[name] = true; err != nil && wrong == nil {
			wrong = refuse(m.name, err)
		}
	}
	if wrong == nil && !seen["time"] {
		wrong = refuse("time", errors.New("is missing"))
	}
	return rec, wrong
}

// member reads one member by its first name.
func (rec *eventRecord) member(name string, raw []byte) (known bool, err error) {
	e := &rec.event
	switch name {
	case "eventId":
		e.ID, err = eventText(raw, users.CheckEventID)
	case "time":
		e.Time, err = eventTime(raw)
	case "user_id":
		var id string
		if id, err = ident(raw); err == nil {
			e.UserID = id
		}
	case "kind":
		e.Kind, err = eventWord(raw)
	case "fromState":
		e.FromState, err = eventWord(raw)
	case "toState":
		e.ToState, err = eventWord(raw)
	case "grantId":
		e.GrantID, err = ident(raw)
	case "productId":
		e.ProductID, err = ident(raw)
	default:
		return false, nil
	}
	return true, err
}

// eventWord reads a kind or a state; null and "" are none.
func eventWord(raw []byte) (string, error) {
	if c := raw[0]; c != '"' && c != 'n' {
		return "", errors.New("must be text")
	}
	return eventText(raw, users.CheckEventWord)
}

func eventText(raw []byte, check func(string) error) (string, error) {
	s, err := word(raw)
	if err == nil && s != "" {
		err = check(s)
	}
	return s, err
}

func eventTime(raw []byte) (time.Time, error) {
	if raw[0] != '"' {
		raw = []byte(`""`)
	}
	s, err := text(raw)
	if err != nil {
		return time.Time{}, err
	}
	return users.ParseEventTime(s)
}
