package fromzephr

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Progress is called with how much of a step is done. total is -1 if it is unknown.
type Progress func(step string, done, total int64)

// download is the state of one Download.
type download struct {
	client   *Client
	folder   *Folder
	progress Progress
}

// Download stores the pages that the folder lacks. With eachUser it reads each user by a request of
// its own as well, for members that the export leaves out. An error leaves the folder as it is:
// another Download resumes after its last page.
func Download(ctx context.Context, c *Client, f *Folder, eachUser bool, progress Progress) error {
	d := download{c, f, progress}
	if err := d.single(ctx, Schema, "/v3/schema/users", false); err != nil {
		return err
	}
	if err := d.single(ctx, Products, "/v3/products", true); err != nil {
		return err
	}
	if err := d.paged(ctx, Accounts, "/v3/accounts", url.Values{}); err != nil {
		return err
	}
	if err := d.memberships(ctx); err != nil {
		return err
	}
	query := url.Values{"attributes": {"true"}, "grants": {"true"}}
	if f.source.AppIDs != "" {
		query.Set("appIds", f.source.AppIDs)
	}
	if err := d.paged(ctx, Users, "/v3/user-export", query); err != nil || !eachUser {
		return err
	}
	return d.details(ctx)
}

// single downloads a list that has one page. An optional list may be missing on the server.
func (d *download) single(ctx context.Context, k Kind, path string, optional bool) error {
	if len(d.folder.of(k)) > 0 {
		return nil
	}
	return d.one(ctx, Page{Kind: k, Number: 1, Last: true}, path, optional)
}

// one downloads a page that is a list of its own.
func (d *download) one(ctx context.Context, p Page, target string, optional bool) error {
	body, l, err := d.get(ctx, target)
	if e, ok := errors.AsType[*StatusError](err); ok && optional && (e.Status == http.StatusNotFound || e.Status == http.StatusNotImplemented) {
		p.Status, p.Total = e.Status, -1
		return d.folder.add(p, nil)
	}
	if err != nil {
		return err
	}
	p.Items, p.Total, p.IDs = int64(len(l.items)), l.total, hashItems(l.items)
	return d.folder.add(p, body)
}

func (d *download) get(ctx context.Context, target string) ([]byte, list, error) {
	body, err := d.client.Get(ctx, target)
	if err != nil {
		return nil, list{}, err
	}
	l, err := parseList(body)
	if err != nil {
		return nil, l, fmt.Errorf("the response to GET %s from %s %w; check the URL", pathOf(target), d.client.Host(), err)
	}
	return body, l, nil
}

// paged downloads the pages of a list until the last one.
func (d *download) paged(ctx context.Context, k Kind, path string, query url.Values) error {
	query.Set("rpp", strconv.FormatInt(d.folder.source.PageSize, 10))
	seen, last := int64(0), Page{Kind: k}
	for _, p := range d.folder.of(k) {
		seen += p.Items
		last = p
	}
	for !last.Last {
		number := last.Number + 1
		query.Set("page", strconv.FormatInt(number, 10))
		body, l, err := d.get(ctx, path+"?"+query.Encode())
		if err != nil {
			return err
		}
		p := Page{Kind: k, Number: number, Items: int64(len(l.items)), Total: l.total, IDs: hashItems(l.items)}
		repeated := number > 1 && p.Items > 0 && p.IDs == last.IDs
		if repeated && (l.total < 0 || seen >= l.total) { // a server without pages sends all of them each time
			body, l.items, p.Items = []byte("[]"), nil, 0
		} else if repeated {
			return fmt.Errorf("GET %s from %s: page %d has the same items as page %d; the server ignores the parameter page", path, d.client.Host(), number, last.Number)
		}
		seen += p.Items
		p.Last = !more(l, number, seen)
		if err := d.folder.add(p, body); err != nil {
			return err
		}
		last = p
		d.progress(string(k), seen, l.total)
	}
	return nil
}

// more reports whether another page follows. seen is the number of items up to this page.
func more(l list, number, seen int64) bool {
	switch {
	case len(l.items) == 0:
		return false
	case l.next > number:
		return true
	default:
		return l.total < 0 || seen < l.total
	}
}

// memberships downloads the users of each account. They are optional: an account without users may
// be a 404, and a server may not serve them at all, which is a 501.
func (d *download) memberships(ctx context.Context) error {
	done := d.folder.of(Memberships)
	if n := len(done); n > 0 && done[n-1].Status == http.StatusNotImplemented {
		return nil
	}
	var total int64
	for _, p := range d.folder.of(Accounts) {
		total += p.Items
	}
	number := int64(0)
	err := d.folder.each(Accounts, func(_ Page, item json.RawMessage) error {
		if number++; number <= int64(len(done)) {
			return nil
		}
		id := accountID(item)
		if id == "" {
			return d.folder.add(Page{Kind: Memberships, Number: number, Status: http.StatusNotFound, Total: -1}, nil)
		}
		err := d.one(ctx, Page{Kind: Memberships, Number: number}, "/v3/accounts/"+url.PathEscape(id)+"/users", true)
		if err != nil {
			return err
		}
		d.progress("users of accounts", number, total)
		if d.folder.pages[len(d.folder.pages)-1].Status == http.StatusNotImplemented {
			return errNotServed
		}
		return nil
	})
	if errors.Is(err, errNotServed) {
		return nil
	}
	return err
}

// details downloads the users of each page of users one by one. A user who was deleted since is left
// out.
func (d *download) details(ctx context.Context) error {
	pages := d.folder.of(Users)
	var seen, total int64
	for _, p := range pages {
		total += p.Items
	}
	have := len(d.folder.of(Details))
	for i, p := range pages {
		if seen += p.Items; i < have {
			continue
		}
		items, err := d.folder.items(p)
		if err != nil {
			return err
		}
		var found []json.RawMessage
		for _, raw := range items {
			item, err := normalizeItem(raw)
			if err != nil {
				continue // Prepare reports it
			}
			target := "/v3/users/" + url.PathEscape(item.id)
			body, err := d.client.Get(ctx, target)
			if e, ok := errors.AsType[*StatusError](err); ok && e.Status == http.StatusNotFound {
				continue
			}
			if err != nil {
				return err
			}
			if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) || !json.Valid(body) {
				return fmt.Errorf("the response to GET %s from %s is not a JSON object", target, d.client.Host())
			}
			found = append(found, body)
		}
		body, err := encode(append([]json.RawMessage{}, found...))
		if err != nil {
			return err
		}
		if err := d.folder.add(Page{Kind: Details, Number: p.Number, Items: int64(len(found)), Total: -1, Last: i == len(pages)-1}, body); err != nil {
			return err
		}
		d.progress("users one by one", seen, total)
	}
	return nil
}

var errNotServed = errors.New("the server does not serve the users of accounts")

// hashItems returns a hash of items, independent of what else their page has. A number that counts
// the items of all pages is not part of it.
func hashItems(items []json.RawMessage) string {
	h := sha256.New()
	for _, item := range items {
		var m map[string]json.RawMessage
		if json.Unmarshal(item, &m) == nil {
			delete(m, "seq-no")
			if b, err := encode(m); err == nil {
				item = b
			}
		}
		h.Write(item)
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
