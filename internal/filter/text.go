package filter

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// matchText matches documents whose value at path, or one of its elements, compares with the text.
func matchText(path string, o export.Operator, text string) bson.D {
	pattern := fold(text)
	switch o {
	case export.Contains:
	case export.StartsWith:
		pattern = `\A` + pattern
	case export.EndsWith:
		pattern += `\z` // $ would also match before a last line break
	default:
		return equal(path, text)
	}
	return bson.D{{Key: path, Value: bson.Regex{Pattern: pattern}}}
}

// Containing is a pattern that matches text which the given text stands in, in any case. It has at most MaxPattern
// characters, or the database refuses it.
func Containing(text string) bson.Regex { return bson.Regex{Pattern: fold(text)} }

// fold returns a pattern that matches the text alone, in any case. Every character stands for itself: those of several
// cases as a class of them, spelled out because the engines' tables of cases differ, the others escaped.
//
// MongoDB takes patterns of up to 32,764 bytes which compile to less than 64 KiB (PCRE2 with links of two bytes). A class
// compiles to some 45 bytes, which is why a text has at most MaxPattern characters.
func fold(text string) string {
	var b strings.Builder
	for _, r := range text {
		cases := casesOf(r)
		switch {
		case len(cases) > 1:
			b.WriteByte('[')
			b.WriteString(string(cases))
			b.WriteByte(']')
		case r == 0:
			b.WriteString(`\x00`) // BSON ends a pattern at a NUL
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}

// casesOf returns the characters that are r but for their case, r included, in ascending order.
func casesOf(r rune) []rune {
	cases := []rune{r}
	for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
		cases = append(cases, c)
	}
	slices.Sort(cases)
	return cases
}
