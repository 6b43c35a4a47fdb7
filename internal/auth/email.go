package auth

import (
	"net/mail"
	"strings"
	"unicode"

	"github.com/egress-io/egress/internal/errs"
)

// The maximum lengths of an e-mail address and its parts, in bytes (RFC 5321, erratum 1690).
const (
	maxEmail      = 254
	maxEmailLocal = 64
	maxLabel      = 63
)

// NormalizeEmail returns an e-mail address in the form that is stored and looked up: trimmed, in
// lower case and NFC.
func NormalizeEmail(email string) string { return toNFC(strings.ToLower(strings.TrimSpace(email))) }

// ParseEmail validates and normalizes one e-mail address. It must have no display name, quotes,
// comments or invisible characters. The error is a CodeInvalidRequest for the field.
func ParseEmail(field, email string) (string, error) {
	email = NormalizeEmail(email)
	if email == "" {
		return "", errs.Invalid(field, "must be an email address")
	}
	if problem := textProblem(email); problem != "" {
		return "", errs.Invalid(field, "%s", problem)
	}
	if len(email) > maxEmail {
		return "", errs.Invalid(field, "must have at most %d bytes", maxEmail)
	}
	local, domain, _ := strings.Cut(email, "@")
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || parsed.Name != "" || strings.Contains(domain, "@") ||
		len(local) > maxEmailLocal || strings.ContainsFunc(email, unicode.IsSpace) || !isDomain(domain) {
		return "", errs.Invalid(field, "must be one email address, like ada@example.com")
	}
	return email, nil
}

// isDomain reports whether name is a host name: labels of letters, digits and inner hyphens.
func isDomain(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		for _, r := range label {
			if r != '-' && !unicode.In(r, unicode.L, unicode.M, unicode.Nd) {
				return false
			}
		}
	}
	return true
}
