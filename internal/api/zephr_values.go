package api

import (
	"strings"
	"unicode"

	"github.com/egress-io/egress/internal/errs"
)

// checkEmailAddress returns an error for text that cannot be the e-mail address of a user. It accepts
// "", which is no address, and addresses that only some mail servers accept: users may have them.
func checkEmailAddress(field, address string) error {
	if address == "" {
		return nil
	}
	at := strings.LastIndexByte(address, '@')
	invisible := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	if at < 1 || at == len(address)-1 || strings.ContainsFunc(address, invisible) {
		return errs.Invalid(field, "must be an e-mail address: a name, @ and a domain")
	}
	return nil
}
