package fromzephr

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/egress-io/egress/internal/users"
)

// Problem is what is wrong with something that was copied.
type Problem string

// The problems.
const (
	Missing Problem = "missing" // Egress lacks it
	Extra   Problem = "extra"   // only Egress has it
	Differs Problem = "differs" // its members differ
	Refused Problem = "refused" // it could not be read or imported
)

// Difference is something that is not the same in Zephr and in Egress: one line of the report file.
type Difference struct {
	Kind    string   `json:"kind"` // field, product, account, user, membership or export
	ID      string   `json:"id"`
	Problem Problem  `json:"problem"`
	Members []string `json:"members,omitempty"` // of Differs: the paths of the members
	Reason  string   `json:"reason,omitempty"`
}

// Group counts the differences of one kind and problem.
type Group struct {
	Kind    string
	Problem Problem
	Count   int64
	First   []Difference // at most shownDifferences
}

// shownDifferences is the number of differences of a group that the summary shows.
const shownDifferences = 20

// Report collects differences: all of them in a file, the first of each group in memory.
type Report struct {
	file   *os.File
	out    *bufio.Writer
	groups []*Group
	failed error
	// NotKept counts the members that Zephr has and Egress has no place for, by path. It has at most
	// maxNotKept paths, then one for all others.
	NotKept map[string]int64
	// Notes are sentences about fields that are kept but have no effect.
	Notes []string
	// Inferred are the tenant's fields that Zephr's schema lacks, and that attributes of users need.
	Inferred users.Schema
}

const maxNotKept = 100

// NewReport creates the file of a report, which only the operator may read. The caller closes it.
func NewReport(path string) (*Report, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create the report: %w", err)
	}
	return &Report{file: file, out: bufio.NewWriter(file), NotKept: map[string]int64{}}, nil
}

// Add adds a difference.
func (r *Report) Add(d Difference) {
	line, err := json.Marshal(d)
	if err == nil {
		_, err = r.out.Write(append(line, '\n'))
	}
	if r.failed == nil {
		r.failed = err
	}
	g := r.group(d.Kind, d.Problem)
	g.Count++
	if len(g.First) < shownDifferences {
		g.First = append(g.First, d)
	}
}

func (r *Report) group(kind string, p Problem) *Group {
	for _, g := range r.groups {
		if g.Kind == kind && g.Problem == p {
			return g
		}
	}
	g := &Group{Kind: kind, Problem: p}
	r.groups = append(r.groups, g)
	return g
}

func (r *Report) addNotKept(path string) {
	if _, counted := r.NotKept[path]; !counted && len(r.NotKept) >= maxNotKept {
		path = "other members"
	}
	r.NotKept[path]++
}

// Groups returns the groups of differences, in the order of their first one.
func (r *Report) Groups() []*Group { return r.groups }

// Differences returns the number of differences.
func (r *Report) Differences() (n int64) {
	for _, g := range r.groups {
		n += g.Count
	}
	return n
}

// Close completes the file. It returns the first error of writing it.
func (r *Report) Close() error {
	if err := errors.Join(r.failed, r.out.Flush(), r.file.Close()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
