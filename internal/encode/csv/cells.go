package csv

import (
	"bytes"
	"strings"
)

// Cells splits rows that an Encoder wrote into cells, without their quotes.
func Cells(rows []byte) [][]string {
	var all [][]string
	var row []string
	for len(rows) > 0 {
		var text string
		if rows[0] == '"' {
			var b []byte
			rows = rows[1:]
			for {
				i := bytes.IndexByte(rows, '"')
				if i < 0 { // not written by an Encoder: take the rest
					b, rows = append(b, rows...), nil
					break
				}
				b, rows = append(b, rows[:i]...), rows[i+1:]
				if len(rows) == 0 || rows[0] != '"' {
					break
				}
				b, rows = append(b, '"'), rows[1:]
			}
			text = string(b)
		} else {
			i := bytes.IndexAny(rows, ",\r\n")
			if i < 0 {
				i = len(rows)
			}
			text, rows = string(rows[:i]), rows[i:]
		}
		row = append(row, text)
		if len(rows) > 0 && rows[0] == ',' {
			rows = rows[1:]
			if len(rows) > 0 {
				continue
			}
			row = append(row, "")
		}
		rows = bytes.TrimPrefix(bytes.TrimPrefix(rows, []byte{'\r'}), []byte{'\n'})
		all, row = append(all, row), nil
	}
	return all
}

// AppendTruncated appends a row that an Encoder wrote, with at most maxBytes of each cell.
func AppendTruncated(dst, row []byte, maxBytes int) []byte {
	for _, cells := range Cells(row) {
		for i, cell := range cells {
			if i > 0 {
				dst = append(dst, ',')
			}
			if len(cell) > maxBytes {
				cell = strings.ToValidUTF8(cell[:maxBytes], "")
			}
			dst = append(append(append(dst, '"'), strings.ReplaceAll(cell, `"`, `""`)...), '"')
		}
		dst = append(dst, '\r', '\n')
	}
	return dst
}
