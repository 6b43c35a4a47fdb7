package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// examples is how many differences of a column are shown.
const examples = 3

// compare exports all attributes and foreign keys with Egress and with mongoexport, and compares the files: every record must
// have the same bytes, but for its line end and for the names in the header.
func compare(ctx context.Context, o settings, l layout, out io.Writer) (err error) {
	dir, err := os.MkdirTemp(o.dir, "egress-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ours, theirs := filepath.Join(dir, "egress.csv"), filepath.Join(dir, "mongoexport.csv")
	paths := fields(l, every)
	cmd, err := mongoexport(ctx, o, dir, paths, theirs, true)
	if err != nil {
		return err
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	var made outcome
	if err := o.ask(ctx, spec{Kind: kindFile, Layout: l, Shape: every, Readers: 1, Out: ours}, &made); err != nil {
		return err
	}
	d, err := diffFiles(ours, theirs, len(paths))
	if err != nil {
		return err
	}
	return d.report(out, paths)
}

// difference is what sets two files apart.
type difference struct {
	records, bytes int64 // that were compared; bytes without line ends
	differing      int64 // records
	shapeless      int64 // of those, records that have not the same number of cells
	columns        []columnDifference
}

type columnDifference struct {
	values   int64
	examples []string
}

func diffFiles(ours, theirs string, columns int) (difference, error) {
	a, err := os.Open(ours)
	if err != nil {
		return difference{}, err
	}
	defer a.Close()
	b, err := os.Open(theirs)
	if err != nil {
		return difference{}, err
	}
	defer b.Close()
	return diff(a, b, columns)
}

// diff compares ours, whose records end with CRLF, with theirs, whose end with LF. The first record is the header.
func diff(ours, theirs io.Reader, columns int) (difference, error) {
	d := difference{columns: make([]columnDifference, columns)}
	a, b := newRecords(ours, "\r\n"), newRecords(theirs, "\n")
	for n := 0; ; n++ {
		x, errA := a.next()
		y, errB := b.next()
		if errors.Is(errA, io.EOF) && errors.Is(errB, io.EOF) {
			return d, nil
		}
		if errA != nil || errB != nil {
			return d, fmt.Errorf("record %d: Egress's file: %w, mongoexport's: %w", n, orFine(errA), orFine(errB))
		}
		if n == 0 {
			continue
		}
		d.records++
		d.bytes += int64(len(x))
		if !bytes.Equal(x, y) {
			d.note(cells(x), cells(y))
		}
	}
}

var errFine = errors.New("as it should be")

func orFine(err error) error {
	if err == nil {
		return errFine
	}
	return err
}

func (d *difference) note(ours, theirs [][]byte) {
	d.differing++
	if len(ours) != len(d.columns) || len(theirs) != len(d.columns) {
		d.shapeless++
		return
	}
	for i := range d.columns {
		if c := &d.columns[i]; !bytes.Equal(ours[i], theirs[i]) {
			if c.values++; len(c.examples) < examples {
				c.examples = append(c.examples, fmt.Sprintf("%q, mongoexport %q", ours[i], theirs[i]))
			}
		}
	}
}

func (d *difference) report(out io.Writer, names []string) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%d records of %d columns, %d bytes: ", d.records, len(names), d.bytes)
	if d.differing == 0 {
		fmt.Fprintln(&text, "the same bytes as mongoexport's, but for line ends and the header")
		_, err := out.Write(text.Bytes())
		return err
	}
	fmt.Fprintf(&text, "%d differ from mongoexport's", d.differing)
	if d.shapeless > 0 {
		fmt.Fprintf(&text, ", %d of them in the number of cells", d.shapeless)
	}
	fmt.Fprintln(&text)
	for i, c := range d.columns {
		if c.values == 0 {
			continue
		}
		fmt.Fprintf(&text, "  %s: %d values\n", names[i], c.values)
		for _, e := range c.examples {
			fmt.Fprintf(&text, "    Egress %s\n", e)
		}
	}
	if _, err := out.Write(text.Bytes()); err != nil {
		return err
	}
	return errDiffers
}

// records cuts a file into its records: at line ends outside quotes.
type records struct {
	from *bufio.Reader
	end  []byte
	buf  []byte
}

func newRecords(r io.Reader, end string) *records {
	return &records{from: bufio.NewReaderSize(r, 1<<20), end: []byte(end)}
}

// next returns a record without its line end, valid until the following call, and io.EOF behind the last.
func (r *records) next() ([]byte, error) {
	r.buf = r.buf[:0]
	quotes := 0
	for {
		line, err := r.from.ReadSlice('\n')
		r.buf = append(r.buf, line...)
		quotes += bytes.Count(line, []byte{'"'})
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(r.buf) == 0:
			return nil, io.EOF
		case err != nil:
			return nil, fmt.Errorf("the last record has no end: %w", io.ErrUnexpectedEOF)
		case quotes%2 == 0:
			record, ok := bytes.CutSuffix(r.buf, r.end)
			if !ok {
				return nil, fmt.Errorf("a record does not end with %q", r.end)
			}
			return record, nil
		}
	}
}

// cells cuts a record at commas outside quotes. Cells keep their quotes.
func cells(record []byte) [][]byte {
	var all [][]byte
	quoted, from := false, 0
	for i, c := range record {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			all = append(all, record[from:i])
			from = i + 1
		}
	}
	return append(all, record[from:])
}
