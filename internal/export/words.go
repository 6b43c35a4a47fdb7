package export

import "strconv"

// Thousands writes n for a human: 48213 as "48,213".
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Counted writes n and the noun that goes with it: "1 user", "48,213 users".
func Counted(n int64, one, many string) string {
	if n == 1 {
		many = one
	}
	return Thousands(n) + " " + many
}
