package strength

import (
	_ "embed"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
)

// commonList holds common passwords, the most common first, one per line, in lower case. See
// common.LICENSE.txt for its source.
//
//go:embed common.txt
var commonList string

// product is the product's name.
const product = "egress"

// minWord is the minimum length of a word, in characters.
const minWord = 3

// commonWord is a line of commonList. Its rank counts from 1.
type commonWord struct {
	word string // shares the memory of commonList
	rank int
}

// commonWords returns commonList in alphabetical order. It is computed on first use.
var commonWords = sync.OnceValue(func() []commonWord {
	list := make([]commonWord, 0, strings.Count(commonList, "\n"))
	for word := range strings.Lines(commonList) {
		list = append(list, commonWord{strings.TrimSuffix(word, "\n"), len(list) + 1})
	}
	slices.SortFunc(list, func(a, b commonWord) int { return strings.Compare(a.word, b.word) })
	return list
})

// eachCommon calls found with the end and the rank of every common word that begins at from.
func eachCommon(f form, from int, found func(to, rank int)) {
	list := commonWords()
	for to := from + 1; to < len(f.at); to++ {
		part := f.substring(from, to)
		list = list[sort.Search(len(list), func(i int) bool { return list[i].word >= part }):]
		if len(list) == 0 || !strings.HasPrefix(list[0].word, part) {
			return
		}
		if list[0].word == part && to-from >= minWord {
			found(to, list[0].rank)
		}
	}
}

// wordMatch is a word in a password and its cost in guesses, as a power of ten.
type wordMatch struct {
	to   int
	cost float64
	kind kind
}

// findWords returns the words in t by their start: plain, with substitutions, and reversed.
func findWords(t text, personalWords []string) [][]wordMatch {
	n := len(t.runes)
	found := make([][]wordMatch, n)
	search := func(f form, mapped func(from, to int) (int, int), variations float64) {
		add := func(from, to int, cost float64, k kind) {
			if from, to = mapped(from, to); f.s == t.plain.s || f.s == t.reversed.s || f.substring(from, to) != t.plain.substring(from, to) {
				found[from] = append(found[from], wordMatch{to, cost + variations + caseCost(t.upper[from:to]), k})
			}
		}
		for from := range n {
			eachCommon(f, from, func(to, rank int) { add(from, to, math.Log10(float64(rank)), common) })
			for _, word := range personalWords {
				if strings.HasPrefix(f.s[f.at[from]:], word) {
					add(from, from+len([]rune(word)), 0, personal)
				}
			}
		}
	}
	same := func(from, to int) (int, int) { return from, to }
	search(t.plain, same, 0)
	for _, f := range t.leet {
		search(f, same, two)
	}
	search(t.reversed, func(from, to int) (int, int) { return n - to, n - from }, two)
	return found
}

// caseCost returns the cost of capital letters. A capital first or last letter, or all capitals,
// costs little. Otherwise each capital is a choice of two.
func caseCost(upper []bool) float64 {
	count := 0
	for _, u := range upper {
		if u {
			count++
		}
	}
	switch {
	case count == 0:
		return 0
	case count == len(upper), count == 1 && (upper[0] || upper[len(upper)-1]):
		return two
	}
	return two * float64(count)
}

// personalWords returns the words that an attacker tries first: the product's name, the texts in
// about, and their parts.
func personalWords(about []string) []string {
	words := []string{product}
	for _, a := range about {
		full := newText(a).plain.s
		parts := strings.FieldsFunc(full, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
		words = append(words, full, strings.Join(parts, ""))
		words = append(words, parts...)
		if local, domain, ok := strings.Cut(full, "@"); ok {
			words = append(words, local, domain)
		}
	}
	words = slices.DeleteFunc(words, func(w string) bool { return len([]rune(w)) < minWord })
	slices.Sort(words)
	return slices.Compact(words)
}

func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != ""
}
