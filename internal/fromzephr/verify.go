package fromzephr

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/fieldjson"
)

// Tenant reads the tenant of Egress that the users were copied to.
type Tenant interface {
	Schema(ctx context.Context) (users.Schema, error)
	Stores(ctx context.Context) ([]users.Store, error)
	Products(ctx context.Context) ([]users.Product, error)
	// AccountsByID returns those accounts that exist, by id.
	AccountsByID(ctx context.Context, ids []string) (map[string]users.Account, error)
	CountAccounts(ctx context.Context) (int64, error)
	// Users returns at most limit users, sorted by id, of those after the id after ("" for the first).
	Users(ctx context.Context, after string, limit int64) ([]users.User, error)
}

// Renamed are names of Zephr that are not valid in Egress: the names that replace them, by kind
// (attributes, foreign_keys, extended_profiles) and name.
type Renamed map[string]map[string]string

const (
	usersPerRead    = 500
	accountsPerRead = 500
)

// Verify compares the tenant with the pages of a folder and adds every difference to the report. It
// returns what the tenant has. defaultStore is the store of users who have none in Zephr. Its memory
// does not depend on the number of users.
func Verify(ctx context.Context, f *Folder, p *Prepared, t Tenant, renamed Renamed, defaultStore string, r *Report, progress Progress) (Counts, error) {
	v := verification{folder: f, prepared: p, tenant: t, report: r, progress: progress}
	v.comparison = comparison{defaultStore: defaultStore, renamed: renamed}
	for _, step := range []func(context.Context) error{v.schema, v.products, v.accounts, v.users} {
		if err := step(ctx); err != nil {
			return v.found, err
		}
	}
	stores, err := t.Stores(ctx)
	v.found.Stores = int64(len(stores))
	return v.found, err
}

type verification struct {
	folder     *Folder
	prepared   *Prepared
	tenant     Tenant
	report     *Report
	progress   Progress
	comparison comparison
	found      Counts
}

func (v *verification) schema(ctx context.Context) (err error) {
	if v.comparison.schema, err = v.tenant.Schema(ctx); err != nil {
		return err
	}
	v.found.Fields = int64(len(v.comparison.schema))
	// What a field cannot keep, and refused fields, are in the report since the import.
	fields, err := Fields(v.folder, silent())
	if err != nil {
		return err
	}
	v.prepared.Counts.Fields = v.folder.of(Schema)[0].Items
	for _, want := range fields {
		has, ok := v.comparison.schema.Field(want.Slug)
		if !ok {
			v.report.Add(Difference{Kind: "field", ID: want.Slug, Problem: Missing})
			continue
		}
		paths, err := differentFieldMembers(want, has)
		if err != nil {
			return err
		}
		v.addDiffers("field", want.Slug, paths)
	}
	for _, has := range v.comparison.schema {
		switch _, ok := fields.Field(has.Slug); {
		case ok:
		case has.Inferred: // an import adds the fields that the attributes of users need
			v.report.Inferred = append(v.report.Inferred, has)
		default:
			v.report.Add(Difference{Kind: "field", ID: has.Slug, Problem: Extra})
		}
	}
	return nil
}

// differentFieldMembers returns the members in which two fields differ: those of the objects that
// declared them, and those that have an effect, which an import may have changed since.
func differentFieldMembers(a, b users.Field) ([]string, error) {
	declared, err1 := differentMembers(json.RawMessage(fieldjson.Append(nil, a)), json.RawMessage(fieldjson.Append(nil, b)))
	a.Document, b.Document = "", ""
	effective, err2 := differentMembers(json.RawMessage(fieldjson.Append(nil, a)), json.RawMessage(fieldjson.Append(nil, b)))
	paths := slices.Sorted(slices.Values(append(declared, effective...)))
	return slices.Compact(paths), errors.Join(err1, err2)
}

// silent returns a report that keeps nothing.
func silent() *Report {
	return &Report{out: bufio.NewWriter(io.Discard), NotKept: map[string]int64{}}
}

func (v *verification) addDiffers(kind, id string, paths []string) {
	if len(paths) > 0 {
		v.report.Add(Difference{Kind: kind, ID: id, Problem: Differs, Members: paths})
	}
}

// differentMembers returns the members of the JSON of two values that differ.
func differentMembers(a, b any) (paths []string, err error) {
	var members [2]map[string]json.RawMessage
	for i, value := range []any{a, b} {
		text, err := json.Marshal(value)
		if err = errors.Join(err, json.Unmarshal(text, &members[i])); err != nil {
			return nil, err
		}
	}
	for name := range union(members[0], members[1]) {
		if !bytes.Equal(members[0][name], members[1][name]) {
			paths = append(paths, name)
		}
	}
	slices.Sort(paths)
	return paths, nil
}

