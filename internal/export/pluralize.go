package export

import "strconv"

// FormatThousands formats n with thousands separators: "48,213" for 48213.
func FormatThousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Pluralize formats n with the matching form of a noun: "1 user", "48,213 users".
func Pluralize(n int64, one, many string) string {
	if n == 1 {
		many = one
	}
	return FormatThousands(n) + " " + many
}
