// Package export is the vocabulary of Egress: what an export is to contain (Definition), one run of it (Job), where that
// stands (Status, Progress), and how failures are told (Error). It imports nothing of ours; everything else speaks it.
package export
