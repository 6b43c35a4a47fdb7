package users

import (
	"strings"
	"unicode/utf8"
)

// Maximum lengths of names, in bytes. They bound column names and the keys of the registry.
const (
	MaxNameBytes = 200 // slugs, foreign systems and app ids
	MaxIDBytes   = 512 // ids of users, stores, products, accounts and grants
)

// ValidSlug reports whether s is a valid attribute slug: letters, digits, "_" and "-".
func ValidSlug(s string) bool { return validName(s, false) }

// ValidSystem reports whether s is a valid name of a foreign system: letters, digits, "_" and "-".
func ValidSystem(s string) bool { return validName(s, false) }

// ValidAppID reports whether s is a valid app id: letters, digits, "_", "-" and dots.
func ValidAppID(s string) bool { return validName(s, true) }

// ValidID reports whether s is a valid id of a user, store, product, account or grant: non-empty
// UTF-8 of at most MaxIDBytes without control characters.
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
	appIDEscaper   = strings.NewReplacer("%", "%25", ".", "%2E")
	appIDUnescaper = strings.NewReplacer("%25", "%", "%2E", ".", "%2e", ".", "%24", "$")
)

// EscapeAppID returns the document key of an app's profile. A key must not contain a dot or begin
// with "$". EscapeAppID accepts any app id, including ids of other programs that are not valid in
// Egress.
func EscapeAppID(id string) string {
	id = appIDEscaper.Replace(id)
	if rest, ok := strings.CutPrefix(id, "$"); ok {
		return "%24" + rest
	}
	return id
}

// UnescapeAppID is the inverse of EscapeAppID.
func UnescapeAppID(key string) string { return appIDUnescaper.Replace(key) }
