package api

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/users"
)

// maxForeignKey is the maximum length of a foreign key in bytes.
const maxForeignKey = 512

// SetUserForeignKey answers PUT /v3/users/{user_id}/foreign-key/update/{system}.
func (h *zephrChangeHandlers) SetUserForeignKey(c *fiber.Ctx) error {
	system, err := pathSystem(c)
	if err != nil {
		return err
	}
	key, err := decodeKeyBody(c)
	if err != nil {
		return err
	}
	if err := checkForeignKey("", system, key); err != nil {
		return err
	}
	return h.changeUser(c, audit.UserChanged, users.ForeignKeyPath(system), "The foreign key was changed.", func(tenant, id string, at time.Time) error {
		return h.records.SetForeignKey(c.UserContext(), tenant, id, system, key, at)
	})
}

// DeleteUserForeignKey answers DELETE /v4/users/{user_id}/foreign-key/{system}/{key}.
func (h *zephrChangeHandlers) DeleteUserForeignKey(c *fiber.Ctx) error {
	system, err := pathSystem(c)
	if err != nil {
		return err
	}
	key, err := pathValue(c, "key")
	if err != nil {
		return err
	}
	return h.changeUser(c, audit.UserChanged, users.ForeignKeyPath(system), "The foreign key was deleted.", func(tenant, id string, at time.Time) error {
		return h.records.RemoveForeignKey(c.UserContext(), tenant, id, system, key, at)
	})
}

func pathSystem(c *fiber.Ctx) (string, error) {
	system, err := pathValue(c, "system")
	if err == nil {
		err = checkForeignKey("system", system, "")
	}
	return system, err
}

// decodeKeyBody returns the foreign key that is the body: a JSON string, the digits of a JSON number,
// or plain text without the line break at its end. Text that a client sends as JSON by mistake is
// plain text.
func decodeKeyBody(c *fiber.Ctx) (string, error) {
	body := bytes.TrimSpace(c.BodyRaw())
	if len(body) == 0 {
		return "", errs.Invalid("", "The body must be the foreign key. DELETE /v4/users/{user_id}/foreign-key/{system}/{key} removes one.")
	}
	isJSON := c.Is("json") && json.Valid(body)
	if isJSON && bytes.ContainsAny(body[:1], "-0123456789") {
		return string(body), nil
	}
	if !bytes.ContainsAny(body[:1], `"{[`) && !isJSON {
		return strings.TrimSuffix(strings.TrimSuffix(string(c.BodyRaw()), "\n"), "\r"), nil
	}
	v, err := decode.Parse(body, "")
	if err != nil {
		return "", err
	}
	key, err := v.RequiredText(maxForeignKey)
	if v.IsNull() || key == "" && err == nil {
		err = errs.Invalid("", "The foreign key must be a string that is not empty.")
	}
	return key, err
}

// decodeForeignKeys decodes the foreign keys of a user: an object by foreign system, or an array of
// such objects and of objects with a system and a key. A key that is null or "" is nil.
func decodeForeignKeys(v decode.Value) (map[string]any, error) {
	keys := map[string]any{}
	if _, err := v.Array(); err != nil {
		return keys, addForeignKeys(keys, v)
	}
	items, err := v.Array()
	if err != nil {
		return nil, err
	}
	for item := range items {
		if err := addForeignKeys(keys, item); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// addForeignKeys adds the keys of an object.
func addForeignKeys(keys map[string]any, v decode.Value) error {
	object, err := v.Map()
	if err != nil {
		return err
	}
	add := func(system string, value decode.Value) error {
		key, err := value.Text(maxForeignKey)
		if err != nil {
			return err
		}
		if err := checkForeignKey(value.Path(), system, key); err != nil {
			return err
		}
		if _, repeated := keys[system]; repeated {
			return errs.Invalid(value.Path(), "is a second key of the same foreign system")
		}
		if keys[system] = nil; key != "" {
			keys[system] = key
		}
		return nil
	}
	if object.Len() == 2 && object.Has("system") && object.Has("key") {
		system, err := object.Get("system").RequiredText(users.MaxNameBytes)
		if err != nil {
			return err
		}
		return add(system, object.Get("key"))
	}
	for system, value := range object.All() {
		if err := add(system, value); err != nil {
			return err
		}
	}
	return nil
}

func checkForeignKey(field, system, key string) error {
	switch {
	case !users.ValidSystem(system):
		return errs.Invalid(field, "must name a foreign system with letters, digits, _ and - only")
	case len(key) > maxForeignKey:
		return errs.Invalid(field, "must have at most %d bytes", maxForeignKey)
	case !utf8.ValidString(key) || strings.IndexByte(key, 0) >= 0:
		return errs.Invalid(field, "must be UTF-8 text without NUL bytes")
	}
	return nil
}
