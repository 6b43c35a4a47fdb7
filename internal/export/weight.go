package export

import (
	"cmp"
	"slices"
)

// Weight is the size of one user in a file.
type Weight struct {
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"` // of CSV
}

// Heaviest lists the largest users by bytes, the largest first. Estimates of the average user
// exclude these, since a few very large users would distort it.
type Heaviest []Weight

// maxHeaviest is the maximum length of Heaviest.
const maxHeaviest = 8

// Add adds a user if it is among the largest.
func (h *Heaviest) Add(w Weight) {
	if n := len(*h); n == maxHeaviest {
		if w.Bytes <= (*h)[n-1].Bytes {
			return
		}
		*h = (*h)[:n-1]
	}
	at, _ := slices.BinarySearchFunc(*h, w, func(a, b Weight) int { return cmp.Compare(b.Bytes, a.Bytes) })
	*h = slices.Insert(*h, at, w)
}

// AddAll adds all users of another list.
func (h *Heaviest) AddAll(others Heaviest) {
	for _, w := range others {
		h.Add(w)
	}
}
