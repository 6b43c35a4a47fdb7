package api

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/export"
)

// object is a JSON object of a request, by member. Its methods name the member that is wrong.
type object struct {
	path    string // "" for the body itself
	members map[string]json.RawMessage
}

// decode reads a body that is one JSON object with these members and no others. The Content-Type does not matter.
func decode(c *fiber.Ctx, known ...string) (object, error) {
	return decodeObject(c.BodyRaw(), "", known)
}

func decodeObject(raw []byte, path string, known []string) (object, error) {
	o := object{path: path}
	if !utf8.Valid(raw) { // encoding/json would mend it, and look for something that nobody wrote
		return o, export.Invalid(path, "The body is not valid UTF-8.")
	}
	if !json.Valid(raw) {
		return o, export.Invalid(path, "The body is not JSON.")
	}
	if trimmed := bytes.TrimSpace(raw); trimmed[0] != '{' {
		return o, export.Invalid(path, "%s must be a JSON object", subject(path))
	}
	err := o.read(json.NewDecoder(bytes.NewReader(raw)), known)
	return o, err
}

// read takes the members of an object that is known to be JSON. A map alone would keep the last of two equal members,
// and a condition that was asked for would be lost.
func (o *object) read(dec *json.Decoder, known []string) error {
	o.members = map[string]json.RawMessage{}
	_, err := dec.Token() // the opening brace
	for err == nil && dec.More() {
		var token json.Token
		if token, err = dec.Token(); err != nil {
			break
		}
		name, _ := token.(string) // the decoder lets nothing else stand before a colon
		if !slices.Contains(known, name) {
			return export.Invalid(o.at(name), "is not a member that is known here")
		}
		if _, twice := o.members[name]; twice {
			return export.Invalid(o.at(name), "stands twice")
		}
		var value json.RawMessage
		err = dec.Decode(&value)
		o.members[name] = value
	}
	if err != nil {
		return export.Invalid(o.path, "The body is not JSON.")
	}
	return nil
}

func subject(path string) string {
	if path == "" {
		return "The body"
	}
	return "This"
}

func (o object) at(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}

// raw returns a member as it came, nil where it is left out or null.
func (o object) raw(name string) json.RawMessage {
	if v := o.members[name]; len(v) > 0 && !bytes.Equal(v, []byte("null")) {
		return v
	}
	return nil
}

// object returns a member that has to be an object.
func (o object) object(name string, known ...string) (object, error) {
	raw := o.raw(name)
	if raw == nil {
		return object{}, export.Invalid(o.at(name), "is missing")
	}
	return decodeObject(raw, o.at(name), known)
}

// text returns a member that has to be a string of up to limit bytes, "" where it is left out.
func (o object) text(name string, limit int) (string, error) {
	raw := o.raw(name)
	if raw == nil {
		return "", nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", export.Invalid(o.at(name), "must be a string")
	}
	if len(s) > limit {
		return "", export.Invalid(o.at(name), "must have at most %d bytes", limit)
	}
	return s, nil
}

// requiredText is text that may not be left out or empty.
func (o object) requiredText(name string, limit int) (string, error) {
	s, err := o.text(name, limit)
	if err == nil && s == "" {
		err = export.Invalid(o.at(name), "is missing")
	}
	return s, err
}

// flag returns a member that has to be true or false.
func (o object) flag(name string) (bool, error) {
	raw := o.raw(name)
	if raw == nil {
		return false, export.Invalid(o.at(name), "is missing")
	}
	var b bool
	if err := json.Unmarshal(raw, &b); err != nil {
		return false, export.Invalid(o.at(name), "must be true or false")
	}
	return b, nil
}

// whole returns a member that has to be a whole number within two others.
func (o object) whole(name string, least, most int64) (int64, error) {
	raw := o.raw(name)
	if raw == nil {
		return 0, export.Invalid(o.at(name), "is missing")
	}
	var n int64
	if err := json.Unmarshal(raw, &n); err != nil || n < least || n > most {
		return 0, export.Invalid(o.at(name), "must be a whole number from %d to %d", least, most)
	}
	return n, nil
}

// queryLimit returns ?limit=, within 1 and most.
func queryLimit(c *fiber.Ctx, standard, most int) (int, error) {
	s := c.Query("limit")
	if s == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, export.Invalid("limit", "must be a number from 1 to %d", most)
	}
	return n, nil
}

// queryNames refuses every query parameter but those named: one that is misspelt would otherwise select everything.
func queryNames(c *fiber.Ctx, names ...string) error {
	for name := range c.Context().QueryArgs().All() {
		if !slices.Contains(names, string(name)) {
			return export.Invalid(string(name), "is not a parameter of this address")
		}
	}
	return nil
}

// pathValue returns a parameter of the path, percent-decoded.
func pathValue(c *fiber.Ctx, name string) (string, error) {
	v, err := url.PathUnescape(c.Params(name))
	if err != nil {
		return "", export.Invalid(name, "is not percent-encoded properly")
	}
	return v, nil
}
