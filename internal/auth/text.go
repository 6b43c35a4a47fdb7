package auth

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/egress-io/egress/internal/errs"
)

// invisible holds characters that look empty and are in none of the categories that
// textProblem rejects.
var invisible = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // Braille pattern blank
}, R32: []unicode.Range32{
	{Lo: 0x1D159, Hi: 0x1D159, Stride: 1}, // musical symbol null notehead
}}

// textProblem returns the reason why a text has characters that must not appear in lists, e-mails
// and logs, "" for none. Invisible characters could make one text look like another. It also
// rejects joiners that some scripts use between letters.
func textProblem(text string) string {
	if !utf8.ValidString(text) {
		return "is not valid UTF-8"
	}
	for _, r := range text {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) {
			return "must not have control characters or line breaks"
		}
		if unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point, invisible) {
			return "must not have invisible characters, or characters that change the direction of writing"
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) {
			return "must not have unassigned Unicode characters"
		}
	}
	return ""
}

// toNFC returns the NFC form of a text.
func toNFC(text string) string { return norm.NFC.String(text) }

// maxName is the maximum length of an admin's name, in bytes.
const maxName = 200

// CleanName validates and normalizes the name of an admin: NFC, with single spaces between words.
// An empty name is valid. The error is a CodeInvalidRequest for the field.
func CleanName(field, name string) (string, error) {
	name = strings.TrimSpace(name)
	if problem := textProblem(name); problem != "" {
		return "", errs.Invalid(field, "%s", problem)
	}
	name = toNFC(strings.Join(strings.Fields(name), " "))
	if len(name) > maxName {
		return "", errs.Invalid(field, "must have at most %d bytes", maxName)
	}
	return name, nil
}
