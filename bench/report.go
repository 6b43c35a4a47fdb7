package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/egress-io/egress/bench/measure"
)

// series is the measurements of one scenario, one per round.
type series struct {
	scenario
	runs    []measurement
	skipped string // why the scenario was not measured
}

// report writes the table, the phases and the ratios.
func report(out io.Writer, all []series) {
	rows := [][]string{{"", "columns", "rows/s", "documents/s", "MB/s", "CPU s per million rows", "peak MiB", "wall s"}}
	for _, s := range all {
		if len(s.runs) > 0 {
			rows = append(rows, s.row())
		}
	}
	var text strings.Builder
	measure.WriteTable(&text, rows)
	text.WriteString("\nMedian (least–most). MB/s are of the file, of a raw cursor those of the documents.\n\n")
	for _, s := range all {
		switch {
		case s.skipped != "":
			fmt.Fprintf(&text, "%s: %s\n", s.name, s.skipped)
		case s.kind == kindWhole:
			s.phases(&text)
		}
	}
	ratios(&text, all)
	fmt.Fprint(out, text.String())
}

func (s series) row() []string {
	columns := "–"
	if n := s.runs[0].Columns; n > 0 {
		columns = fmt.Sprint(n)
	}
	rows := func(f measurement) float64 { return float64(max(f.Rows, f.Users)) } // a raw cursor counts documents
	megabytes := "–"
	if s.runs[0].Bytes > 0 {
		megabytes = s.formatCell("%.0f", func(f measurement) float64 { return float64(f.Bytes) / 1e6 / f.Wall })
	}
	return []string{
		s.name, columns,
		s.formatCell("%.0f", func(f measurement) float64 { return rows(f) / f.Wall }),
		s.formatCell("%.0f", func(f measurement) float64 { return float64(f.Users) / f.Wall }),
		megabytes,
		s.formatCell("%.2f", func(f measurement) float64 { return f.CPU / rows(f) * 1e6 }),
		s.formatCell("%.0f", func(f measurement) float64 { return f.Memory }),
		s.formatCell("%.2f", func(f measurement) float64 { return f.Wall }),
	}
}

// formatCell returns median, minimum and maximum over all rounds.
func (s series) formatCell(format string, of func(measurement) float64) string {
	values := make([]float64, len(s.runs))
	for i, r := range s.runs {
		values[i] = of(r)
	}
	return measure.FormatSpread(format, values)
}

// phases writes the duration of each phase of a whole run.
func (s series) phases(text *strings.Builder) {
	if len(s.runs) == 0 {
		return
	}
	fmt.Fprintf(text, "%s: prepare %s s, write %s s, complete %s s, verify %s s; the gateway took %s s of CPU\n", s.name,
		s.formatCell("%.2f", func(f measurement) float64 { return f.Prepare }), s.formatCell("%.2f", func(f measurement) float64 { return f.Write }),
		s.formatCell("%.2f", func(f measurement) float64 { return f.Complete }), s.formatCell("%.2f", func(f measurement) float64 { return f.Verify }),
		s.formatCell("%.2f", func(f measurement) float64 { return f.gatewayCPU }))
}

// ratio compares two scenarios round by round, so that both had the same conditions.
type ratio struct {
	of, to string
	what   string
	value  func(a, b measurement) float64
}

func speed(a, b measurement) float64 { return float64(a.Users) / a.Wall / (float64(b.Users) / b.Wall) }
func cpuEfficiency(a, b measurement) float64 {
	return b.CPU / float64(b.Users) / (a.CPU / float64(a.Users))
}
func writeRate(a, b measurement) float64 {
	return float64(a.Users) / a.Write / (float64(b.Users) / b.Write)
}

func ratios(text *strings.Builder, all []series) {
	for _, r := range []ratio{
		{pipelineScalars, mongoexportCSV, "speed", speed},
		{pipelineScalars, mongoexportCSV, "rows per CPU second", cpuEfficiency},
		{pipelineGrants, rawGrants, "documents/s", speed},
		{"pipeline/23/2-readers", pipelineGrants, "speed", speed},
		{wholeGrants, pipelineGrants, "speed", speed},
		{wholeGrants, pipelineGrants, "speed while writing, without verification", writeRate},
		{rawAgain, rawGrants, "speed (drift of the machine; 1 is none)", speed},
	} {
		a, b := find(all, r.of), find(all, r.to)
		n := min(len(a.runs), len(b.runs))
		if n == 0 {
			continue
		}
		pairs := make([]string, n)
		values := make([]float64, n)
		for i := range n {
			values[i] = r.value(a.runs[i], b.runs[i])
			pairs[i] = fmt.Sprintf("%.2f", values[i])
		}
		_, middle, _ := measure.Spread(values)
		fmt.Fprintf(text, "%s : %s, %s: %.2f (by round: %s)\n", r.of, r.to, r.what, middle, strings.Join(pairs, ", "))
	}
}

func find(all []series, name string) series {
	i := slices.IndexFunc(all, func(s series) bool { return s.name == name })
	if i < 0 {
		return series{}
	}
	return all[i]
}
