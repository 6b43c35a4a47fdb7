package main

import (
	"strings"

	"github.com/egress-io/egress/bench/measure"
)

// Metrics of a turn.
const (
	handshakeRate = "handshakes per second"
	idleMemory    = "memory per socket, no load (KiB)"
	loadMemory    = "memory per socket, after the load (KiB)"
	stateRate     = "states published per second"
	stateLate     = "longest delay of a publication (ms)"
	stateBytes    = "bytes of a state, as received"
	latency50     = "latency p50 (ms)"
	latency99     = "latency p99 (ms)"
	latencyMax    = "latency maximum (ms)"
	coalesced     = "coalesced ticks (%)"
	serverCPU     = "CPU seconds of the server per second"
	clientCPU     = "CPU seconds of the clients per second"
	exportTime    = "export meanwhile (s)"
	exportAlone   = "export without sockets (s)"
	exportUnheard = "export while published, without sockets (s)"
	slowdown      = "slowdown of the export (%)"
	socketSlow    = "slowdown by the sockets alone (%)"
	exportLatency = "latency p99 during the exports (ms)"
	finalLatency  = "latency p99 of final states (ms)"
	finalsLost    = "lost final states"
	closedSockets = "sockets closed by the server"
)

// The order of the rows, with the format of a number.
var metrics = []struct{ name, format string }{
	{handshakeRate, "%.0f"},
	{idleMemory, "%.1f"},
	{loadMemory, "%.1f"},
	{stateRate, "%.0f"},
	{stateLate, "%.0f"},
	{stateBytes, "%.0f"},
	{latency50, "%.2f"},
	{latency99, "%.2f"},
	{latencyMax, "%.2f"},
	{coalesced, "%.2f"},
	{serverCPU, "%.2f"},
	{clientCPU, "%.2f"},
	{exportAlone, "%.2f"},
	{exportUnheard, "%.2f"},
	{exportTime, "%.2f"},
	{slowdown, "%.1f"},
	{socketSlow, "%.1f"},
	{exportLatency, "%.2f"},
	{finalLatency, "%.2f"},
	{finalsLost, "%.0f"},
	{closedSockets, "%.0f"},
}

// values are those of a server, by metric, one of each round.
type values map[string][]float64

func (v values) add(metric string, value float64) { v[metric] = append(v[metric], value) }

// writeReport writes a table with a column for each server, and the ratios of Egress to centrifuge
// within a round.
func writeReport(text *strings.Builder, egress, centrifuge values) {
	rows := [][]string{{"", "Egress", "centrifuge", "Egress : centrifuge"}}
	for _, m := range metrics {
		row := []string{m.name, "–", "–", "–"}
		for i, v := range []values{egress, centrifuge} {
			if len(v[m.name]) > 0 {
				row[i+1] = measure.FormatSpread(m.format, v[m.name])
			}
		}
		if ratios := ratiosOf(egress[m.name], centrifuge[m.name]); len(ratios) > 0 {
			row[3] = measure.FormatSpread("%.2f", ratios)
		}
		rows = append(rows, row)
	}
	measure.WriteTable(text, rows)
}

// ratiosOf returns the ratios of each round; none if a round has no value or a value is not positive.
func ratiosOf(a, b []float64) []float64 {
	if len(a) != len(b) {
		return nil
	}
	var ratios []float64
	for i := range a {
		if a[i] <= 0 || b[i] <= 0 {
			return nil
		}
		ratios = append(ratios, a[i]/b[i])
	}
	return ratios
}
