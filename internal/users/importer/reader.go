package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/export"
)

// The largest item that is looked at, in bytes of JSON. Text may be longer than the document that comes of it (escapes,
// white space), so this is above users.MaxDocumentBytes.
const maxItemBytes = 32 << 20

// maxNesting is how deep arrays and objects may go, as in encoding/json.
const maxNesting = 10_000

// item is one record of a file.
type item struct {
	line   int64  // on which it starts, from 1
	raw    []byte // a valid JSON object in valid UTF-8, good until the next item; nil where it is refused
	reason string // why it is refused
}

// reader cuts a file into its items. It holds one item at a time.
type reader struct {
	in   *bufio.Reader
	noun string // what the items are, in the plural
	line int64  // of the next byte
	buf  []byte // the value being copied
	over bool   // it has outgrown maxItemBytes, and is read on without being kept
	open []byte // the brackets that are open inside it
}

func newReader(r io.Reader, noun string) *reader {
	return &reader{in: bufio.NewReaderSize(r, 256<<10), noun: noun, line: 1}
}

// each calls yield for every item. Its own errors are export.CodeInvalid with the line: the file is broken there, and
// what follows cannot be told apart. Errors of yield and of the file are returned as they are.
func (r *reader) each(yield func(item) error) error {
	if err := r.skipMark(); err != nil {
		return err
	}
	for empty := true; ; empty = false {
		c, err := r.peekToken()
		switch {
		case errors.Is(err, io.EOF) && empty:
			return r.broken("the file is empty")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		var perLine bool
		switch c {
		case '[':
			r.skipByte()
			err = r.array(1, yield)
		case '{':
			perLine, err = r.object(yield)
		default:
			err = r.broken("neither an object nor an array of " + r.noun + " begins here")
		}
		if err != nil {
			return err
		}
		if perLine {
			return r.eachLine(yield)
		}
	}
}

func (r *reader) skipMark() error {
	mark, err := r.in.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read import file: %w", err)
	}
	switch {
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		_, err = r.in.Discard(3)
		return err
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return r.broken("the file is UTF-16; save it as UTF-8")
	case bytes.HasPrefix(mark, []byte("\x1f\x8b")):
		return r.broken("the file is compressed; give it a name that ends in .gz")
	}
	return nil
}

// array reads the items of an array whose bracket has been read; arrays in it are flattened.
func (r *reader) array(depth int, yield func(item) error) error {
	const deepest = 4 // "results" holds one level; more is no export
	for first := true; ; first = false {
		c, err := r.inside()
		if err != nil {
			return err
		}
		switch {
		case c == ']' && first:
			r.skipByte()
			return nil
		case c == '[' && depth < deepest:
			r.skipByte()
			err = r.array(depth+1, yield)
		default:
			line := r.line
			if err = r.copyFresh(); err == nil {
				err = yield(r.check(line))
			}
		}
		if err != nil {
			return err
		}
		if c, err = r.inside(); err != nil {
			return err
		}
		line := r.line
		r.skipByte()
		switch c {
		case ',':
		case ']':
			return nil
		default:
			return brokenAt(line, "a comma or the end of the list is expected")
		}
	}
}

// object reads an object at the top of the file: a page, whose results are read item by item, or an item. perLine
// tells that it was an item alone on its line, so that each further line is one.
func (r *reader) object(yield func(item) error) (perLine bool, err error) {
	start, page, user := r.line, false, false
	r.buf, r.over = append(r.buf[:0], '{'), false
	r.skipByte()
	for first := true; ; first = false {
		c, err := r.inside()
		if err != nil {
			return false, err
		}
		if c == '}' && first {
			r.put(c)
			break
		}
		if c != '"' {
			return false, r.broken("a member's name in double quotes is expected")
		}
		at := len(r.buf)
		if err := r.copyValue(); err != nil {
			return false, err
		}
		name := string(r.buf[min(at, len(r.buf)):])
		user = user || name == `"user"` || name == `"user_id"`
		if c, err = r.inside(); err != nil {
			return false, err
		}
		if c != ':' {
			return false, r.broken("a colon is expected")
		}
		r.put(c)
		if c, err = r.inside(); err != nil {
			return false, err
		}
		if c == '[' && name == `"results"` && !user {
			page = true
			r.skipByte()
			err = r.array(1, yield)
		} else {
			err = r.copyValue()
		}
		if err != nil {
			return false, err
		}
		if c, err = r.inside(); err != nil {
			return false, err
		}
		if page {
			r.buf, r.over = r.buf[:0], false
		}
		r.put(c)
		if c == '}' {
			break
		}
		if c != ',' {
			return false, r.broken("a comma or the end of the object is expected")
		}
	}
	if page {
		return false, nil
	}
	if err := yield(r.check(start)); err != nil {
		return false, err
	}
	return r.line == start && r.atLineEnd(), nil
}

// eachLine reads one item per line. A line that is no item is refused by itself.
func (r *reader) eachLine(yield func(item) error) error {
	for {
		line := r.line
		r.buf, r.over = r.buf[:0], false
		end, err := r.copyLine()
		if err != nil {
			return err
		}
		r.buf = bytes.TrimSpace(r.buf)
		if len(r.buf) > 0 || r.over {
			if err := yield(r.check(line)); err != nil {
				return err
			}
		}
		if end {
			return nil
		}
	}
}

// check looks at the value that was copied.
func (r *reader) check(line int64) item {
	switch {
	case r.over:
		return item{line: line, reason: fmt.Sprintf("is larger than %d MiB of JSON", maxItemBytes>>20)}
	case !utf8.Valid(r.buf):
		return item{line: line, reason: "is not valid UTF-8"}
	case !json.Valid(r.buf):
		return item{line: line, reason: "is not valid JSON"}
	case r.buf[0] != '{':
		return item{line: line, reason: "is not an object"}
	default:
		return item{line: line, raw: r.buf}
	}
}

func (r *reader) broken(what string) error { return brokenAt(r.line, what) }

func brokenAt(line int64, what string) error {
	return export.Invalid(fmt.Sprintf("line %d", line), "%s", what)
}
