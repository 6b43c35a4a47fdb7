package csv

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// text appends s as a cell: made valid UTF-8, marked where the dialect asks for it, quoted where it must be.
func (e *Encoder) text(dst, s []byte) []byte {
	if len(s) == 0 {
		return dst
	}
	special, ascii := scan(s)
	if !ascii && !utf8.Valid(s) {
		e.missed.text++
		e.valid = appendValid(e.valid[:0], s)
		s = e.valid
	}
	mark := e.marks && runs(s)
	if !special && s[0] != ' ' && s[len(s)-1] != ' ' {
		if mark {
			dst = append(dst, '\'')
		}
		return append(dst, s...)
	}
	return appendQuoted(dst, s, mark)
}

// appendQuoted appends s in quotes, each quote in it doubled.
func appendQuoted(dst, s []byte, mark bool) []byte {
	dst = slices.Grow(dst, 2*len(s)+3)
	at := len(dst)
	dst = dst[:cap(dst)]
	dst[at] = '"'
	at++
	if mark {
		dst[at] = '\''
		at++
	}
	// Two bytes are written for every one, and the second stays only behind a quote: no branch to mispredict, which
	// counts in JSON, where every sixth byte is a quote.
	for _, c := range s {
		dst[at] = c
		dst[at+1] = '"'
		double := 0
		if c == '"' {
			double = 1
		}
		at += 1 + double
	}
	dst[at] = '"'
	return dst[:at+1]
}

// Guarded returns text as the spreadsheet dialect has it in a cell, without the quotes: marked with an apostrophe where a
// spreadsheet could take it for a formula.
func Guarded(text string) string {
	if text != "" && runs([]byte(text)) {
		return "'" + text
	}
	return text
}

// runs reports whether a spreadsheet could take text that begins like s for a formula, or s begins with the mark itself.
func runs(s []byte) bool {
	switch s[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n', '\'':
		return true
	case 0xEF: // full-width forms: U+FF0B ＋, U+FF0D －, U+FF1D ＝, U+FF20 ＠
		if len(s) < 3 || s[1] != 0xBC {
			return false
		}
		return s[2] == 0x8B || s[2] == 0x8D || s[2] == 0x9D || s[2] == 0xA0
	default:
		return false
	}
}

// appendValid appends s with U+FFFD for every byte that is not part of valid UTF-8.
func appendValid(dst, s []byte) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		dst = utf8.AppendRune(dst, r) // RuneError where n is 1
		s = s[n:]
	}
	return dst
}

// Bytes looked at eight at a time.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// scan reports whether s holds a byte that makes it special in CSV (comma, quote, CR, LF), and whether it is known to be
// ASCII: it stops at the first special byte.
func scan(s []byte) (special, ascii bool) {
	if len(s) < 8 {
		var high byte
		for _, c := range s {
			high |= c
		}
		return anySpecial(s), high < utf8.RuneSelf
	}
	var high uint64
	for at := 0; ; at += 8 {
		at = min(at, len(s)-8) // the last eight bytes may overlap those before
		w := binary.LittleEndian.Uint64(s[at:])
		comma, quote := w^(ones*','), w^(ones*'"')
		// Each term has the top bit of some byte set if, and only if, some byte of w is a comma, a quote, below 14.
		found := (comma-ones)&^comma | (quote-ones)&^quote | (w-ones*14)&^w
		if found&highs != 0 && anySpecial(s[at:at+8]) {
			return true, false
		}
		high |= w
		if at == len(s)-8 {
			return false, high&highs == 0
		}
	}
}

func anySpecial(s []byte) bool {
	for _, c := range s {
		if c == ',' || c == '"' || c == '\r' || c == '\n' {
			return true
		}
	}
	return false
}
