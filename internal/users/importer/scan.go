package importer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// peekToken skips white space and returns the byte behind it without reading it.
func (r *reader) peekToken() (byte, error) {
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return 0, fileError(err)
		}
		switch c {
		case '\n':
			r.line++
		case ' ', '\t', '\r':
		default:
			return c, r.in.UnreadByte()
		}
	}
}

// inside is peekToken where the file must not end.
func (r *reader) inside() (byte, error) {
	c, err := r.peekToken()
	if errors.Is(err, io.EOF) {
		return 0, r.cut()
	}
	return c, err
}

func (r *reader) cut() error { return r.broken("the file ends in the middle of a record") }

// skipByte reads the byte that was peeked at.
func (r *reader) skipByte() { _, _ = r.in.Discard(1) } // one byte is buffered: cannot fail

// put reads the byte that was peeked at and keeps it.
func (r *reader) put(c byte) {
	r.skipByte()
	r.keep(c)
}

func (r *reader) keep(c byte) {
	if len(r.buf) >= maxItemBytes {
		r.over = true
		return
	}
	r.buf = append(r.buf, c)
}

// atLineEnd reports whether nothing but blanks stands between here and the end of the line or of the file.
func (r *reader) atLineEnd() bool {
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return true // the next read says why
		}
		switch c {
		case ' ', '\t', '\r':
		case '\n':
			r.line++
			return true
		default:
			_ = r.in.UnreadByte() // follows a ReadByte: cannot fail
			return false
		}
	}
}

// copyLine keeps what is left of the line; end tells that it was the last.
func (r *reader) copyLine() (end bool, err error) {
	for {
		part, err := r.in.ReadSlice('\n')
		if len(r.buf)+len(part) > maxItemBytes {
			r.over = true
		} else {
			r.buf = append(r.buf, part...)
		}
		switch {
		case err == nil:
			r.line++
			return false, nil
		case errors.Is(err, io.EOF):
			return true, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return false, fileError(err)
		}
	}
}

// copyFresh is copyValue into an empty buffer.
func (r *reader) copyFresh() error {
	r.buf, r.over = r.buf[:0], false
	return r.copyValue()
}

// copyValue keeps one JSON value. It only finds where the value ends: brackets that close in order and strings that end
// on their line. Whether it is JSON is for check to say.
func (r *reader) copyValue() error {
	r.open = r.open[:0]
	for {
		c, err := r.inside()
		if err != nil {
			return err
		}
		switch c {
		case '{', '[':
			if len(r.open) == maxNesting {
				return r.broken("arrays and objects are nested too deeply")
			}
			r.open = append(r.open, c+2) // '}' and ']' are two behind their opening brackets
			r.put(c)
			continue
		case '}', ']':
			if len(r.open) == 0 || r.open[len(r.open)-1] != c {
				return r.broken(fmt.Sprintf("%q does not close what is open", c))
			}
			r.open = r.open[:len(r.open)-1]
			r.put(c)
		case '"':
			r.put(c)
			if err := r.copyString(); err != nil {
				return err
			}
		case ',', ':':
			if len(r.open) == 0 {
				return r.broken("a value is expected")
			}
			r.put(c)
			continue
		default:
			if n := len(r.buf); n > 0 && !strings.ContainsRune("{[,:", rune(r.buf[n-1])) {
				r.keep(' ') // white space is not kept, but "1 2" must not become 12
			}
			if err := r.copyLiteral(); err != nil {
				return err
			}
		}
		if len(r.open) == 0 {
			return nil
		}
	}
}

func (r *reader) copyString() error {
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return r.cutOr(err)
		}
		if c == '\n' {
			return r.broken("a string is not closed on its line")
		}
		r.keep(c)
		switch c {
		case '"':
			return nil
		case '\\':
			if c, err = r.in.ReadByte(); err != nil {
				return r.cutOr(err)
			}
			if c == '\n' {
				return r.broken("a string is not closed on its line")
			}
			r.keep(c)
		}
	}
}

// copyLiteral keeps a number or a word, up to what can follow one.
func (r *reader) copyLiteral() error {
	for {
		c, err := r.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fileError(err)
		}
		switch c {
		case ',', ':', '}', ']', '{', '[', '"', ' ', '\t', '\r', '\n':
			return r.in.UnreadByte()
		}
		r.keep(c)
	}
}

func (r *reader) cutOr(err error) error {
	if errors.Is(err, io.EOF) {
		return r.cut()
	}
	return fileError(err)
}

// fileError is io.EOF as it is, and any other error of the file with what was being done.
func fileError(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return fmt.Errorf("read import file: %w", err)
}
