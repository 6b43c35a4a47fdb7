package api

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"

	"github.com/gofiber/fiber/v2"
)

// object is a JSON object of a request body. Errors of its methods name the invalid member.
type object struct {
	path    string // "" for the body itself
	members map[string]json.RawMessage
}

// decodeBody decodes a body that is one JSON object with known members only. It ignores the
// Content-Type.
func decodeBody(c *fiber.Ctx, known ...string) (object, error) {
	return decodeObject(c.BodyRaw(), "", known)
}

func decodeObject(raw []byte, path string, known []string) (object, error) {
	o := object{path: path}
	if !utf8.Valid(raw) { // encoding/json would replace the invalid bytes and change the value
		return o, errs.Invalid(path, "The body is not valid UTF-8.")
	}
	if !json.Valid(raw) {
		return o, errs.Invalid(path, "The body is not JSON.")
	}
	if trimmed := bytes.TrimSpace(raw); trimmed[0] != '{' {
		return o, errs.Invalid(path, "%s must be a JSON object", subject(path))
	}
	err := o.read(json.NewDecoder(bytes.NewReader(raw)), known)
	return o, err
}

// read decodes the members of valid JSON. Unlike a map, it refuses repeated members: otherwise only
// the last would count, and a condition could be lost.
func (o *object) read(dec *json.Decoder, known []string) error {
	o.members = map[string]json.RawMessage{}
	_, err := dec.Token() // the opening brace
	for err == nil && dec.More() {
		var token json.Token
		if token, err = dec.Token(); err != nil {
			break
		}
		name, _ := token.(string) // in a JSON object, only a string precedes a colon
		if !slices.Contains(known, name) {
			return errs.Invalid(o.pathOf(name), "is not a known member")
		}
		if _, repeated := o.members[name]; repeated {
			return errs.Invalid(o.pathOf(name), "occurs twice")
		}
		var value json.RawMessage
		err = dec.Decode(&value)
		o.members[name] = value
	}
	if err != nil {
		return errs.Invalid(o.path, "The body is not JSON.")
	}
	return nil
}

func subject(path string) string {
	if path == "" {
		return "The body"
	}
	return "This"
}

func (o object) pathOf(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}

// raw returns a member as sent, nil if it is omitted or null.
func (o object) raw(name string) json.RawMessage {
	if v := o.members[name]; len(v) > 0 && !bytes.Equal(v, []byte("null")) {
		return v
	}
	return nil
}

// object returns a required object member.
func (o object) object(name string, known ...string) (object, error) {
	raw := o.raw(name)
	if raw == nil {
		return object{}, errs.Invalid(o.pathOf(name), "is missing")
	}
	return decodeObject(raw, o.pathOf(name), known)
}

// text returns a string member of up to limit bytes, "" if it is omitted.
func (o object) text(name string, limit int) (string, error) {
	raw := o.raw(name)
	if raw == nil {
		return "", nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", errs.Invalid(o.pathOf(name), "must be a string")
	}
	if len(s) > limit {
		return "", errs.Invalid(o.pathOf(name), "must have at most %d bytes", limit)
	}
	return s, nil
}

// requiredText returns a string member of up to limit bytes that must not be empty.
func (o object) requiredText(name string, limit int) (string, error) {
	s, err := o.text(name, limit)
	if err == nil && s == "" {
		err = errs.Invalid(o.pathOf(name), "is missing")
	}
	return s, err
}

// flag returns a required boolean member.
func (o object) flag(name string) (bool, error) {
	raw := o.raw(name)
	if raw == nil {
		return false, errs.Invalid(o.pathOf(name), "is missing")
	}
	var b bool
	if err := json.Unmarshal(raw, &b); err != nil {
		return false, errs.Invalid(o.pathOf(name), "must be true or false")
	}
	return b, nil
}

// optionalFlag returns a boolean member, false if it is omitted.
func (o object) optionalFlag(name string) (bool, error) {
	if o.raw(name) == nil {
		return false, nil
	}
	return o.flag(name)
}

// queryFlag returns a boolean query parameter, false if it is omitted.
func queryFlag(c *fiber.Ctx, name string) (bool, error) {
	switch c.Query(name) {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	default:
		return false, errs.Invalid(name, "must be true or false")
	}
}

// integer returns a required integer member from minimum to maximum.
func (o object) integer(name string, minimum, maximum int64) (int64, error) {
	raw := o.raw(name)
	if raw == nil {
		return 0, errs.Invalid(o.pathOf(name), "is missing")
	}
	var n int64
	if err := json.Unmarshal(raw, &n); err != nil || n < minimum || n > maximum {
		return 0, errs.Invalid(o.pathOf(name), "must be a whole number from %d to %d", minimum, maximum)
	}
	return n, nil
}

// queryLimit returns ?limit=, from 1 to maxLimit.
func queryLimit(c *fiber.Ctx, defaultLimit, maxLimit int) (int, error) {
	s := c.Query("limit")
	if s == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxLimit {
		return 0, errs.Invalid("limit", "must be a number from 1 to %d", maxLimit)
	}
	return n, nil
}

// checkQueryNames refuses query parameters with other names. Otherwise a misspelt condition would
// select everything.
func checkQueryNames(c *fiber.Ctx, names ...string) error {
	for name := range c.Context().QueryArgs().All() {
		if !slices.Contains(names, string(name)) {
			return errs.Invalid(string(name), "is not a parameter of this address")
		}
	}
	return nil
}

// pathValue returns a path parameter, percent-decoded.
func pathValue(c *fiber.Ctx, name string) (string, error) {
	v, err := url.PathUnescape(c.Params(name))
	if err != nil {
		return "", errs.Invalid(name, "is not percent-encoded properly")
	}
	return v, nil
}
