package fromzephr

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// list is a response that lists items: {"results": [item, …]} with "total", or with "meta" and
// "links"; the results of an export are one array deeper. A response may also be the array itself.
type list struct {
	items []json.RawMessage
	total int64 // the number of items in all pages, -1 if unknown
	next  int64 // the number of the next page, 0 if the response names none
}

var errNoList = errors.New("is not a JSON list, or an object with the list results")

func parseList(body []byte) (list, error) {
	l := list{total: -1}
	var items []json.RawMessage
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return l, errNoList
	}
	if body[0] == '[' {
		if json.Unmarshal(body, &items) != nil {
			return l, errNoList
		}
	} else {
		var page struct {
			Results *[]json.RawMessage `json:"results"`
			Total   text               `json:"total"`
			Meta    struct {
				Count text `json:"count"`
			} `json:"meta"`
			Links struct {
				Next *struct {
					Page text `json:"page"`
				} `json:"next"`
			} `json:"links"`
		}
		if json.Unmarshal(body, &page) != nil || page.Results == nil {
			return l, errNoList
		}
		items = *page.Results
		for _, count := range []text{page.Total, page.Meta.Count} {
			if n, err := strconv.ParseInt(string(count), 10, 64); err == nil && n >= 0 {
				l.total = n
			}
		}
		if page.Links.Next != nil {
			l.next, _ = strconv.ParseInt(string(page.Links.Next.Page), 10, 64) // 0 if it is no number
		}
	}
	for _, item := range items {
		if item[0] != '[' {
			l.items = append(l.items, item)
			continue
		}
		var inner []json.RawMessage
		if json.Unmarshal(item, &inner) != nil {
			return l, errNoList
		}
		l.items = append(l.items, inner...)
	}
	return l, nil
}

// text is a JSON value as text: the text of a string, the literal of a number or a boolean, "" for
// null, and JSON for arrays and objects.
type text string

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	switch {
	case string(raw) == "null":
	case raw[0] != '"':
		s = string(raw)
	default:
		return json.Unmarshal(raw, (*string)(t))
	}
	*t = text(s)
	return nil
}

// member returns the first of the members that an object has, and its name.
func member(object map[string]json.RawMessage, names ...string) (raw json.RawMessage, name string) {
	for _, name := range names {
		if raw, ok := object[name]; ok {
			return raw, name
		}
	}
	return nil, ""
}

// textMember returns the first of the members that is neither missing nor null nor "".
func textMember(object map[string]json.RawMessage, names ...string) string {
	for _, name := range names {
		var t text
		if raw, ok := object[name]; ok && t.UnmarshalJSON(raw) == nil && t != "" {
			return string(t)
		}
	}
	return ""
}

// encode returns a value as JSON. Unlike json.Marshal it leaves raw JSON as it is, except for white
// space.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
