package strength

import (
	"crypto/rand"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// table is the content of testdata/passwords.json, which the console's tests read, too.
type table struct {
	About     []string            `json:"about"`
	Refused   map[Reason][]string `json:"refused"`
	Accepted  []string            `json:"accepted"`
	Estimates map[string]float64  `json:"estimates"`
}

func readTable(t *testing.T) table {
	t.Helper()
	b, err := os.ReadFile("testdata/passwords.json")
	if err != nil {
		t.Fatal(err)
	}
	var read table
	if err := json.Unmarshal(b, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestCheck(t *testing.T) {
	t.Parallel()
	table := readTable(t)
	for reason, passwords := range table.Refused {
		for _, password := range passwords {
			if got := Check(password, table.About...); got != reason {
				t.Errorf("%q: %q, want %q", password, got, reason)
			}
		}
	}
	for _, password := range append(table.Accepted, rand.Text()) {
		if got := Check(password, table.About...); got != "" {
			t.Errorf("%q: %q, want it accepted", password, got)
		}
	}
}

func TestCheckCountsBytes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("correct horse battery staple ", 36)[:MaxBytes]
	for password, want := range map[string]Reason{
		long:                       "",
		long + "x":                 TooLong,
		long[:MaxBytes-1] + "é":    TooLong, // 1,024 characters
		"Xq7!rT2#vL9p\xff":         Malformed,
		strings.Repeat("\xff", 12): Malformed,
	} {
		if got := Check(password); got != want {
			t.Errorf("%d bytes: %q, want %q", len(password), got, want)
		}
	}
}

// Personal words make a password weak only for that admin.
func TestCheckUsesPersonalWords(t *testing.T) {
	t.Parallel()
	const password = "hollyhock@kestrel.example"
	if got := Check(password); got != "" {
		t.Errorf("nothing known: %q", got)
	}
	if got := Check(password, password); got != Email {
		t.Errorf("its address known: %q", got)
	}
	if got := Check(password, "hollyhock@elsewhere.example", "Kestrel"); got != Personal {
		t.Errorf("its parts known: %q", got)
	}
	if got := Check(password, "@", "", "a@", "x y"); got != "" {
		t.Errorf("nothing useful known: %q", got)
	}
}

func TestCommonWords(t *testing.T) {
	t.Parallel()
	list := commonWords()
	if len(list) < 10_000 {
		t.Errorf("%d common passwords", len(list))
	}
	for i, w := range list {
		if len(w.word) < minWord || w.word != strings.ToLower(w.word) || strings.ContainsAny(w.word, " \r\t") {
			t.Errorf("%q can never match", w.word)
		}
		if i > 0 && list[i-1].word == w.word {
			t.Errorf("%q is in the list twice", w.word)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, password := range []string{"", "Xq7!rT2#vL9p", "e\u0301", "\xff", "İstanbul", "1985-04-12", strings.Repeat("a", MaxBytes)} {
		f.Add(password, "amelia.hart@example.com")
	}
	f.Fuzz(func(t *testing.T, password, about string) {
		got := Check(password, about)
		if decomposed := norm.NFD.String(password); len(password) <= MaxBytes && len(decomposed) <= MaxBytes {
			if again := Check(decomposed, about); again != got {
				t.Errorf("%q typed as %q: %q, was %q", password, decomposed, again, got)
			}
		}
	})
}

// Each of the long passwords is the worst case of one search.
func BenchmarkCheck(b *testing.B) {
	for name, password := range map[string]string{
		"same":     strings.Repeat("a", MaxBytes),
		"sequence": strings.Repeat("abcdefghijklmnopqrstuvwxyz", 40)[:MaxBytes],
		"words":    strings.Repeat("password", MaxBytes/8),
		"leet":     strings.Repeat("P@$$w0rd", MaxBytes/8),
		"keyboard": strings.Repeat("qwertrewq", MaxBytes/9),
		"random":   strings.Repeat(rand.Text(), 39),
		"unfolded": strings.Repeat("\uFDFA", MaxBytes/3), // 18 characters each in NFKC
		"usual":    "correct horse battery staple",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Check(password, "amelia.hart@example.com", "Amelia Hart", "Meridian Press")
			}
		})
	}
}

// The console's strength meter must show the same estimates.
func TestEstimate(t *testing.T) {
	t.Parallel()
	table := readTable(t)
	for password, want := range table.Estimates {
		got, _ := estimate(newText(password), personalWords(table.About))
		if got = math.Round(100*got) / 100; got != want {
			t.Errorf("%q: 10^%v guesses, want 10^%v", password, got, want)
		}
	}
}
