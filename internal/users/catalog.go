package users

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Product is what a grant entitles to. Exports show its label.
//
// As JSON it is one object of the id, the label and Members. It reads Zephr's products: product_id
// and name are other names of the id and the label, and a product without a label gets its id.
type Product struct {
	ID      string  `bson:"_id"`
	Label   string  `bson:"label"`
	Members Members `bson:"members,omitempty"` // such as description, entitlement and mapping
}

// Account is a customer's account, which buys subscriptions.
//
// As JSON it is one object of the id, the name and Members. It reads Zephr's accounts: account_id is
// another name of the id, and an account without a name gets its id.
type Account struct {
	ID      string  `bson:"_id"`
	Name    string  `bson:"name"`
	Members Members `bson:"members,omitempty"` // such as company_id, email_address and number_of_seats
}

// Members are the members of a product or an account that Egress has no field for, as given: a JSON
// object without white space, or "".
type Members string

// MembersKey is the key of Members in documents.
const MembersKey = "members"

// MaxMembersBytes is the maximum length of Members.
const MaxMembersBytes = 64 << 10

// NewMembers returns members, each of which is valid JSON. It returns "" for none. The error
// completes a sentence that begins with the noun of the object.
func NewMembers(members map[string]json.RawMessage) (Members, error) {
	if len(members) == 0 {
		return "", nil
	}
	text := []byte{'{'}
	for i, name := range slices.Sorted(maps.Keys(members)) {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(AppendJSONString(text, name), ':'), members[name]...)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, append(text, '}')); err != nil {
		return "", fmt.Errorf("encode members: %w", err)
	}
	if compact.Len() > MaxMembersBytes {
		return "", fmt.Errorf("has more than %d bytes of other members", MaxMembersBytes)
	}
	return Members(compact.String()), nil
}

// Map returns the members by name. The caller may change the map.
func (m Members) Map() (map[string]json.RawMessage, error) {
	members := map[string]json.RawMessage{}
	if m == "" {
		return members, nil
	}
	if err := json.Unmarshal([]byte(m), &members); err != nil {
		return nil, fmt.Errorf("decode stored members: %w", err)
	}
	return members, nil
}

// MarshalJSON implements json.Marshaler.
func (p Product) MarshalJSON() ([]byte, error) { return p.Members.with("id", p.ID, "label", p.Label) }

// UnmarshalJSON implements json.Unmarshaler.
func (p *Product) UnmarshalJSON(text []byte) (err error) {
	p.ID, p.Label, p.Members, err = readCatalog(text, []string{"id", "product_id"}, []string{"label", "name"})
	return err
}

// MarshalJSON implements json.Marshaler.
func (a Account) MarshalJSON() ([]byte, error) { return a.Members.with("id", a.ID, "name", a.Name) }

// UnmarshalJSON implements json.Unmarshaler.
func (a *Account) UnmarshalJSON(text []byte) (err error) {
	a.ID, a.Name, a.Members, err = readCatalog(text, []string{"id", "account_id"}, []string{"name"})
	return err
}

// with returns the members and the text members of these names and values as JSON.
func (m Members) with(namesAndValues ...string) ([]byte, error) {
	members, err := m.Map()
	if err != nil {
		return nil, err
	}
	for pair := range slices.Chunk(namesAndValues, 2) {
		members[pair[0]] = AppendJSONString(nil, pair[1])
	}
	return json.Marshal(members)
}

// readCatalog reads a product or an account. The id and the title are those of the first name that
// has one; the other names stay members.
func readCatalog(text []byte, idNames, titleNames []string) (id, title string, rest Members, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil || members == nil {
		return "", "", "", fmt.Errorf("must be an object")
	}
	if id, err = takeText(members, idNames); err != nil {
		return "", "", "", err
	}
	if !ValidID(id) {
		return "", "", "", fmt.Errorf("must have an %s of at most %d bytes, without control characters", idNames[0], MaxIDBytes)
	}
	if title, err = takeText(members, titleNames); err != nil {
		return "", "", "", err
	}
	if title == "" {
		title = id
	}
	rest, err = NewMembers(members)
	return id, title, rest, err
}

// takeText removes the first member that has one of the names and is neither null nor "", and
// returns its text. It also removes those before it. A number is its text, since ids may be numbers.
func takeText(members map[string]json.RawMessage, names []string) (string, error) {
	for _, name := range names {
		raw, given := members[name]
		if !given {
			continue
		}
		delete(members, name)
		var text string
		var number json.Number
		switch {
		case string(raw) == "null":
			continue
		case json.Unmarshal(raw, &text) == nil:
		case json.Unmarshal(raw, &number) == nil:
			text = number.String()
		default:
			return "", fmt.Errorf("must have a text as %s", name)
		}
		if text != "" {
			return text, nil
		}
	}
	return "", nil
}
