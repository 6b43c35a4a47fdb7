package users_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/users"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for name, same := range map[string][]string{
		"an address":               {"anna@example.test", "Anna@Example.test", "ANNA@EXAMPLE.TEST"},
		"composed and decomposed":  {"zoë", "Zoë", "Zoe\u0308", "ZOE\u0308", "ZOË"},
		"two marks, in any order":  {"ṩ", "s\u0307\u0323", "S\u0323\u0307", "ſ\u0323\u0307", "Ṩ"},
		"composed after folding":   {"ṣ", "ſ\u0323", "S\u0323"},
		"no composed capital":      {"ǰ", "J\u030c", "j\u030c"},
		"sigma":                    {"ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ", "ὀδυσσεύσ"},
		"the Kelvin sign":          {"k", "K", "\u212a"},
		"the Ångström sign":        {"å", "Å", "\u212b", "A\u030a"},
		"the long s":               {"s", "S", "ſ"},
		"a capital sharp s":        {"straße", "STRAẞE"},
		"Hangul":                   {"각", "\u1100\u1161\u11a8", "가\u11a8"},
		"a subscript iota":         {"ᾳ", "ᾼ", "α\u0345", "Α\u0345"},
		"Cherokee":                 {"Ꭰ", "\uab70"},
		"letters beyond 16 bits":   {"\U00010428", "\U00010400"},
		"Vietnamese, both orders":  {"ệ", "Ệ", "e\u0323\u0302", "E\u0302\u0323"},
		"a composition exclusion":  {"\u0915\u093c", "\u0958"},
		"a digraph of three cases": {"ǆ", "ǅ", "Ǆ"},
	} {
		for _, s := range same {
			if got := users.Fold(s); got != users.Fold(same[0]) {
				t.Errorf("%s: %+q becomes %+q, and %+q becomes %+q", name, s, got, same[0], users.Fold(same[0]))
			}
		}
	}
	for name, different := range map[string][2]string{
		"the dotted İ":          {"İstanbul", "istanbul"},
		"the dotless ı":         {"ısı", "isi"},
		"ß and ss":              {"straße", "strasse"},
		"a ligature":            {"ﬁn", "fin"},
		"a letter and its mark": {"zoë", "zoe"},
		"full width":            {"Ａ", "a"},
		"αι and ᾳ":              {"αι", "ᾳ"},
		"a joiner":              {"a\u200db", "ab"},
		"blanks":                {"a b", "a  b"},
	} {
		if users.Fold(different[0]) == users.Fold(different[1]) {
			t.Errorf("%s: %+q and %+q are alike", name, different[0], different[1])
		}
	}
}

// Every character alone, and every cased letter before every mark that composes with such a letter.
func TestFoldOfEveryCharacter(t *testing.T) {
	t.Parallel()
	const marks = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u030f\u0311\u0313\u0314\u031b" +
		"\u0323\u0324\u0325\u0326\u0327\u0328\u032d\u032e\u0330\u0331\u0338\u0342\u0345"
	for r := range rune(0x30000) { // later characters have neither case nor compositions
		if !utf8.ValidRune(r) {
			continue
		}
		for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
			if users.FoldRune(c) != users.FoldRune(r) {
				t.Fatalf("%U and %U fold to %U and %U", r, c, users.FoldRune(r), users.FoldRune(c))
			}
		}
		if f := users.FoldRune(r); users.FoldRune(f) != f || !strings.EqualFold(string(f), string(r)) {
			t.Fatalf("%U folds to %U", r, f)
		}
		if unicode.SimpleFold(r) == r && norm.NFD.IsNormalString(string(r)) {
			if users.Fold(string(r)) != string(r) {
				t.Fatalf("%U changes", r)
			}
			continue
		}
		checkFold(t, string(r))
		if unicode.SimpleFold(r) == r || r >= 0x2000 {
			continue // no mark composes with it to a cased letter
		}
		for _, m := range marks {
			checkFold(t, string(r)+string(m))
		}
	}
}

func TestFoldOfAnyText(t *testing.T) {
	t.Parallel()
	piece := rapid.OneOf(
		rapid.Rune(),
		rapid.SampledFrom([]rune("aAeEkK\u212asSſßẞiIİıσςΣιΙ\u0345\u1fbeαΑ\u0301\u0302\u0307\u0308\u030a\u030c\u0323\u0327\u1100\u1161\u11a8ﬁ각")),
	)
	rapid.Check(t, func(t *rapid.T) { checkFold(t, string(rapid.SliceOf(piece).Draw(t, "text"))) })
}

func checkFold(t rapid.TB, s string) {
	t.Helper()
	f := users.Fold(s)
	if again := users.Fold(f); again != f {
		t.Fatalf("%+q folds to %+q, and that to %+q", s, f, again)
	}
	if !norm.NFC.IsNormalString(f) {
		t.Fatalf("%+q folds to %+q, which is not NFC", s, f)
	}
	for _, form := range []norm.Form{norm.NFC, norm.NFD} {
		if got := users.Fold(form.String(s)); got != f {
			t.Fatalf("%+q folds to %+q, but its equivalent %+q to %+q", s, f, form.String(s), got)
		}
	}
	// Fold treats as equal what strings.EqualFold treats as equal in NFC.
	for _, other := range []string{strings.ToUpper(s), strings.ToLower(s), strings.Map(unicode.SimpleFold, s)} {
		if strings.EqualFold(norm.NFC.String(s), norm.NFC.String(other)) && users.Fold(other) != f {
			t.Fatalf("%+q folds to %+q, but %+q to %+q", s, f, other, users.Fold(other))
		}
	}
}
