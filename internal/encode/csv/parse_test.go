package csv

import "fmt"

// parse is a strict parser for RFC 4180. encoding/csv is unsuitable, since it turns CRLF inside of
// cells into LF.
func parse(b []byte) ([][]string, error) {
	var records [][]string
	var record []string
	for i := 0; i < len(b); {
		var text []byte
		if b[i] == '"' {
			for i++; ; i++ {
				if i == len(b) {
					return nil, fmt.Errorf("a quoted cell does not end")
				}
				if b[i] == '"' {
					if i++; i == len(b) || b[i] != '"' {
						break
					}
				}
				text = append(text, b[i])
			}
		} else {
			for ; i < len(b) && b[i] != ',' && b[i] != '\r'; i++ {
				if b[i] == '"' || b[i] == '\n' {
					return nil, fmt.Errorf("%q at %d in a cell without quotes", b[i], i)
				}
				text = append(text, b[i])
			}
		}
		record = append(record, string(text))
		switch {
		case i < len(b) && b[i] == ',':
			i++
			if i == len(b) {
				return nil, fmt.Errorf("the file ends in a record")
			}
		case i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n':
			i += 2
			records, record = append(records, record), nil
		default:
			return nil, fmt.Errorf("neither comma nor CRLF after a cell, at %d", i)
		}
	}
	if record != nil {
		return nil, fmt.Errorf("the last record does not end")
	}
	return records, nil
}
