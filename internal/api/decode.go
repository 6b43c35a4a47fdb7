package api

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export/decode"

	"github.com/gofiber/fiber/v2"
)

// decodeBody decodes a body that is one JSON object with known members only. It ignores the
// Content-Type.
func decodeBody(c *fiber.Ctx, known ...string) (decode.Object, error) {
	return decode.ParseObject(c.BodyRaw(), "", known...)
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
