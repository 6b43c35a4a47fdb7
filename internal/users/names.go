package users

import (
	"strings"
	"unicode/utf8"
)

// The longest names, in bytes. They keep column names and keys of the registry readable and bounded.
const (
	MaxNameBytes = 200 // slugs, foreign systems and app ids
	MaxIDBytes   = 512 // ids of users, stores, products, accounts and grants
)

// ValidSlug reports whether s may name an attribute: letters, digits, "_" and "-".
func ValidSlug(s string) bool { return validName(s, false) }

// ValidSystem reports whether s may name a foreign system: letters, digits, "_" and "-".
func ValidSystem(s string) bool { return validName(s, false) }

// ValidAppID reports whether s may name an extended profile: letters, digits, "_", "-" and dots.
func ValidAppID(s string) bool { return validName(s, true) }

// ValidID reports whether s may be the id of a user, store, product, account or grant: text that is not empty, without
// control characters, and no longer than MaxIDBytes.
func ValidID(s string) bool {
	if s == "" || len(s) > MaxIDBytes || !utf8.ValidString(s) {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

func validName(s string, dots bool) bool {
	if s == "" || len(s) > MaxNameBytes {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-':
		case c == '.' && dots:
		default:
			return false
		}
	}
	return true
}

var (
	appEscapes   = strings.NewReplacer("%", "%25", ".", "%2E")
	appUnescapes = strings.NewReplacer("%25", "%", "%2E", ".", "%2e", ".", "%24", "$")
)

// EscapeAppID returns the key under which the profile of an app is stored: a database key may hold no dot and may not
// begin with "$". Names of apps that others chose pass through it too.
func EscapeAppID(id string) string {
	id = appEscapes.Replace(id)
	if rest, ok := strings.CutPrefix(id, "$"); ok {
		return "%24" + rest
	}
	return id
}

// UnescapeAppID is the inverse of EscapeAppID.
func UnescapeAppID(key string) string { return appUnescapes.Replace(key) }
