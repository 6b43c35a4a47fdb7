// Package strength decides whether a new password is strong enough: long enough, and expensive to
// guess for an attacker who knows common habits. The console implements the same rules in
// frontend/src/shared/passwords; the tests of both read testdata/passwords.json.
package strength

import (
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

const (
	// MinCharacters is the minimum number of grapheme clusters: characters as people count them.
	MinCharacters = 12
	// MaxBytes is the maximum length of a password, in bytes of UTF-8.
	MaxBytes = 1024

	// maxAnalyzed is the number of code points that are analyzed. It limits the time. A password
	// whose first 256 code points are weak is refused, whatever follows.
	maxAnalyzed = 256

	// minGuesses is the lowest accepted estimate, as a power of ten. It corresponds to zxcvbn's
	// score 3.
	minGuesses = 8
)

// Reason says why a password is refused. The zero value means that it is accepted.
type Reason string

// The reasons, in the order of the checks.
const (
	Malformed Reason = "malformed" // invalid UTF-8
	TooLong   Reason = "long"      // more than MaxBytes
	TooShort  Reason = "short"     // less than MinCharacters
	Email     Reason = "email"     // contains the e-mail address
	Personal  Reason = "personal"  // consists of data about the admin or of the product's name
	Common    Reason = "common"    // consists of common passwords
	Pattern   Reason = "pattern"   // follows the alphabet, digits, a keyboard or a date
	Repeats   Reason = "repeats"   // repeats itself
)

// Normalize returns the NFC form of a password, which is the form that is hashed. The hash then
// does not depend on the keyboard (NIST SP 800-63B, 3.1.1.2).
func Normalize(password string) string { return norm.NFC.String(password) }

// Check returns why a password is refused, "" if it is accepted. about holds words that an attacker
// would try first for this admin: e-mail address, name, tenant name. Check always tries the
// product's name. It takes at most about 10 ms.
func Check(password string, about ...string) Reason {
	switch {
	case len(password) > MaxBytes:
		return TooLong
	case !utf8.ValidString(password):
		return Malformed
	}
	password = Normalize(password)
	if uniseg.GraphemeClusterCount(password) < MinCharacters {
		return TooShort
	}
	t := newText(password)
	for _, a := range about {
		if isEmail(a) && strings.Contains(t.plain.s, newText(a).plain.s) {
			return Email
		}
	}
	guesses, parts := estimate(t, personalWords(about))
	if guesses >= minGuesses {
		return ""
	}
	return reasonOf(parts)
}

// reasonOf returns the most helpful reason for a weak password, by the kinds of its parts.
func reasonOf(parts map[kind]bool) Reason {
	for _, r := range []struct {
		kind
		Reason
	}{{personal, Personal}, {common, Common}, {pattern, Pattern}} {
		if parts[r.kind] {
			return r.Reason
		}
	}
	return Repeats // twelve random characters are not weak
}
