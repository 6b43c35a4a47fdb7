package export

import (
	"strings"
	"time"
)

// timeParser parses the text of a time. Its methods consume the beginning of rest.
type timeParser struct{ rest string }

// number consumes a number of minDigits to maxDigits digits.
func (p *timeParser) number(minDigits, maxDigits int) (n, digits int, ok bool) {
	for digits < len(p.rest) && digits < maxDigits && isDigit(p.rest[digits]) {
		n = 10*n + int(p.rest[digits]-'0')
		digits++
	}
	p.rest = p.rest[digits:]
	return n, digits, digits >= minDigits
}

// twoDigits consumes a number of two digits that is at most limit.
func (p *timeParser) twoDigits(to *int, limit int) bool {
	n, _, ok := p.number(2, 2)
	*to = n
	return ok && n <= limit
}

// oneOf consumes one of the characters.
func (p *timeParser) oneOf(chars string) (c byte, ok bool) {
	if p.rest == "" || strings.IndexByte(chars, p.rest[0]) < 0 {
		return 0, false
	}
	c, p.rest = p.rest[0], p.rest[1:]
	return c, true
}

// date consumes YYYY-MM-DD. It accepts zero as month and day; the caller must check them.
func (p *timeParser) date(f *timeFields) bool {
	const maxDigits = 9 // of a year that a database can store
	sign, signed := p.oneOf("+-")
	minDigits := 4
	if signed {
		minDigits = 6
	}
	year, _, ok := p.number(minDigits, maxDigits)
	if sign == '-' {
		year = -year
	}
	if f.year = year; !ok || sign == '-' && year == 0 {
		return false
	}
	for _, part := range []*int{&f.month, &f.day} {
		if _, ok := p.oneOf("-"); !ok || !p.twoDigits(part, 31) {
			return false
		}
	}
	f.unit = 24 * time.Hour
	return true
}

// clock consumes the time of day and the zone, if the text has them.
func (p *timeParser) clock(f *timeFields) bool {
	if p.rest == "" {
		return true
	}
	if _, ok := p.oneOf("Tt "); !ok || !p.twoDigits(&f.hour, 23) {
		return false
	}
	if _, ok := p.oneOf(":"); !ok || !p.twoDigits(&f.minute, 59) {
		return false
	}
	f.unit = time.Minute
	if _, ok := p.oneOf(":"); ok {
		if !p.twoDigits(&f.second, 60) {
			return false
		}
		f.unit = time.Second
		if _, ok := p.oneOf(".,"); ok && !p.fraction(f) {
			return false
		}
	}
	return p.zone(f)
}

// fraction consumes the digits of a fraction of a second and keeps nine of them.
func (p *timeParser) fraction(f *timeFields) bool {
	n, digits, ok := p.number(1, 9)
	for ; digits < 9; digits++ {
		n *= 10
	}
	f.nanosecond, f.unit = n, time.Millisecond
	for p.rest != "" && isDigit(p.rest[0]) {
		p.rest = p.rest[1:]
	}
	return ok
}

// zone consumes an offset from UTC or a name of UTC, if the text has one.
func (p *timeParser) zone(f *timeFields) bool {
	if p.rest == "" {
		return true
	}
	f.zoned = true
	p.rest = strings.TrimPrefix(p.rest, " ")
	switch p.rest {
	case "Z", "z", "UTC", "GMT":
		p.rest = ""
		return true
	}
	sign, ok := p.oneOf("+-")
	var parts [3]int // hours, minutes, seconds
	if !ok || !p.twoDigits(&parts[0], 23) {
		return false
	}
	for i := 1; i < len(parts) && p.rest != ""; i++ {
		_, colon := p.oneOf(":")
		if !colon && i > 1 || !p.twoDigits(&parts[i], 59) { // hhmm has no seconds
			return false
		}
	}
	f.offset = 3600*parts[0] + 60*parts[1] + parts[2]
	if sign == '-' {
		f.offset = -f.offset
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
