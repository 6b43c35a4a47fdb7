package csv

import "bytes"

// Counter counts the records of the CSV that is written to it, in pieces of any size. It knows nothing of how the file was
// made: a line feed outside of quotes ends a record.
type Counter struct {
	records int64
	quoted  bool
	last    byte // 0 until something is written
}

// Write never fails.
func (c *Counter) Write(p []byte) (int, error) {
	n := len(p)
	if n == 0 {
		return 0, nil
	}
	c.last = p[n-1]
	for {
		i := bytes.IndexByte(p, '"')
		piece := p
		if i >= 0 {
			piece = p[:i]
		}
		if !c.quoted {
			c.records += int64(bytes.Count(piece, []byte{'\n'}))
		}
		if i < 0 {
			return n, nil
		}
		c.quoted = !c.quoted // a doubled quote turns it twice
		p = p[i+1:]
	}
}

// Records returns how many records have ended, the header among them.
func (c *Counter) Records() int64 { return c.records }

// Whole reports whether what was written ends with the end of a record.
func (c *Counter) Whole() bool { return !c.quoted && (c.last == '\n' || c.last == 0) }
