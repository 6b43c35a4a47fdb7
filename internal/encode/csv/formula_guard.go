package csv

import "unicode/utf8"

// guardMark is the character before a text that a spreadsheet could read as a formula.
const guardMark = '\''

// AppendRecord appends a record of texts in the spreadsheet dialect, with its line end.
func AppendRecord(dst []byte, texts []string) []byte {
	e := Encoder{spreadsheet: true}
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = e.text(dst, []byte(text))
	}
	return append(dst, '\r', '\n')
}

// RemoveGuard undoes the guard of the spreadsheet dialect: it removes one apostrophe at the start
// of the cell, and one after each , ; | TAB CR LF. The cell must not have its CSV quotes.
func RemoveGuard(cell string) string {
	text := make([]byte, 0, len(cell))
	starts := true // a cell could start here
	for i := range len(cell) {
		if !starts || cell[i] != guardMark {
			text = append(text, cell[i])
		}
		starts = classes[cell[i]]&separator != 0
	}
	return string(text)
}

// class is a bit set that classifies bytes for the guard.
type class uint8

const (
	separator class = 1 << iota // a reader may start a cell or a row after it
	formula                     // starts a formula
	skipped                     // readers may skip it: blanks, control characters, quotes
	wide                        // first UTF-8 byte of wide characters of either kind
	lineEnd                     // CR and LF: they end a row before they could start a cell
)

var classes = [256]class{
	',': separator, ';': separator, '|': separator,
	'\t': separator | formula, '\r': separator | formula | lineEnd, '\n': separator | lineEnd,
	'=': formula, '+': formula, '-': formula, '@': formula, 0: formula,
	' ': skipped, '"': skipped,
	1: skipped, 2: skipped, 3: skipped, 4: skipped, 5: skipped, 6: skipped, 7: skipped, 8: skipped, '\v': skipped, '\f': skipped,
	14: skipped, 15: skipped, 16: skipped, 17: skipped, 18: skipped, 19: skipped, 20: skipped, 21: skipped, 22: skipped,
	23: skipped, 24: skipped, 25: skipped, 26: skipped, 27: skipped, 28: skipped, 29: skipped, 30: skipped, 31: skipped, 127: skipped,
	0xC2: wide, 0xE1: wide, 0xE2: wide, 0xE3: wide, 0xEF: wide,
}

// firstMark returns the offset of the first guard mark, -1 if s needs none. s is not empty.
func firstMark(s []byte, quoted bool) int {
	if startsFormula(s) {
		return 0
	}
	return nextMark(s, 0, quoted)
}

// nextMark returns the first offset greater than from that needs a guard mark, -1 if none: the
// offset after a separator that a formula could follow. quoted tells whether the cell is quoted.
func nextMark(s []byte, from int, quoted bool) int {
	for i := from; i < len(s); i++ {
		if classes[s[i]]&separator != 0 && opensFormula(s, i, quoted) {
			return i + 1
		}
	}
	return -1
}

// startsFormula reports whether s, at the start of a cell, could be a formula or starts with the
// mark itself.
func startsFormula(s []byte) bool {
	c := s[0]
	if c < utf8.RuneSelf && classes[c] == 0 {
		return c == guardMark
	}
	if classes[c]&(formula|lineEnd) != 0 {
		return true
	}
	rest, full := skipIgnorable(s)
	return full || len(rest) > 0 && classes[rest[0]]&(formula|lineEnd) != 0
}

// opensFormula reports whether the cell that a reader starts after the separator s[i] could be a
// formula or starts with the mark itself.
func opensFormula(s []byte, i int, quoted bool) bool {
	sep, rest := s[i], s[i+1:]
	if len(rest) > 0 {
		c := rest[0]
		if c < utf8.RuneSelf && classes[c] == 0 {
			return c == guardMark
		}
		var full bool
		if rest, full = skipIgnorable(rest); full {
			return true
		}
	}
	if len(rest) == 0 {
		// For a reader that has just started a cell, our closing quote opens a quoted cell, and the
		// end of the row follows. A reader that splits at commas does not start a cell here.
		return quoted && sep != ','
	}
	c := rest[0]
	switch {
	case classes[c]&formula == 0 || c == sep && len(rest) == len(s)-i-1: // the same separator: an empty cell
		return false
	case c == '\r':
		return len(rest) == 1 || rest[1] != '\n' // CRLF ends a row
	default:
		return true
	}
}

// guardSign inserts the mark before dst[from:] if that starts with a sign.
func guardSign(dst []byte, from int) []byte {
	if c := dst[from]; c != '+' && c != '-' {
		return dst
	}
	dst = append(dst, 0)
	copy(dst[from+1:], dst[from:])
	dst[from] = guardMark
	return dst
}

// skipIgnorable returns s without leading characters that readers may skip, and whether a
// full-width formula character follows.
func skipIgnorable(s []byte) (rest []byte, full bool) {
	for len(s) > 0 {
		switch k := classes[s[0]]; {
		case k == skipped:
			s = s[1:]
			continue
		case k != wide:
			return s, false
		}
		r, n := utf8.DecodeRune(s)
		switch {
		case r == '＝' || r == '＋' || r == '－' || r == '＠':
			return s, true
		case !isBlank(r):
			return s, false
		}
		s = s[n:]
	}
	return nil, false
}

// isBlank reports whether a non-ASCII character is a blank, or has no width.
func isBlank(r rune) bool {
	switch r {
	case 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF:
		return true
	default:
		return r >= 0x80 && r < 0xA0 || r >= 0x2000 && r <= 0x200F
	}
}
