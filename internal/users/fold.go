package users

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns text in the form for comparison: NFC, then Unicode simple case folding (the mappings
// C and S of CaseFolding.txt), then NFC again. Texts that are canonically equivalent or differ only
// in case have equal forms. Folding maps single characters and depends on no language: ß is not ss,
// İ and ı are not i, the ligature ﬁ is not fi.
//
// Fold is idempotent.
func Fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return norm.NFC.String(foldCase(norm.NFC.String(s)))
}

// FoldRune returns the representative of all characters that differ from r only in case. All
// characters of an orbit of unicode.SimpleFold have the same one.
func FoldRune(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	case unicode.SimpleFold(r) == r: // such as İ, which does not fold to its lower case
		return r
	case unicode.Is(unicode.Cherokee, r): // CaseFolding.txt folds Cherokee to upper case
		return unicode.ToUpper(r)
	default:
		return unicode.ToLower(unicode.ToUpper(r))
	}
}

func foldCase(s string) string { return strings.Map(FoldRune, s) }

// isASCII reports whether s is ASCII. Folding such text only replaces upper case by lower case.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
