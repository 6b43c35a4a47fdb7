package api

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/httpsig"
	"github.com/egress-io/egress/internal/users"
)

// Reasons to refuse a signed request before its signature is computed. They do not depend on the
// secret.
var (
	errSignedTwice = errs.Invalid("",
		"Sign a request either with HTTP Message Signatures or with the header Authorization, not with both.")
	errSignedTarget = errs.Invalid("",
		"The address of a signed request must be a path and a query in printable ASCII. Percent-encode everything else.")
	errSignedBody = errs.Invalid("",
		"The body of a request signed with ZEPHR-HMAC-SHA256 or BLAIZE-HMAC-SHA256 must be UTF-8 without NUL bytes. "+
			"Sign with HTTP Message Signatures to send other bodies.")
	errSignedNoBody = errs.Invalid("",
		"A GET, HEAD or DELETE request signed with ZEPHR-HMAC-SHA256 or BLAIZE-HMAC-SHA256 must not have a body.")
	errSignedItem = errs.Invalid("",
		"The last segment of this path looks like a query parameter. Percent-encode its \"=\" as %%3D.")
	errSignedList = errs.Invalid("",
		"With a trailing slash, the first parameter of the query must have the form name=value.")
)

// hasSignature reports whether a request has a signature of any scheme, valid or not.
func hasSignature(c *fiber.Ctx) bool {
	return hasMessageSignature(c) || auth.IsSigned(c.Get(fiber.HeaderAuthorization))
}

// hasMessageSignature reports whether a request has HTTP Message Signatures.
func hasMessageSignature(c *fiber.Ctx) bool {
	return len(headerLines(c, httpsig.InputField)) > 0 || len(headerLines(c, httpsig.SignatureField)) > 0
}

// verifySignature returns the signer of a request. It refuses requests whose signature could be
// valid for a different request.
func (a *authorizer) verifySignature(c *fiber.Ctx, row policyRow) (*auth.Signer, error) {
	header, t := c.Get(fiber.HeaderAuthorization), signatureTarget(c)
	if err := checkTarget(c, row, t); err != nil {
		return nil, a.refuseSigned(c, err)
	}
	switch zephr := auth.IsSigned(header); {
	case hasMessageSignature(c) && zephr:
		return nil, a.refuseSigned(c, errSignedTwice)
	case hasMessageSignature(c):
		return a.keys.VerifyMessage(c.UserContext(), a.signedMessage(c, t))
	}
	if err := checkConcatenated(row, t); err != nil {
		return nil, a.refuseSigned(c, err)
	}
	return a.keys.Verify(c.UserContext(), header, t)
}

// signedMessage returns the parts of a request that HTTP Message Signatures can cover.
func (a *authorizer) signedMessage(c *fiber.Ctx, t auth.Target) auth.Message {
	host := string(c.Context().Host()) // in lower case
	origins := []string{"http://" + strings.TrimSuffix(host, ":80"), "https://" + strings.TrimSuffix(host, ":443")}
	if a.publicOrigin != "" {
		origins = append(origins, a.publicOrigin)
	}
	return auth.Message{
		Request: httpsig.Request{
			Method: t.Method, Target: string(c.Request().Header.RequestURI()), Path: t.Path, Query: t.Query,
			Header: func(name string) []string { return headerLines(c, name) },
		},
		Origins: origins, Body: t.Body,
	}
}

// headerLines returns the lines of a header field, in order.
func headerLines(c *fiber.Ctx, name string) []string {
	all := c.Request().Header.PeekAll(name)
	texts := make([]string, len(all))
	for i, line := range all {
		texts[i] = string(line)
	}
	return texts
}

// checkTarget refuses a signed request if the router parses its address differently from what was
// signed, or if its query has a parameter that the route does not have: otherwise the signature of
// /v3/users/u12 would also be valid for /v3/users/u1?2.
func checkTarget(c *fiber.Ctx, row policyRow, t auth.Target) *errs.Error {
	uri := c.Request().URI()
	if t.Path != string(uri.PathOriginal()) || t.Query != string(uri.QueryString()) || !printableASCII(t.Path) || !printableASCII(t.Query) {
		return errSignedTarget
	}
	if row.anyQuery {
		return nil
	}
	for pair := range strings.SplitSeq(t.Query, "&") {
		if name, _, _ := strings.Cut(pair, "="); pair != "" && !hasParameter(row.query, name) {
			if decoded, err := url.QueryUnescape(name); err == nil {
				name = decoded
			}
			return errs.Invalid(name, "is not a parameter of this address")
		}
	}
	return nil
}

// hasParameter reports whether a percent-encoded name is one of the known parameters. "<system>" at
// the end of a known name stands for any foreign system.
func hasParameter(known []string, encoded string) bool {
	name, err := url.QueryUnescape(encoded)
	return err == nil && slices.ContainsFunc(known, func(k string) bool {
		prefix, pattern := strings.CutSuffix(k, "<system>")
		if !pattern {
			return name == k
		}
		system, ok := strings.CutPrefix(name, prefix)
		return ok && users.ValidSystem(system)
	})
}

// checkConcatenated refuses requests for which a signature of Zephr's schemes could be valid for
// another request too. The schemes hash a concatenation with plain SHA-256:
//   - Length extension: anyone can extend such a hash with SHA-256's padding (a byte that is not
//     UTF-8, and NUL bytes) and a suffix. The padding would be in the body, in the address
//     (checkTarget refuses it) or in the nonce (auth.ParseSignature refuses it).
//   - Bytes can move between the parts. If the route ignores the body, the body could contain
//     everything before the path. If a list accepts a trailing slash, /v3/users/search and
//     /v3/users/?search have the same bytes.
func checkConcatenated(row policyRow, t auth.Target) *errs.Error {
	first, _, _ := strings.Cut(t.Query, "&")
	item := strings.TrimSuffix(t.Path, "/")
	name, _, assigned := strings.Cut(item[strings.LastIndexByte(item, '/')+1:], "=")
	switch bodiless := t.Method == fiber.MethodGet || t.Method == fiber.MethodHead || t.Method == fiber.MethodDelete; {
	case bodiless && len(t.Body) > 0:
		return errSignedNoBody
	case slices.Contains(t.Body, 0) || !utf8.Valid(t.Body):
		return errSignedBody
	case assigned && hasParameter(row.listQuery, name):
		return errSignedItem
	case row.hasItems && t.Query != "" && strings.HasSuffix(t.Path, "/") && !strings.Contains(first, "="):
		return errSignedList
	}
	return nil
}

func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// refuseSigned logs why a signed request is refused before its signature is computed, and returns
// the error. The name of a parameter is not logged, because it may contain anything.
func (a *authorizer) refuseSigned(c *fiber.Ctx, refusal *errs.Error) error {
	reason := refusal.Message
	if refusal.Field != "" {
		reason = "the query has a parameter that the route does not have"
	}
	a.logger.WarnContext(c.UserContext(), "a signed request was refused", "reason", reason, "route", c.Locals(routeKey), "request_id", requestID(c))
	return refusal
}
