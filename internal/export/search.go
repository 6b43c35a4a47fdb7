package export

import (
	"strings"
	"unicode/utf8"
)

// The largest search that is accepted.
const (
	MaxSearchBytes = 256 // without the blanks around it
	MaxSearchWords = 10
)

// CheckSearch returns what a request searches for without the blanks around it; "" is no search. Field names it in an
// error, which is CodeInvalid.
func CheckSearch(text, field string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case !utf8.ValidString(text):
		return "", Invalid(field, "A search must be valid UTF-8.")
	case len(text) > MaxSearchBytes:
		return "", Invalid(field, "A search has at most %d bytes.", MaxSearchBytes)
	case len(strings.Fields(text)) > MaxSearchWords:
		return "", Invalid(field, "A search has at most %d words.", MaxSearchWords)
	default:
		return text, nil
	}
}
