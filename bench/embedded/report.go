package main

import (
	"fmt"
	"strings"

	"github.com/egress-io/egress/bench/measure"
)

// Units, with the format of a number.
const (
	seconds      = "s"
	milliseconds = "ms"
	mebibytes    = "MiB"
)

var formats = map[string]string{seconds: "%.2f", milliseconds: "%.0f", mebibytes: "%.0f"}

// metric is a row of the report. Its values are those of all rounds.
type metric struct {
	name, unit string
	values     []float64
}

// report collects the values of metrics, in the order in which each is first seen.
type report struct {
	users   int
	metrics []*metric
	byName  map[string]*metric
}

func newReport(users int) *report { return &report{users: users, byName: map[string]*metric{}} }

// add adds a value of a metric.
func (r *report) add(name, unit string, value float64) {
	m := r.byName[name]
	if m == nil {
		m = &metric{name: name, unit: unit}
		r.byName[name], r.metrics = m, append(r.metrics, m)
	}
	m.values = append(m.values, value)
}

// targets are the highest medians that two cores should need, by number of users and metric.
var targets = map[int]map[string]float64{
	100_000: {
		importNew: 5, startTime: 0.5, idleMemory: 80, countScan: 400, preview: 500, previewFilter: 500, exportTotal: 2.5, firstRows: 300,
	},
	1_000_000: {importNew: 60, pageNext: 50, pageAnywhere: 50, exportTotal: 20},
}

// String returns the table.
func (r *report) String() string {
	rows := [][]string{{"", "unit", "target", "median (lowest–highest)", "values", ""}}
	for _, m := range r.metrics {
		format := formats[m.unit]
		target, verdict := "–", ""
		if limit, exists := targets[r.users][m.name]; exists {
			target = "≤ " + strings.TrimSuffix(fmt.Sprintf("%.1f", limit), ".0")
			if _, middle, _ := measure.Spread(m.values); middle > limit {
				verdict = "missed"
			} else {
				verdict = "met"
			}
		}
		rows = append(rows, []string{m.name, m.unit, target, measure.FormatSpread(format, m.values), fmt.Sprint(len(m.values)), verdict})
	}
	var text strings.Builder
	measure.WriteTable(&text, rows)
	return text.String()
}
