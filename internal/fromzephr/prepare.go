package fromzephr

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/egress-io/egress/internal/export"
)

// Counts are the numbers of things of each kind.
type Counts struct {
	Fields, Products, Accounts, Stores, Users, Profiles, ForeignKeys, Grants, Memberships int64
}

// Prepared is the file of users for the import.
type Prepared struct {
	Path        string // an importer's item per line, each user once, in the order of the ids
	Counts      Counts // of the pages
	Repeated    int64  // users who are on several pages; the last page counts
	First, Last int64  // the number of users that the first page says and that the last page says, or -1
}

// Prepare merges the pages of users and the users of accounts into one file. It adds what it cannot
// read to the report. Its memory does not depend on the number of users.
func Prepare(ctx context.Context, f *Folder, r *Report) (*Prepared, error) {
	return prepare(ctx, f, r, sortBytes)
}

func prepare(ctx context.Context, f *Folder, r *Report, limit int) (p *Prepared, err error) {
	sorted, err := newSorter(f.path(sortingName), limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sorted.close()) }()
	p = &Prepared{Path: f.path(usersName), First: -1, Last: -1}
	for i, page := range f.of(Users) {
		if i == 0 {
			p.First = page.Total
		}
		p.Last = page.Total
	}
	refused := int64(0)
	if err := f.each(Users, func(page Page, raw json.RawMessage) error {
		item, err := normalizeItem(raw)
		if err == nil {
			return errors.Join(sorted.add(item.id, string(item.json)), ctx.Err())
		}
		refused++
		r.Add(Difference{Kind: "user", ID: page.name(), Problem: Refused, Reason: "an item of this page " + err.Error()})
		return nil
	}); err != nil {
		return nil, err
	}
	if err := sortMemberships(f, sorted); err != nil {
		return nil, err
	}
	if err := f.each(Details, func(_ Page, raw json.RawMessage) error {
		item, err := normalizeItem(raw)
		if err != nil {
			return nil //nolint:nilerr // the export has the user
		}
		return errors.Join(sorted.add(item.id, detailMark+string(item.json)), ctx.Err())
	}); err != nil {
		return nil, err
	}
	if err := p.write(ctx, sorted, r); err != nil {
		return nil, err
	}
	if found := p.Counts.Users + refused; p.Last >= 0 && found != p.Last {
		r.Add(Difference{Kind: "export", ID: "users", Problem: Differs, Reason: fmt.Sprintf("the last page says that there are %s, and the pages hold %s: users were created or deleted in Zephr during the download. Run the command again with --restart",
			export.Pluralize(p.Last, "user", "users"), export.FormatThousands(found))})
	}
	return p, nil
}

// detailMark begins the entries of users that were read one by one.
const detailMark = "+"

// sortMemberships adds the account ids of users, as JSON strings, next to the users' items.
func sortMemberships(f *Folder, sorted *sorter) error {
	ids := map[int64]string{} // by the number of the page of memberships
	pages := f.of(Memberships)
	if len(pages) == 0 {
		return nil
	}
	number := int64(0)
	if err := f.each(Accounts, func(_ Page, item json.RawMessage) error {
		number++
		ids[number] = accountID(item)
		return nil
	}); err != nil {
		return err
	}
	return f.each(Memberships, func(page Page, item json.RawMessage) error {
		var m map[string]json.RawMessage // stays nil if the item is not an object
		_ = json.Unmarshal(item, &m)
		user, account := textMember(m, "user_id", "userId", "id"), textMember(m, "account_id", "accountId")
		if account == "" {
			account = ids[page.Number]
		}
		if user == "" || account == "" {
			return nil
		}
		b, err := encode(account)
		if err != nil {
			return err
		}
		return sorted.add(user, string(b))
	})
}

// write writes the sorted users, and counts what they have.
func (p *Prepared) write(ctx context.Context, sorted *sorter, r *Report) error {
	file, err := os.OpenFile(p.Path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write the file of users: %w", err)
	}
	out, stores := bufio.NewWriterSize(file, 1<<20), map[string]bool{}
	err = sorted.each(func(id string, values []string) error {
		item, detail, accounts, times := "", "", []string{}, int64(0)
		for _, v := range values {
			switch v[0] {
			case '{':
				item = v
				times++
			case detailMark[0]:
				detail = v[len(detailMark):]
			default:
				accounts = append(accounts, v)
			}
		}
		if item == "" {
			r.Add(Difference{Kind: "membership", ID: id, Problem: Refused, Reason: "the export of users has no user with this ID, who is a user of an account"})
			return nil
		}
		if times > 1 {
			p.Repeated++
		}
		line, err := withDetail([]byte(item), detail)
		if err == nil {
			line, err = withAccounts(line, accounts)
		}
		if err != nil {
			return err
		}
		p.count(line, stores)
		_, err = out.Write(append(line, '\n'))
		return errors.Join(err, ctx.Err())
	})
	p.Counts.Stores = int64(len(stores))
	if err = errors.Join(err, out.Flush(), file.Close()); err != nil {
		return fmt.Errorf("write the file of users: %w", err)
	}
	return nil
}

// withDetail adds those members of the user of another item that the user of the first one lacks.
func withDetail(line []byte, detail string) ([]byte, error) {
	if detail == "" {
		return line, nil
	}
	var item, user, more, moreUser map[string]json.RawMessage
	if err := errors.Join(
		json.Unmarshal(line, &item), json.Unmarshal(item["user"], &user),
		json.Unmarshal([]byte(detail), &more), json.Unmarshal(more["user"], &moreUser),
	); err != nil {
		return nil, err
	}
	if _, has := item["extended_profiles"]; has {
		delete(moreUser, "extended_profiles")
	}
	for name, value := range moreUser {
		if has, ok := user[name]; !ok || string(has) == "null" {
			user[name] = value
		}
	}
	var err error
	if item["user"], err = encode(user); err != nil {
		return nil, err
	}
	return encode(item)
}

// withAccounts adds account ids, which are JSON strings, to the user of an item.
func withAccounts(line []byte, accounts []string) ([]byte, error) {
	if len(accounts) == 0 {
		return line, nil
	}
	var item, user map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(line, &item), json.Unmarshal(item["user"], &user)); err != nil {
		return nil, err
	}
	var ids []json.RawMessage
	raw, ok := user["account_ids"]
	if readable := !ok || json.Unmarshal(raw, &ids) == nil; !readable {
		return line, nil // the import refuses the value
	}
	for _, account := range accounts {
		if !slices.ContainsFunc(ids, func(id json.RawMessage) bool { return bytes.Equal(id, []byte(account)) }) {
			ids = append(ids, json.RawMessage(account))
		}
	}
	var err1, err2 error
	user["account_ids"], err1 = encode(ids)
	item["user"], err2 = encode(user)
	b, err := encode(item)
	return b, errors.Join(err1, err2, err)
}

func (p *Prepared) count(line []byte, stores map[string]bool) {
	p.Counts.Users++
	item, err := parseItem(line)
	if err != nil {
		return // Verify reports the user
	}
	stores[string(item.User.StoreID)] = true
	p.Counts.Profiles += int64(len(item.profiles()))
	p.Counts.ForeignKeys += int64(len(item.foreignKeys()))
	p.Counts.Grants += int64(len(item.Grants.Results))
	p.Counts.Memberships += int64(len(item.accounts()))
}
