package csv

import "strconv"

const (
	millisPerSecond = 1000
	millisPerDay    = 24 * 60 * 60 * millisPerSecond
)

// appendDate appends the instant ms (milliseconds since 1970, UTC) in the given form if the instant
// lies exactly on one, otherwise as RFC 3339 with milliseconds.
func appendDate(dst []byte, ms int64, f form) []byte {
	days, rest := ms/millisPerDay, ms%millisPerDay
	if rest < 0 {
		days, rest = days-1, rest+millisPerDay
	}
	switch f {
	case dateForm:
		if year, month, day := civil(days); rest == 0 && hasFourDigits(year) {
			return appendTwo(append(appendYearMonth(dst, year, month), '-'), day)
		}
	case clockForm:
		if days == 0 && rest%millisPerSecond == 0 {
			return appendClock(dst, rest)
		}
	case weekForm:
		if rest == 0 && (days+3)%7 == 0 { // 1 January 1970 was a Thursday
			year, _, _ := civil(days + 3) // a week belongs to the year of its Thursday
			if hasFourDigits(year) {
				week := (days + 3 - daysBefore(year)) / 7
				return appendTwo(append(appendYear(dst, year), "-W"...), int(week)+1)
			}
		}
	case monthForm:
		if year, month, day := civil(days); rest == 0 && day == 1 && hasFourDigits(year) {
			return appendYearMonth(dst, year, month)
		}
	}
	year, month, day := civil(days)
	dst = appendYear(dst, year)
	dst = append(dst, "-00-00T00:00:00.000Z"...)
	b := dst[len(dst)-len("-00-00T00:00:00.000Z"):]
	second, milli := uint32(rest)/millisPerSecond, uint32(rest)%millisPerSecond
	putTwo(b[1:], month)
	putTwo(b[4:], day)
	putTwo(b[7:], int(second/3600))
	putTwo(b[10:], int(second/60%60))
	putTwo(b[13:], int(second%60))
	b[16] = byte('0' + milli/100)
	putTwo(b[17:], int(milli%100))
	return dst
}

// hasFourDigits reports whether a year is written with four digits.
func hasFourDigits(year int64) bool { return 0 <= year && year <= 9999 }

// The proleptic Gregorian calendar repeats every 400 years.
const (
	daysPerEra  = 146097
	daysTo1970  = 719468 // since 1 March of the year 0
	yearsPerEra = 400
	erasBefore  = 800_000 // this many eras before the year 0 precede every BSON date

	marchToJanuary = 306 // days
)

// civil returns the date of a day, counted from 1 January 1970, in the proleptic Gregorian
// calendar. Years start in March, so that the leap day is the last day. It multiplies instead of
// dividing (C. Neri and L. Schneider, "Euclidean affine functions and their application to calendar
// algorithms").
func civil(days int64) (year int64, month, day int) {
	const within = 1 << 29 // days since 1 March of the year 0 for which 32 bits suffice
	from := uint64(days + daysTo1970)
	if from >= within {
		return civil64(days)
	}
	quarters := 4*uint32(from) + 3
	century, ofCentury := quarters/daysPerEra, quarters%daysPerEra|3
	p := 2_939_745 * uint64(ofCentury)
	ofYear := uint32(p) / 2_939_745 / 4
	q := 2141*ofYear + 197_913
	year, month, day = int64(100*century+uint32(p>>32)), int(q>>16), int(q&0xFFFF/2141)+1
	if ofYear >= marchToJanuary {
		return year + 1, month - 12, day
	}
	return year, month, day
}

// civil64 is civil for all BSON dates (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
func civil64(days int64) (year int64, month, day int) {
	n := uint64(days + daysTo1970 + erasBefore*daysPerEra)
	era, doe := n/daysPerEra, uint32(n%daysPerEra)         // doe: day of the era
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365 // year of the era
	doy := doe - (365*yoe + yoe/4 - yoe/100)               // day of the year
	mp := (5*doy + 2) / 153                                // month, March is 0
	day = int(doy - (153*mp+2)/5 + 1)
	year = int64(yoe) + (int64(era)-erasBefore)*yearsPerEra
	if mp < 10 {
		return year, int(mp) + 3, day
	}
	return year + 1, int(mp) - 9, day
}

// daysBefore returns the number of days from 1 January 1970 to the start of the year, for years >=
// 0.
func daysBefore(year int64) int64 {
	y := year - 1 // the year that starts in the preceding March
	era := y / yearsPerEra
	if y < 0 {
		era = (y - yearsPerEra + 1) / yearsPerEra
	}
	yoe := y - era*yearsPerEra
	return era*daysPerEra + 365*yoe + yoe/4 - yoe/100 + marchToJanuary - daysTo1970
}

func appendYearMonth(dst []byte, year int64, month int) []byte {
	return appendTwo(append(appendYear(dst, year), '-'), month)
}

// appendYear appends four digits, or a sign and at least six.
func appendYear(dst []byte, year int64) []byte {
	if hasFourDigits(year) {
		return appendTwo(appendTwo(dst, int(year)/100), int(year)%100)
	}
	if year < 0 {
		dst, year = append(dst, '-'), -year
	} else {
		dst = append(dst, '+')
	}
	for limit := int64(100_000); year < limit && limit > 1; limit /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, year, 10)
}

// appendClock appends a time of day, given in milliseconds since midnight, in whole seconds.
func appendClock(dst []byte, ms int64) []byte {
	s := int(ms / millisPerSecond)
	dst = append(appendTwo(dst, s/3600), ':')
	dst = append(appendTwo(dst, s/60%60), ':')
	return appendTwo(dst, s%60)
}

const twoDigits = "00010203040506070809" + "10111213141516171819" + "20212223242526272829" + "30313233343536373839" +
	"40414243444546474849" + "50515253545556575859" + "60616263646566676869" + "70717273747576777879" +
	"80818283848586878889" + "90919293949596979899"

func appendTwo(dst []byte, n int) []byte {
	return append(dst, twoDigits[2*n], twoDigits[2*n+1])
}

func putTwo(b []byte, n int) {
	b[0], b[1] = twoDigits[2*n], twoDigits[2*n+1]
}
