package pipeline

import (
	"slices"
	"testing"
)

// Texts that Excel and LibreOffice change, according to reports about part numbers, plates and gene
// names.
func TestReadsAsExponent(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"219E01", "0012E34", "2310009E13", "1e5", "1E5", "22E1", "0503E000", "1.5E3", "1,5E3", ".5e3", "5.E3", "1E+5", "1e-05", "+1E5", "-1E5", " 1E5 ", "1E-400"} {
		if !readsAsExponent(s) {
			t.Errorf("%q: a spreadsheet reads it as an exponent", s)
		}
	}
	for _, s := range []string{"", "E5", "1E", "1E+", "1F5", "1EE5", "12E4567", "1 E5", "1E5 A", "0x1E5", "1.2.3E4", "e1", "1e5e", "123", "1E5,2", "١E٥"} {
		if readsAsExponent(s) {
			t.Errorf("%q is read as something other than text", s)
		}
	}
}

func TestReadsAsDate(t *testing.T) {
	t.Parallel()
	for kind, texts := range map[string][]string{
		"day and month": {"3-4", "03-04", "1/2", "12/31", "31/12", "2-29", " 3-4 "},
		"month, year":   {"3/2024", "3-45", "1/32", "12-3456", "2024-3", "2024/12", "1/00"},
		"whole dates":   {"2/3/24", "2-3-24", "13/2/2024", "2/13/2024", "2024-01-05", "2024/1/5", "1/2-2003", "29/2/24"},
		"with dots":     {"3.4.", "03.04.24", "3.4.2024", "12.31.2024"},
		"named months": {
			"MAR1", "MARC1", "MARCH1", "SEPT2", "SEP2", "DEC10", "DEC1", "OCT4", "mar 1", "MAR-1", "Mar-24", "MAR32", "MAR00", "MAR2024", "May 5", "Apr/3",
			"1MAR", "1-MAR", "1-Mar-24", "1 March 2024", "March 1, 2024", "Mar-1-2024", "2024-Mar", "JUNE5", "January 2024", "1Mar24", "Sept. 3",
		},
		"times":     {"1:2", "12:30", "25:00", "12:30:45", "12:30:45.5", "17:", "3:04 PM", "3:04pm", "3 PM", "3 a", "0:00"},
		"both":      {"2024-01-05 10:00", "1/2/2024 3:04 PM", "1-Mar-24, 10:00", "March 1, 2024 10:00:00"},
		"fractions": {"1 1/2", "12 3/16", "0 1/3"},
	} {
		for _, s := range texts {
			if !readsAsDate(s) {
				t.Errorf("%s: Excel changes %q", kind, s)
			}
		}
	}
	for kind, texts := range map[string][]string{
		"no such day":   {"0-5", "13-14", "13/32", "2/30/24", "31/4/2024", "0/0", "2024-13", "2024-13-05", "2020-21", "1-1-100", "32.1.", "1.13.", "FEB100", "32 Mar 2024"},
		"not as such":   {"", "3", "3-", "-3-4", "3--4", "3-4-5-6", "1.5", "1.2.3", "10.0.0.1", "100-5", "020-7946", "3/4/", "3_4", "1/2/3/4", "'3-4"},
		"no month":      {"MA1", "MAX1", "MARS1", "MARCHE1", "SEPTIN2", "MAR", "March", "MAR-", "XMAR1", "1MARX", "DECK10", "Mar 1st"},
		"no time":       {"1:60", "1:2:3:4", "12345:00", ":30", "3PM", "13 PM", "3 xm", "a:b", "1::2"},
		"no fraction":   {"1 1/0", "1 /2", "a 1/2", "1/2/", "16/32"},
		"what we write": {"2026-11-23T08:31:28.000Z", "1990-W18", "true", "01JDB7V2M9QKX3W8ZP5T6R4NHE", "amelia@example.com", "6f1c-4a", "{\"a\":1}"},
		"words":         {"Marching 100 people", "May the 4th", "Augustus 5", "12 Downing Street, 10:00"},
	} {
		for _, s := range texts {
			if readsAsDate(s) {
				t.Errorf("%s: %q is read as something other than text", kind, s)
			}
		}
	}
}

// No text has more than one of the issues.
func TestSpreadsheetIssuesDoNotOverlap(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"219E01", "1E5", "0012E34", "3-4", "MAR1", "DEC10", "007", "1:2", "1.5", "2024"} {
		_, zero := significantDigits(s)
		if n := slices.DeleteFunc([]bool{readsAsExponent(s), readsAsDate(s), zero}, func(b bool) bool { return !b }); len(n) > 1 {
			t.Errorf("%q", s)
		}
	}
}
