package mongo

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// anchoredRegex anchors a pattern to the start or the end of the text, as the operator requires.
func anchoredRegex(o export.Operator, pattern string) bson.Regex {
	if o == export.Is || o == export.StartsWith {
		pattern = `\A` + pattern
	}
	if o == export.Is || o == export.EndsWith {
		pattern += `\z` // unlike \z, $ also matches before a final line break
	}
	return bson.Regex{Pattern: pattern}
}

// containsRegex returns a pattern that finds the text in any case. The text may have at most
// filter.MaxTextLength characters; the database rejects longer patterns.
func containsRegex(text string) bson.Regex { return bson.Regex{Pattern: ignoreCasePattern(text)} }

// ignoreCasePattern returns a pattern that matches exactly the text, in any case. A character with
// several cases becomes a class of them, because the engines' case tables differ; all others are
// escaped.
//
// MongoDB accepts patterns of up to 32,764 bytes that compile to less than 64 KiB (PCRE2 with links
// of two bytes). A class compiles to about 45 bytes, which is why filter.MaxTextLength bounds the text.
func ignoreCasePattern(text string) string {
	var b strings.Builder
	for _, r := range text {
		if cases := caseVariants(r); len(cases) > 1 {
			b.WriteByte('[')
			b.WriteString(string(cases))
			b.WriteByte(']')
		} else {
			b.WriteString(escapeRune(r))
		}
	}
	return b.String()
}

// literalPattern returns a pattern that matches exactly the text.
func literalPattern(text string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString(escapeRune(r))
	}
	return b.String()
}

func escapeRune(r rune) string {
	if r == 0 {
		return `\x00` // BSON patterns end at NUL
	}
	return regexp.QuoteMeta(string(r))
}

// caseVariants returns r and the characters that differ from it only in case, in ascending order.
func caseVariants(r rune) []rune {
	cases := []rune{r}
	for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
		cases = append(cases, c)
	}
	slices.Sort(cases)
	return cases
}
