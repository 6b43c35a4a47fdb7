package pipeline

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Limits of spreadsheets.
const (
	maxSheetDigits     = 15
	maxSheetCharacters = 32_767
	maxSheetColumns    = 16_384
)

// maxDateLength is above the length in bytes of every text that a spreadsheet reads as a date and
// time.
const maxDateLength = 48

var (
	exponentText = regexp.MustCompile(`^[+-]?(\d+[.,]?\d*|[.,]\d+)[eE][+-]?\d+$`)
	clockText    = regexp.MustCompile(`^(\d{1,4}:([0-5]?\d(:([0-5]?\d([.,]\d+)?)?)?)?( ?[aApP][mM]?)?|(0?\d|1[0-2]) [aApP][mM]?)$`)
	fractionText = regexp.MustCompile(`^\d+ +\d{1,5}/0*[1-9]\d{0,4}$`)
	numericDate  = regexp.MustCompile(`^(\d{1,4})[-/](\d{1,4})(?:[-/](\d{1,4}))?$`)
	dottedDate   = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?$`)
	monthFirst   = regexp.MustCompile(`^([A-Za-z]{3,9})[ .,/-]{0,2}(\d{1,4})(?:(?:[/-]|,? |,)(\d{4}|\d{2}))?$`)
	monthLater   = regexp.MustCompile(`^(\d{1,4})[ ./-]{0,2}([A-Za-z]{3,9})(?:[ .,/-]{0,2}(\d{4}|\d{2}))?$`)
)

var monthNames = []string{
	"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
}

// readsAsExponent reports whether Excel and LibreOffice read a text as a number with an exponent,
// such as 219E01. A number that is too large for a double stays text.
func readsAsExponent(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxDateLength || !exponentText.MatchString(s) {
		return false
	}
	_, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return err == nil
}

// readsAsDate reports whether Excel reads a text as a date, a time (h:mm) or a fraction (1 1/2). A
// date is day and month, or month and year: as numbers, or with at least three letters of the
// month's English name. Numbers with dots are dates only if a dot or a year follows the month, as
// in 3.4. in some languages.
func readsAsDate(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxDateLength || isDigits(s) {
		return false
	}
	if c := s[0] | 0x20; (s[0] < '0' || s[0] > '9') && (c < 'a' || c > 'z') {
		return false
	}
	if clockText.MatchString(s) || fractionText.MatchString(s) || isCalendarDate(s) {
		return true
	}
	for i := strings.IndexByte(s, ' '); i >= 0; { // a date, then a time
		if clockText.MatchString(s[i+1:]) && isCalendarDate(strings.TrimRight(s[:i], ", ")) {
			return true
		}
		next := strings.IndexByte(s[i+1:], ' ')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return false
}

// isCalendarDate reports whether a text is a day, or a month of a year.
func isCalendarDate(s string) bool {
	if m := numericDate.FindStringSubmatch(s); m != nil {
		if m[3] != "" {
			return isDayOfMonth(m[1], m[2], m[3]) || isDayOfMonth(m[2], m[1], m[3]) || len(m[1]) == 4 && isDayOfMonth(m[2], m[3], m[1])
		}
		return isMonth(m[1]) && (isYear(m[2]) || isDay(m[2])) || isDay(m[1]) && isMonth(m[2]) || len(m[1]) == 4 && isYear(m[1]) && isMonth(m[2])
	}
	if m := dottedDate.FindStringSubmatch(s); m != nil {
		return isMonth(m[2]) && isDay(m[1]) || m[3] != "" && isMonth(m[1]) && isDay(m[2])
	}
	if m := monthFirst.FindStringSubmatch(s); m != nil && isMonthName(m[1]) {
		return m[3] == "" && isYear(m[2]) || m[3] != "" && isDay(m[2]) && isYear(m[3])
	}
	if m := monthLater.FindStringSubmatch(s); m != nil && isMonthName(m[2]) {
		return m[3] == "" && isYear(m[1]) || m[3] != "" && isDay(m[1]) && isYear(m[3])
	}
	return false
}

// isDayOfMonth reports whether month m has a day d. February always has 29 days.
func isDayOfMonth(m, d, y string) bool {
	if !isMonth(m) || !isDay(d) || !isYear(y) {
		return false
	}
	last := [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[number(m)-1]
	return number(d) <= last
}

func isMonth(s string) bool { return len(s) <= 2 && number(s) >= 1 && number(s) <= 12 }
func isDay(s string) bool   { return len(s) <= 2 && number(s) >= 1 && number(s) <= 31 }

// isYear reports whether s can be a year. Any two digits can, including those of a day.
func isYear(s string) bool { return len(s) <= 2 || len(s) == 4 && number(s) >= 1900 }

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return math.MaxInt
	}
	return n
}

// isMonthName reports whether a word is a prefix of an English month: Excel reads MARC1 as a day in
// March.
func isMonthName(s string) bool {
	for _, name := range monthNames {
		if strings.HasPrefix(name, strings.ToLower(s)) {
			return true
		}
	}
	return false
}

// isNumeric reports whether the values of a column are numbers, which spreadsheets read as numbers.
func isNumeric(t users.InputType) bool { return t == users.Number || t == users.Range }

// isTemporal reports whether the values of a column are dates or times.
func isTemporal(t users.InputType) bool {
	return t == users.Date || t == users.DateTime || t == users.Clock
}

// findSpreadsheetIssues counts the cells that a spreadsheet would change.
func (p *Preview) findSpreadsheetIssues(cells [][]string) {
	for i, column := range p.Columns {
		var exponents, dates, zeros, numbers, long int64
		kind := users.InputType(column.Type)
		for _, row := range cells {
			if !isNumeric(kind) && readsAsExponent(row[i]) {
				exponents++
			}
			if !isTemporal(kind) && readsAsDate(row[i]) {
				dates++
			}
			digits, zero := significantDigits(row[i])
			if zero {
				zeros++
			}
			if digits > maxSheetDigits {
				numbers++
			}
			if len(row[i]) > maxSheetCharacters && utf16Length(row[i]) > maxSheetCharacters {
				long++
			}
		}
		p.Exponents = p.appendFinding(p.Exponents, column, exponents)
		p.Dates = p.appendFinding(p.Dates, column, dates)
		p.LeadingZeros = p.appendFinding(p.LeadingZeros, column, zeros)
		p.LongNumbers = p.appendFinding(p.LongNumbers, column, numbers)
		p.LongCells = p.appendFinding(p.LongCells, column, long)
	}
}

func (p *Preview) appendFinding(findings []Finding, column export.Column, n int64) []Finding {
	if n == 0 {
		return findings
	}
	about := int64(math.Round(float64(n) * float64(p.Users) / float64(p.Sample)))
	return append(findings, Finding{column.Name, max(about, n)})
}

// significantDigits returns the number of significant digits of a cell with a plain number, 0 for
// others, and whether the number has a leading zero that a spreadsheet drops.
func significantDigits(s string) (digits int, zero bool) {
	s = strings.TrimLeft(s, "+-")
	integer, fraction, _ := strings.Cut(s, ".")
	if integer == "" || !isDigits(integer) || !isDigits(fraction) {
		return 0, false
	}
	return len(strings.TrimLeft(integer+fraction, "0")), len(integer) > 1 && integer[0] == '0'
}

func isDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// utf16Length counts characters as spreadsheets do: in UTF-16 code units.
func utf16Length(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