func (v *verification) products(ctx context.Context) error {
	list, err := v.tenant.Products(ctx)
	if err != nil {
		return err
	}
	v.found.Products = int64(len(list))
	byID := map[string]users.Product{}
	for _, p := range list {
		byID[p.ID] = p
	}
	return EachProduct(v.folder, silent(), func(want users.Product) error {
		v.prepared.Counts.Products++
		has, ok := byID[want.ID]
		if !ok {
			v.report.Add(Difference{Kind: "product", ID: want.ID, Problem: Missing})
			return nil
		}
		paths, err := differentMembers(want, has)
		v.addDiffers("product", want.ID, paths)
		return err
	})
}

func (v *verification) accounts(ctx context.Context) (err error) {
	if v.found.Accounts, err = v.tenant.CountAccounts(ctx); err != nil {
		return err
	}
	batch := map[string]users.Account{}
	check := func() error {
		accounts, err := v.tenant.AccountsByID(ctx, slices.Sorted(maps.Keys(batch)))
		if err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(batch)) {
			has, ok := accounts[id]
			if !ok {
				v.report.Add(Difference{Kind: "account", ID: id, Problem: Missing})
				continue
			}
			paths, err := differentMembers(batch[id], has)
			if err != nil {
				return err
			}
			v.addDiffers("account", id, paths)
		}
		clear(batch)
		return nil
	}
	err = EachAccount(v.folder, silent(), func(want users.Account) error {
		v.prepared.Counts.Accounts++
		if batch[want.ID] = want; len(batch) < accountsPerRead {
			return nil
		}
		return check()
	})
	if err == nil && len(batch) > 0 {
		err = check()
	}
	return err
}

// users compares the file of users with the tenant's users. Both are sorted by id.
func (v *verification) users(ctx context.Context) error {
	file, err := os.Open(v.prepared.Path)
	if err != nil {
		return fmt.Errorf("read the file of users: %w", err)
	}
	defer file.Close()
	in, stored := bufio.NewReaderSize(file, 1<<20), tenantUsers{tenant: v.tenant}
	has, err := stored.next(ctx)
	for done := int64(0); err == nil; done++ {
		line, readErr := in.ReadBytes('\n')
		if errors.Is(readErr, io.EOF) {
			break
		}
		item, parseErr := v.parse(line)
		if err = errors.Join(readErr, parseErr); err != nil {
			break
		}
		id := string(item.User.ID)
		for err == nil && has != nil && has.ID < id {
			v.addExtra(has)
			has, err = stored.next(ctx)
		}
		switch {
		case err != nil:
		case has == nil || has.ID != id:
			v.report.Add(Difference{Kind: "user", ID: id, Problem: Missing})
		default:
			v.count(has)
			v.addDiffers("user", id, v.comparison.user(item, has))
			has, err = stored.next(ctx)
		}
		if done%usersPerRead == 0 {
			v.progress("comparing", done, v.prepared.Counts.Users)
		}
	}
	for err == nil && has != nil {
		v.addExtra(has)
		has, err = stored.next(ctx)
	}
	return err
}

// parse parses a line. A user whose members have unexpected types has only an id.
func (v *verification) parse(line []byte) (*parsedItem, error) {
	item, err := parseItem(line)
	if err == nil {
		return item, nil
	}
	var only struct {
		User struct {
			ID text `json:"user_id"`
		} `json:"user"`
	}
	if json.Unmarshal(line, &only) != nil {
		return nil, err
	}
	v.report.Add(Difference{Kind: "user", ID: string(only.User.ID), Problem: Refused, Reason: "has members of unexpected types"})
	return &parsedItem{User: parsedUser{ID: only.User.ID}}, nil
}

func (v *verification) addExtra(u *users.User) {
	v.count(u)
	v.report.Add(Difference{Kind: "user", ID: u.ID, Problem: Extra})
}

func (v *verification) count(u *users.User) {
	v.found.Users++
	v.found.Profiles += int64(len(u.ExtendedProfiles))
	v.found.ForeignKeys += int64(len(u.ForeignKeys))
	v.found.Grants += int64(len(u.Grants))
	v.found.Memberships += int64(len(u.AccountIDs))
}

// tenantUsers reads the tenant's users one after another.
type tenantUsers struct {
	tenant Tenant
	batch  []users.User
	after  string
	ended  bool
}

// next returns the next user, or nil after the last one.
func (t *tenantUsers) next(ctx context.Context) (*users.User, error) {
	if len(t.batch) == 0 && !t.ended {
		var err error
		if t.batch, err = t.tenant.Users(ctx, t.after, usersPerRead); err != nil {
			return nil, fmt.Errorf("read the tenant's users: %w", err)
		}
		if t.ended = len(t.batch) == 0; !t.ended {
			t.after = t.batch[len(t.batch)-1].ID
		}
	}
	if len(t.batch) == 0 {
		return nil, nil
	}
	u := &t.batch[0]
	t.batch = t.batch[1:]
	return u, nil
}
