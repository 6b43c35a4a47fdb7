package export

import (
	"strings"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
)

// The limits of a search text.
const (
	MaxSearchBytes = 256 // without surrounding white space
	MaxSearchWords = 10
)

// CheckSearch validates the search text of a request and returns it without surrounding white
// space. "" means no search. The error is an errs.CodeInvalidRequest for the given field.
func CheckSearch(text, field string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case !utf8.ValidString(text):
		return "", errs.Invalid(field, "The search text must be valid UTF-8.")
	case len(text) > MaxSearchBytes:
		return "", errs.Invalid(field, "The search text must have at most %d bytes.", MaxSearchBytes)
	case len(strings.Fields(text)) > MaxSearchWords:
		return "", errs.Invalid(field, "The search text must have at most %d words.", MaxSearchWords)
	default:
		return text, nil
	}
}
