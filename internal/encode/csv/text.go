package csv

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// text appends s as a cell: as valid UTF-8, with guard marks if the dialect requires them, quoted
// if necessary.
func (e *Encoder) text(dst, s []byte) []byte {
	if len(s) == 0 {
		return dst
	}
	if e.spreadsheet {
		return e.spreadsheetText(dst, s)
	}
	special, ascii := scanSpecial(s)
	if !ascii && !utf8.Valid(s) {
		s = e.toValidUTF8(s)
	}
	if special || hasEdgeSpace(s) {
		return appendQuoted(dst, s)
	}
	return append(dst, s...)
}

// spreadsheetText is text for the spreadsheet dialect.
func (e *Encoder) spreadsheetText(dst, s []byte) []byte {
	separated, ascii := scanSeparators(s)
	if !ascii && !utf8.Valid(s) {
		s = e.toValidUTF8(s)
	}
	if !separated && !hasEdgeSpace(s) {
		if startsFormula(s) {
			dst = append(dst, guardMark)
		}
		return append(dst, s...)
	}
	quoted := needsQuotes(s)
	at := firstMark(s, quoted)
	switch {
	case at >= 0:
		return appendMarked(dst, s, at, quoted)
	case quoted:
		return appendQuoted(dst, s)
	default:
		return append(dst, s...)
	}
}

// appendMarked appends s with guard marks, the first of them at offset at.
func appendMarked(dst, s []byte, at int, quoted bool) []byte {
	if quoted {
		dst = append(dst, '"')
	}
	from := 0
	for ; at >= 0; at = nextMark(s, at, quoted) {
		dst = append(appendDoubled(dst, s[from:at]), guardMark)
		from = at
	}
	dst = appendDoubled(dst, s[from:])
	if quoted {
		dst = append(dst, '"')
	}
	return dst
}

// toValidUTF8 returns s as valid UTF-8, and counts an invalid text.
func (e *Encoder) toValidUTF8(s []byte) []byte {
	e.misses.invalidTexts++
	e.valid = appendValid(e.valid[:0], s)
	return e.valid
}

// hasEdgeSpace reports whether s, which is not empty, begins or ends with a space.
func hasEdgeSpace(s []byte) bool { return s[0] == ' ' || s[len(s)-1] == ' ' }

// needsQuotes reports whether the cell for s, which is not empty, must be quoted.
func needsQuotes(s []byte) bool {
	found, _ := scanSpecial(s)
	return found || hasEdgeSpace(s)
}

// appendQuoted appends s in quotes, with each quote in it doubled.
func appendQuoted(dst, s []byte) []byte {
	return append(appendDoubled(append(dst, '"'), s), '"')
}

// appendDoubled appends s with each quote in it doubled.
func appendDoubled(dst, s []byte) []byte {
	dst = slices.Grow(dst, 2*len(s)+1) // with room for the closing quote
	at := len(dst)
	dst = dst[:cap(dst)]
	// The loop writes two bytes per byte, and keeps the second only after a quote. This avoids
	// branches that the CPU mispredicts in JSON, where every sixth byte is a quote.
	for _, c := range s {
		dst[at] = c
		dst[at+1] = '"'
		double := 0
		if c == '"' {
			double = 1
		}
		at += 1 + double
	}
	return dst[:at]
}

// appendValid appends s with U+FFFD for every byte that is not valid UTF-8.
func appendValid(dst, s []byte) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		dst = utf8.AppendRune(dst, r) // RuneError if n is 1
		s = s[n:]
	}
	return dst
}

// Masks for eight bytes at a time.
const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// scanSpecial reports whether s contains a comma, quote, CR or LF, and whether s is known to be
// ASCII. It stops at the first special byte.
func scanSpecial(s []byte) (special, ascii bool) {
	if len(s) < 8 {
		var high byte
		for _, c := range s {
			high |= c
		}
		return containsSpecial(s), high < utf8.RuneSelf
	}
	var high uint64
	for at := 0; ; at += 8 {
		at = min(at, len(s)-8) // the last eight bytes may overlap the previous ones
		w := binary.LittleEndian.Uint64(s[at:])
		comma, quote := w^(lowBits*','), w^(lowBits*'"')
		// A term has the top bit of some byte set if and only if some byte of w is a comma, a
		// quote, or below 14.
		found := (comma-lowBits)&^comma | (quote-lowBits)&^quote | (w-lowBits*14)&^w
		if found&highBits != 0 && containsSpecial(s[at:at+8]) {
			return true, false
		}
		high |= w
		if at == len(s)-8 {
			return false, high&highBits == 0
		}
	}
}

// scanSeparators reports whether s contains a quote, or a byte after which a reader may start a
// cell, and whether s is known to be ASCII. It stops at the first such byte.
func scanSeparators(s []byte) (separated, ascii bool) {
	if len(s) < 8 {
		var high byte
		for _, c := range s {
			high |= c
		}
		return containsSeparator(s), high < utf8.RuneSelf
	}
	var high uint64
	for at := 0; ; at += 8 {
		at = min(at, len(s)-8) // the last eight bytes may overlap the previous ones
		w := binary.LittleEndian.Uint64(s[at:])
		comma, quote, semicolon, bar := w^(lowBits*','), w^(lowBits*'"'), w^(lowBits*';'), w^(lowBits*'|')
		found := (comma-lowBits)&^comma | (quote-lowBits)&^quote | (semicolon-lowBits)&^semicolon | (bar-lowBits)&^bar | (w-lowBits*14)&^w
		if found&highBits != 0 && containsSeparator(s[at:at+8]) {
			return true, false
		}
		high |= w
		if at == len(s)-8 {
			return false, high&highBits == 0
		}
	}
}

func containsSeparator(s []byte) bool {
	for _, c := range s {
		if c == '"' || classes[c]&separator != 0 {
			return true
		}
	}
	return false
}

func containsSpecial(s []byte) bool {
	for _, c := range s {
		if c == ',' || c == '"' || c == '\r' || c == '\n' {
			return true
		}
	}
	return false
}
