package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users/importer"
)

// shownRefusals is the maximum number of refusals printed on the terminal.
const shownRefusals = 20

// importReport reports the refusals of an import: the first few on the terminal, all of them in an
// optional file.
type importReport struct {
	term    terminal
	file    *os.File // nil for no file
	out     *bufio.Writer
	object  bool  // write one JSON object instead of NDJSON
	count   int64 // the number of refusals
	noField bool  // some refusals concern attributes without a field
	failed  error // the first error of the file
}

// importSummary is the member "summary" of a report that is one JSON object.
type importSummary struct {
	importer.Report

	Error string `json:"error,omitempty"` // the error that ended the import
}

// newImportReport creates the file of a report. An empty path means no file.
func newImportReport(path, format string, term terminal) (*importReport, error) {
	r := &importReport{term: term, object: format == "json" || format == "auto" && strings.HasSuffix(path, ".json")}
	if path == "" {
		return r, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, errs.Wrap(errs.CodeInvalidRequest, err, "--report")
	}
	r.file, r.out = file, bufio.NewWriter(file)
	if r.object {
		r.write(`{"skipped":[`)
	}
	return r, nil
}

// refused reports one refusal.
func (r *importReport) refused(refusal importer.Refusal) {
	r.noField = r.noField || strings.HasPrefix(refusal.Field, "attributes.") && refusal.Reason == importer.ReasonNoField
	if r.count < shownRefusals {
		message := strings.TrimSpace(refusal.Field + " " + refusal.Reason)
		if refusal.Skipped != "" {
			message += " (" + string(refusal.Skipped) + " skipped)"
		}
		fmt.Fprintf(r.term.err, "line %d: %s\n", refusal.Line, message)
	}
	r.count++
	if r.object && r.count > 1 {
		r.write(",")
	}
	if r.object {
		r.write("\n")
	}
	r.encode(refusal)
	if !r.object {
		r.write("\n")
	}
}

// close completes and closes the file. err is the error that ended the import, or nil.
func (r *importReport) close(report importer.Report, err error) error {
	if r.file == nil {
		return nil
	}
	if r.object {
		end := importSummary{Report: report}
		if err != nil && !errors.Is(err, errPartialImport) {
			end.Error = err.Error()
		}
		r.write("\n],\"summary\":")
		r.encode(end)
		r.write("}\n")
	}
	if err := r.out.Flush(); err != nil && r.failed == nil {
		r.failed = fmt.Errorf("write the report: %w", err)
	}
	return errors.Join(r.failed, r.file.Close())
}

func (r *importReport) encode(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		r.failed = errors.Join(r.failed, err)
		return
	}
	r.write(string(b))
}

func (r *importReport) write(s string) {
	if r.file == nil || r.failed != nil {
		return
	}
	if _, err := r.out.WriteString(s); err != nil {
		r.failed = fmt.Errorf("write the report: %w", err)
	}
}

// summarize prints the result of the import on the terminal.
func (r *importReport) summarize(report importer.Report) {
	say := func(format string, args ...any) { fmt.Fprintf(r.term.out, format+"\n", args...) }
	times := func(n int64) string { return export.Pluralize(n, "time", "times") }
	say("%d read: %d new, %d updated, %d refused.", report.Read, report.Created, report.Updated, report.Refused)
	if report.SkippedValues > 0 {
		say("%s skipped; the rest of these users was imported.", export.Pluralize(report.SkippedValues, "value was", "values were"))
	}
	if r.count > shownRefusals {
		say("Only the first %d skipped values and records are listed above; use --report FILE to list all.", shownRefusals)
	}
	if r.noField {
		say("Attributes that are not in the user schema were skipped; use --extend-schema to add fields for them.")
	}
	for _, f := range report.Fields {
		say("Added the field %s (%s).", f.Slug, f.Type)
	}
	for _, f := range report.Widened {
		say("Changed the type of the field %s from %s to %s to fit the file; %s converted. Update the filters that compare it as %s.",
			f.Slug, f.From, f.To, export.Pluralize(f.Converted, "stored value was", "stored values were"), f.From)
	}
	r.printRenamed(report.Renamed)
	for _, w := range report.Warnings {
		say("Warning: %s %s (%s, first on line %d).", w.Field, w.Reason, times(w.Count), w.Line)
	}
	if report.Stores+report.Products+report.Accounts > 0 {
		say("Created because users refer to them: %s, %s, %s.", export.Pluralize(int64(report.Stores), "store", "stores"),
			export.Pluralize(int64(report.Products), "product", "products"), export.Pluralize(int64(report.Accounts), "account", "accounts"))
	}
	if report.SecretsDropped > 0 {
		say("%s not stored.", export.Pluralize(report.SecretsDropped, "value of a password field was", "values of password fields were"))
	}
	for _, name := range slices.Sorted(maps.Keys(report.Ignored)) {
		say("Ignored the unknown member %s (%s).", name, times(report.Ignored[name]))
	}
}

// printRenamed prints the first renamed names.
func (r *importReport) printRenamed(list []importer.Renaming) {
	const shown = 100
	for i, n := range list {
		if i == shown {
			fmt.Fprintf(r.term.out, "%d more names were renamed; use --report FILE.json to list them.\n", len(list)-shown)
			return
		}
		fmt.Fprintf(r.term.out, "Renamed %s %q to %s.\n", n.Kind, n.From, n.To)
	}
}
