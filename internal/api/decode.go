package api

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

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
	return decodeObject(c.Body(), "", known)
}

func decodeObject(raw []byte, path string, known []string) (object, error) {
	o := object{path: path}
	if !json.Valid(raw) {
		return o, export.Invalid(path, "The body is not JSON.")
	}
	if trimmed := bytes.TrimSpace(raw); trimmed[0] != '{' {
		return o, export.Invalid(path, "%s must be a JSON object", subject(path))
	}
	if err := json.Unmarshal(raw, &o.members); err != nil {
		return o, export.Invalid(path, "The body is not JSON.")
	}
	for name := range o.members {
		if !slices.Contains(known, name) {
			return o, export.Invalid(o.at(name), "is not a member that is known here")
		}
	}
	return o, nil
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

// pathValue returns a parameter of the path, percent-decoded.
func pathValue(c *fiber.Ctx, name string) (string, error) {
	v, err := url.PathUnescape(c.Params(name))
	if err != nil {
		return "", export.Invalid(name, "is not percent-encoded properly")
	}
	return v, nil
}
