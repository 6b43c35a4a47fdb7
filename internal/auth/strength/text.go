package strength

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// text is a password in the forms that are searched. All forms have the same number of code points.
type text struct {
	runes    []rune // in lower case
	upper    []bool // whether the original character was upper case
	plain    form
	reversed form
	leet     []form // with substitutions undone; one form per reading of ambiguous characters
}

// form is a string with random access to its characters.
type form struct {
	s  string
	at []int // byte offset of each character, then the length of s
}

func (f form) substring(from, to int) string { return f.s[f.at[from]:f.at[to]] }

// newText returns the forms of the first lookedAt characters of s, in lower case and NFKC.
func newText(s string) text {
	var t text
	for _, r := range norm.NFKC.String(s) {
		if len(t.runes) == maxAnalyzed {
			break
		}
		lower := unicode.ToLower(r)
		t.runes = append(t.runes, lower)
		t.upper = append(t.upper, lower != r)
	}
	t.plain = newForm(t.runes)
	back := make([]rune, len(t.runes))
	for i, r := range t.runes {
		back[len(back)-1-i] = r
	}
	t.reversed = newForm(back)
	for _, letters := range substitutions {
		read := strings.Map(func(r rune) rune {
			if l, ok := letters[r]; ok {
				return l
			}
			return r
		}, t.plain.s)
		if read != t.plain.s {
			t.leet = append(t.leet, newForm([]rune(read)))
		}
	}
	return t
}

func newForm(runes []rune) form {
	f := form{s: string(runes), at: make([]int, 0, len(runes)+1)}
	for i := range f.s {
		f.at = append(f.at, i)
	}
	f.at = append(f.at, len(f.s))
	return f
}

// substitutions maps digits and signs to the letters that they replace, in two readings.
var substitutions = []map[rune]rune{
	{'0': 'o', '1': 'i', '!': 'i', '2': 'z', '3': 'e', '4': 'a', '@': 'a', '5': 's', '$': 's', '6': 'g', '7': 't', '+': 't', '8': 'b', '9': 'g', '(': 'c', '|': 'i'},
	{'0': 'o', '1': 'l', '!': 'l', '2': 'z', '3': 'e', '4': 'a', '@': 'a', '5': 's', '$': 's', '6': 'b', '7': 'l', '+': 't', '8': 'b', '9': 'q', '(': 'c', '|': 'l'},
}
