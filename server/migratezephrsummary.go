package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/fromzephr"
)

// stepBars shows a progress bar for each step of a command, one after another.
type stepBars struct {
	term terminal
	step string
	bar  progressBar
}

// update shows how much of a step is done. total is -1 if it is unknown.
func (b *stepBars) update(step string, done, total int64) {
	if step != b.step {
		b.finish()
		b.step, b.bar = step, newProgressBar(b.term, strings.ToUpper(step[:1])+step[1:], total)
	}
	b.bar.setOf(done, max(total, done))
}

// retrying prints why a request is repeated. The next update shows the bar again.
func (b *stepBars) retrying(err error, after time.Duration) {
	b.finish()
	fmt.Fprintf(b.term.err, "%v. Retrying in %v.\n", err, after)
}

func (b *stepBars) finish() {
	b.bar.finish()
	b.step, b.bar = "", progressBar{}
}

// printSummary prints the counts, what Egress does not keep, and what differs.
func (m *zephrMigration) printSummary(term terminal) {
	fmt.Fprintf(term.out, "Copied from %s to the tenant %s:\n\n", m.host, m.cmd.Tenant)
	m.printCounts(term)
	for _, note := range m.notes() {
		fmt.Fprintln(term.out, "Note:", note)
	}
	m.printNotKept(term)
	groups := m.report.Groups()
	if len(groups) == 0 {
		fmt.Fprintln(term.out, "Nothing differs. The downloaded pages were deleted.")
		return
	}
	for _, g := range groups {
		fmt.Fprintf(term.out, "%s:\n", headline(g))
		for _, d := range g.First {
			detail := strings.Trim(strings.Join(d.Members, ", ")+" "+d.Reason, " ")
			if detail != "" {
				detail = ": " + detail
			}
			fmt.Fprintf(term.out, "  %s%s\n", d.ID, detail)
		}
		if more := g.Count - int64(len(g.First)); more > 0 {
			fmt.Fprintf(term.out, "  and %s more\n", export.FormatThousands(more))
		}
	}
	fmt.Fprintf(term.out, "All differences: %s. The downloaded pages are kept in %s; --restart deletes them and downloads them again.\n",
		m.folder.ReportPath(), m.cmd.Dir)
}

func (m *zephrMigration) printCounts(term terminal) {
	w := tabwriter.NewWriter(term.out, 0, 0, 3, ' ', tabwriter.AlignRight)
	z, e := m.prepared.Counts, m.found
	fmt.Fprintln(w, "\tZephr\tEgress\t")
	for _, row := range []struct {
		name string
		z, e int64
	}{
		{"schema fields", z.Fields, e.Fields},
		{"products", z.Products, e.Products},
		{"accounts", z.Accounts, e.Accounts},
		{"user stores", z.Stores, e.Stores},
		{"users", z.Users, e.Users},
		{"extended profiles", z.Profiles, e.Profiles},
		{"foreign keys", z.ForeignKeys, e.ForeignKeys},
		{"grants", z.Grants, e.Grants},
		{"users of accounts", z.Memberships, e.Memberships},
	} {
		fmt.Fprintf(w, "%s\t%s\t%s\t\n", row.name, export.FormatThousands(row.z), export.FormatThousands(row.e))
	}
	_ = w.Flush() // a closed terminal must not stop the command
	fmt.Fprintln(term.out)
}

// notes says what is not an error, and what an operator should know.
func (m *zephrMigration) notes() (notes []string) {
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	p := m.prepared
	if p.First != p.Last {
		add("the number of users in Zephr changed from %s to %s during the download.", export.FormatThousands(p.First), export.FormatThousands(p.Last))
	}
	if p.Repeated > 0 {
		add("%s on several pages, because users were created or deleted during the download. The last page counts.", export.Pluralize(p.Repeated, "user is", "users are"))
	}
	for _, k := range []struct {
		kind fromzephr.Kind
		text string
	}{
		{fromzephr.Products, "%s does not serve products: each has its id as its label."},
		{fromzephr.Memberships, "%s lists no users of accounts: they come from the users and their grants."},
	} {
		if !m.folder.Served(k.kind) {
			add(k.text, m.host)
		}
	}
	if p.Counts.Users > 0 && p.Counts.ForeignKeys == 0 {
		add("no user of the export has a foreign key. If users have some in Zephr, try --each-user.")
	}
	const shownNotes = 20
	notes = append(notes, m.report.Notes[:min(len(m.report.Notes), shownNotes)]...)
	if more := len(m.report.Notes) - shownNotes; more > 0 {
		add("%d more such notes about fields.", more)
	}
	for _, f := range m.report.Inferred {
		add("users have the attribute %s without a usable field in Zephr's schema: the tenant has a field of the type %s for it.", f.Slug, f.Type)
	}
	if n := m.imported.SecretsDropped; n > 0 {
		add("%s not stored.", export.Pluralize(n, "value of a password field was", "values of password fields were"))
	}
	return notes
}

// printNotKept prints the members that Egress has no place for, the most frequent first.
func (m *zephrMigration) printNotKept(term terminal) {
	lost := maps.Clone(m.report.NotKept)
	for path, n := range m.imported.Ignored {
		lost["users."+path] += n
	}
	if len(lost) == 0 {
		return
	}
	fmt.Fprintln(term.out, "Not copied, because Egress has no place for it:")
	for _, path := range slices.SortedFunc(maps.Keys(lost), func(a, b string) int { return cmp.Or(cmp.Compare(lost[b], lost[a]), cmp.Compare(a, b)) }) {
		fmt.Fprintf(term.out, "  %s (%s)\n", path, export.Pluralize(lost[path], "time", "times"))
	}
}

// headline says what a group of differences is: "3 users differ".
func headline(g *fromzephr.Group) string {
	one, many := g.Kind, g.Kind+"s"
	if g.Kind == "export" { // of Zephr; its reason says the rest
		return "The download may be incomplete"
	}
	verb := map[fromzephr.Problem][2]string{
		fromzephr.Missing: {"is missing in Egress", "are missing in Egress"}, fromzephr.Extra: {"is only in Egress", "are only in Egress"},
		fromzephr.Differs: {"differs", "differ"}, fromzephr.Refused: {"was not copied, or not completely", "were not copied, or not completely"},
	}[g.Problem]
	return export.Pluralize(g.Count, one+" "+verb[0], many+" "+verb[1])
}
