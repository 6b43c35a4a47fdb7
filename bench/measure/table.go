package measure

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Spread returns minimum, median and maximum of one or more values.
func Spread(values []float64) (low, middle, high float64) {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return v[0], (v[(n-1)/2] + v[n/2]) / 2, v[n-1]
}

// FormatSpread returns median, minimum and maximum of one or more values as "2 (1–3)", each in the
// format of a number.
func FormatSpread(format string, values []float64) string {
	low, middle, high := Spread(values)
	if len(values) == 1 {
		return fmt.Sprintf(format, middle)
	}
	return fmt.Sprintf(format+" ("+format+"–"+format+")", middle, low, high)
}

// WriteTable writes rows as an aligned Markdown table. The first row is the header.
func WriteTable(text *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	line := func(r []string) {
		for i, c := range r {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if i == 0 {
				text.WriteString("| " + c + pad)
			} else {
				text.WriteString(" | " + pad + c)
			}
		}
		text.WriteString(" |\n")
	}
	line(rows[0])
	for i, w := range widths {
		if i == 0 {
			text.WriteString("|" + strings.Repeat("-", w+2))
		} else {
			text.WriteString("|" + strings.Repeat("-", w+1) + ":")
		}
	}
	text.WriteString("|\n")
	for _, r := range rows[1:] {
		line(r)
	}
}
