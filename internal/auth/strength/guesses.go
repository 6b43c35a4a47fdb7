package strength

import "math"

// kind is the kind of a part of a password.
type kind uint8

const (
	random   kind = iota // nothing is known about it
	common               // a common password or word
	personal             // a word related to the admin or the product
	pattern              // a sequence, adjacent keys, or a date
	repeat               // repeats the characters before it
)

// two is the cost of a choice between two alternatives, as a power of ten.
var two = math.Log10(2)

// estimate returns how many guesses a password needs, as a power of ten, and the kinds of its
// parts. Like zxcvbn (Wheeler, USENIX Security 2016) it finds the cheapest division into parts. A
// random character costs ten guesses. Every other part costs its own number of guesses times two.
func estimate(t text, personalWords []string) (guesses float64, parts map[kind]bool) {
	n := len(t.runes)
	best := make([]step, n+1)
	for i := range best[1:] {
		best[i+1].cost = math.Inf(1)
	}
	words := findWords(t, personalWords)
	copies := make([]int, n) // by distance: how many characters from here repeat those at that distance before
	for from := range n {
		reach := func(to int, cost float64, k kind) {
			if cost += best[from].cost; cost < best[to].cost {
				best[to] = step{cost, from, k}
			}
		}
		reach(from+1, 1, random)
		for _, w := range words[from] {
			reach(w.to, w.cost+two, w.kind)
		}
		eachPattern(t.runes, from, func(to int, cost float64) { reach(to, cost+two, pattern) })
		eachRepeat(t.runes, from, copies, func(to int, cost float64) { reach(to, cost+two, repeat) })
	}
	parts = map[kind]bool{}
	for at := n; at > 0; at = best[at].from {
		parts[best[at].kind] = true
	}
	return best[n].cost, parts
}

// step is the last part of the cheapest division that ends at a position.
type step struct {
	cost float64
	from int
	kind kind
}

// eachRepeat calls found for each repetition of the characters just before from. copies holds the
// lengths found for the previous character, so that all calls together take n²/2 steps.
func eachRepeat(runes []rune, from int, copies []int, found func(to int, cost float64)) {
	for distance := 1; distance <= from; distance++ {
		length := copies[distance] - 1
		if length < 0 {
			for length = 0; from+length < len(runes) && runes[from+length] == runes[from+length-distance]; {
				length++
			}
		}
		copies[distance] = length
		if length < 2 || length < distance {
			continue
		}
		for end := max(2, distance); end < length; end += distance {
			found(from+end, repeatCost(end, distance))
		}
		found(from+length, repeatCost(length, distance))
	}
}

func repeatCost(length, distance int) float64 {
	return math.Log10(2 * math.Ceil(float64(length)/float64(distance)))
}
