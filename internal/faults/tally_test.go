package faults_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/export"
)

// tally counts the outcomes of cases, by port and kind.
type tally map[string]*count

type count struct{ cases, met, completed, failed int }

func (t tally) at(row string) *count {
	if t[row] == nil {
		t[row] = &count{}
	}
	return t[row]
}

func (t tally) add(c testCase, o outcome) {
	n := t.at(fmt.Sprint(c.fault.Port, ", ", c.fault.Kind))
	n.cases++
	if o.hit != "" {
		n.met++
	}
	switch o.job.Outcome {
	case export.Completed:
		n.completed++
	case export.Failed:
		n.failed++
	}
}

func (t tally) merge(o tally) {
	for row, c := range o {
		n := t.at(row)
		n.cases += c.cases
		n.met += c.met
		n.completed += c.completed
		n.failed += c.failed
	}
}

func (t tally) String() string {
	var b strings.Builder
	for _, row := range slices.Sorted(maps.Keys(t)) {
		c := t[row]
		fmt.Fprintf(&b, "%-24s %5d %5d %5d %5d\n", row, c.cases, c.met, c.completed, c.failed)
	}
	return b.String()
}
