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

// maxExamples is how many differences per column the report shows.
const maxExamples = 3

// compare exports all attributes and foreign keys with Egress and with mongoexport, and compares
// the files. All records must have the same bytes, except for line ends and the names in the
// header.
func compare(ctx context.Context, o flags, l tenantData, out io.Writer) (err error) {
	dir, err := os.MkdirTemp(o.dir, "egress-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ours, theirs := filepath.Join(dir, "egress.csv"), filepath.Join(dir, "mongoexport.csv")
	paths := fields(l, allFields)
	cmd, err := mongoexport(ctx, o, dir, paths, theirs, true)
	if err != nil {
		return err
	}
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	var exported result
	if err := o.query(ctx, childSpec{Kind: kindFile, Data: l, Shape: allFields, Readers: 1, Out: ours}, &exported); err != nil {
		return err
	}
	d, err := diffFiles(ours, theirs, len(paths))
	if err != nil {
		return err
	}
	return d.report(out, paths)
}

// difference describes how two files differ.
type difference struct {
	records, bytes   int64 // compared; bytes without line ends
	differing        int64 // records that differ
	cellCountDiffers int64 // those with different numbers of cells
	columns          []columnDifference
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

// diff compares ours, whose records end with CRLF, with theirs, whose end with LF. The first record
// is the header.
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
			return d, fmt.Errorf("record %d: Egress's file: %w, mongoexport's: %w", n, orOK(errA), orOK(errB))
		}
		if n == 0 {
			continue
		}
		d.records++
		d.bytes += int64(len(x))
		if !bytes.Equal(x, y) {
			d.add(cells(x), cells(y))
		}
	}
}

var errOK = errors.New("ok")

func orOK(err error) error {
	if err == nil {
		return errOK
	}
	return err
}

func (d *difference) add(ours, theirs [][]byte) {
	d.differing++
	if len(ours) != len(d.columns) || len(theirs) != len(d.columns) {
		d.cellCountDiffers++
		return
	}
	for i := range d.columns {
		if c := &d.columns[i]; !bytes.Equal(ours[i], theirs[i]) {
			if c.values++; len(c.examples) < maxExamples {
				c.examples = append(c.examples, fmt.Sprintf("%q, mongoexport %q", ours[i], theirs[i]))
			}
		}
	}
}

func (d *difference) report(out io.Writer, names []string) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%d records of %d columns, %d bytes: ", d.records, len(names), d.bytes)
	if d.differing == 0 {
		fmt.Fprintln(&text, "the same bytes as mongoexport's, except for line ends and the header")
		_, err := out.Write(text.Bytes())
		return err
	}
	fmt.Fprintf(&text, "%d differ from mongoexport's", d.differing)
	if d.cellCountDiffers > 0 {
		fmt.Fprintf(&text, ", %d of them in the number of cells", d.cellCountDiffers)
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

// records splits a file into records at line ends outside of quotes.
type records struct {
	from *bufio.Reader
	end  []byte
	buf  []byte
}

func newRecords(r io.Reader, end string) *records {
	return &records{from: bufio.NewReaderSize(r, 1<<20), end: []byte(end)}
}

// next returns a record without its line end, which is valid until the following call, and io.EOF
// after the last.
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

// cells splits a record at commas outside of quotes. Cells keep their quotes.
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
