package strength

import (
	"math"
	"strings"
	"unicode"
)

// minPattern is the minimum length of a sequence or of adjacent keys, in characters.
const minPattern = 3

// eachPattern calls found with the end and the cost of every pattern that begins at from.
func eachPattern(runes []rune, from int, found func(to int, cost float64)) {
	eachSequence(runes, from, found)
	for _, keys := range keyboards {
		eachWalk(keys, runes, from, found)
	}
	eachDate(runes, from, found)
}

// eachSequence finds ascending and descending letters and digits: abcd, 7890123, zyx.
func eachSequence(runes []rune, from int, found func(to int, cost float64)) {
	for _, forwards := range []bool{true, false} {
		start := 26.0
		switch r := runes[from]; {
		case strings.ContainsRune("az019", r):
			start = 4
		case isDigit(r):
			start = 10
		}
		if !forwards {
			start *= 2
		}
		for to := from + 1; to < len(runes); to++ {
			a, b := runes[to-1], runes[to]
			if !forwards {
				a, b = b, a
			}
			if !follows(a, b) {
				break
			}
			if length := to + 1 - from; length >= minPattern {
				found(to+1, math.Log10(start*float64(length)))
			}
		}
	}
}

// follows reports whether b follows a in the alphabet or in the digits. The first one follows the
// last one.
func follows(a, b rune) bool {
	switch {
	case a == '9' && b == '0', a == 'z' && b == 'a':
		return true
	case isDigit(a) && isDigit(b), unicode.IsLetter(a) && unicode.IsLetter(b):
		return b == a+1
	}
	return false
}

// key is a position on a keyboard. Each row is shifted half a key to the right of the row above it.
type key struct{ row, column int }

var keyboards = []map[rune]key{
	keyboard("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "!@#$%^&*()_+"),
	keyboard("1234567890", "qwertzuiopü+", "asdfghjklöä#", "yxcvbnm,.-", "!\"§$%&/()="),
	keyboard("1234567890", "azertyuiop^$", "qsdfghjklmù*", "wxcvbn,;:!", "&é\"'(-è_çà"),
}

// keyboard returns the keys of four rows. A fifth row holds the shifted signs of the first one.
func keyboard(rows ...string) map[rune]key {
	keys := map[rune]key{}
	for row, signs := range rows {
		for column, sign := range []rune(signs) {
			if _, taken := keys[sign]; !taken {
				keys[sign] = key{row % 4, column}
			}
		}
	}
	return keys
}

// eachWalk finds sequences of adjacent keys. Each change of direction is a choice of five.
func eachWalk(keys map[rune]key, runes []rune, from int, found func(to int, cost float64)) {
	at, ok := keys[runes[from]]
	var direction key
	turns := 0
	for to := from + 1; ok && to < len(runes); to++ {
		var next key
		if next, ok = keys[runes[to]]; !ok {
			return
		}
		step := key{next.row - at.row, next.column - at.column}
		switch step {
		case key{0, 1}, key{0, -1}, key{1, 0}, key{1, -1}, key{-1, 0}, key{-1, 1}:
		default:
			return
		}
		if step != direction {
			direction = step
			turns++
		}
		at = next
		if length := to + 1 - from; length >= minPattern {
			found(to+1, math.Log10(50*float64(length))+float64(turns)*math.Log10(5))
		}
	}
}

// The numbers of years and of days in a year that a guess covers.
const (
	years = 120
	days  = 365
)

// dates lists the formats of dates: the order of day, month and year and their digits.
var dates = []string{"ddmmyyyy", "mmddyyyy", "yyyymmdd", "ddmmyy", "mmddyy", "yymmdd"}

// eachDate finds years, and dates with or without separators.
func eachDate(runes []rune, from int, found func(to int, cost float64)) {
	if to, ok := matchDate(runes, from, "yyyy"); ok {
		found(to, math.Log10(years))
	}
	for _, order := range dates {
		if to, ok := matchDate(runes, from, order); ok {
			found(to, math.Log10(years*days))
		}
	}
}

// matchDate returns the end of a date that begins at from and has the given format.
func matchDate(runes []rune, from int, order string) (to int, ok bool) {
	to = from
	values := map[byte]int{}
	var separator rune // zero, or the same between all numbers
	for i := range len(order) {
		if i > 0 && order[i] != order[i-1] && to < len(runes) && strings.ContainsRune("-./_ ", runes[to]) {
			if separator != 0 && separator != runes[to] {
				return 0, false
			}
			separator = runes[to]
			to++
		}
		if to >= len(runes) || !isDigit(runes[to]) {
			return 0, false
		}
		values[order[i]] = 10*values[order[i]] + int(runes[to]-'0')
		to++
	}
	day, hasDay := values['d']
	month := values['m']
	year := values['y']
	if strings.Contains(order, "yyyy") && (year < 1900 || year > 2099) {
		return 0, false
	}
	return to, !hasDay || day >= 1 && day <= 31 && month >= 1 && month <= 12
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
