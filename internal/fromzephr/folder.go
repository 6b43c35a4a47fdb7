package fromzephr

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/gofrs/flock"

	"github.com/egress-io/egress/internal/errs"
)

// The names of a folder's files. Pages are named for their kind and number.
const (
	listName    = "pages.ndjson"
	lockName    = "lock"
	usersName   = "users.ndjson"
	ReportName  = "report.ndjson"
	sortingName = "sorting"
)

// Kind is a kind of pages.
type Kind string

// The kinds, in the order of the download.
const (
	Schema      Kind = "schema"
	Products    Kind = "products"
	Accounts    Kind = "accounts"
	Memberships Kind = "memberships" // one page per account: its users
	Users       Kind = "users"
	Details     Kind = "details" // one page per page of users: the same users, each from a request of its own
)

// Page is a downloaded page.
type Page struct {
	Kind   Kind   `json:"kind"`
	Number int64  `json:"page"` // from 1; of Memberships, the position of the account; of Details, the page of users
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Items  int64  `json:"items"`
	Total  int64  `json:"total"` // what the response says, -1 if it says nothing
	Last   bool   `json:"last"`  // the last page of its kind
	// Status is the status of an address that the server does not serve, otherwise 0. Such a page has
	// no items.
	Status int `json:"status,omitempty"`
	// IDs is a hash of the items, to recognize a server that sends the same page again.
	IDs string `json:"ids"`
}

func (p Page) name() string { return fmt.Sprintf("%s-%06d.json", p.Kind, p.Number) }

// Source is what a folder was downloaded from. A folder resumes only the same source.
type Source struct {
	URL      string `json:"url"`
	Tenant   string `json:"tenant"` // in Egress
	AppIDs   string `json:"appIds"`
	PageSize int64  `json:"pageSize"`
}

// Folder holds the pages of a migration, and a list of them. A page is in the list when its file is
// complete and on disk. One process uses a folder at a time.
type Folder struct {
	dir    string
	source Source
	lock   *flock.Flock
	list   *os.File
	pages  []Page
}

// OpenFolder opens or creates a folder. It keeps the pages up to the first one whose file is damaged
// or missing; with restart it deletes all of them. The caller closes the folder.
func OpenFolder(dir string, s Source, restart bool) (_ *Folder, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, errs.Wrap(errs.CodeInvalidRequest, err, "--dir")
	}
	f := &Folder{dir: dir, source: s, lock: flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))}
	switch locked, err := f.lock.TryLock(); {
	case err != nil:
		return nil, errs.Wrap(errs.CodeInvalidRequest, err, "--dir")
	case !locked:
		return nil, errs.Invalid("--dir", "another migration uses %s", dir)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.lock.Unlock())
		}
	}()
	if restart {
		if err := f.deletePages(); err != nil {
			return nil, err
		}
	}
	if err := f.load(); err != nil {
		return nil, err
	}
	return f, nil
}

// load reads the list, checks the files, and writes the list of the pages that are kept.
func (f *Folder) load() error {
	old, err := os.ReadFile(f.path(listName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the list of pages: %w", err)
	}
	lines := bytes.SplitAfter(old, []byte("\n"))
	var s Source
	if json.Unmarshal(lines[0], &s) == nil && s != f.source && len(old) > len(lines[0]) { // a wrong URL leaves no pages
		return errs.Invalid("--dir", "%s holds pages of another migration (from %s to the tenant %s). Give its options again, another --dir, or --restart to delete the pages", f.dir, s.URL, s.Tenant)
	}
	for _, line := range lines[1:] {
		var p Page
		if !bytes.HasSuffix(line, []byte("\n")) || json.Unmarshal(line, &p) != nil || f.checkFile(p) != nil {
			break
		}
		f.pages = append(f.pages, p)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	err = e.Encode(f.source)
	for _, p := range f.pages {
		err = errors.Join(err, e.Encode(p))
	}
	if err = errors.Join(err, f.write(listName, b.Bytes())); err != nil {
		return fmt.Errorf("write the list of pages: %w", err)
	}
	f.list, err = os.OpenFile(f.path(listName), os.O_WRONLY|os.O_APPEND, 0o600)
	return err
}

// checkFile returns an error if the file of a page is missing or damaged.
func (f *Folder) checkFile(p Page) error {
	_, err := f.read(p)
	return err
}

// read returns the body of a page.
func (f *Folder) read(p Page) ([]byte, error) {
	b, err := os.ReadFile(f.path(p.name()))
	if err != nil {
		return nil, fmt.Errorf("read a page: %w", err)
	}
	if sum := sha256.Sum256(b); int64(len(b)) != p.Bytes || hex.EncodeToString(sum[:]) != p.SHA256 {
		return nil, fmt.Errorf("the file %s is damaged; run the command again to download it again", p.name())
	}
	return b, nil
}

// add stores a page.
func (f *Folder) add(p Page, body []byte) error {
	sum := sha256.Sum256(body)
	p.Bytes, p.SHA256 = int64(len(body)), hex.EncodeToString(sum[:])
	if err := f.write(p.name(), body); err != nil {
		return fmt.Errorf("store a page: %w", err)
	}
	line, err := json.Marshal(p)
	if err == nil {
		_, err = f.list.Write(append(line, '\n'))
	}
	if err = errors.Join(err, f.list.Sync()); err != nil {
		return fmt.Errorf("write the list of pages: %w", err)
	}
	f.pages = append(f.pages, p)
	return nil
}

// write writes a file so that it has its name only when it is complete and on disk.
func (f *Folder) write(name string, body []byte) error {
	file, err := os.OpenFile(f.path(name+".part"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(body)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), f.path(name))
}

// of returns the pages of a kind.
func (f *Folder) of(k Kind) (list []Page) {
	for _, p := range f.pages {
		if p.Kind == k {
			list = append(list, p)
		}
	}
	return list
}

// Served reports whether the server serves the pages of a kind.
func (f *Folder) Served(k Kind) bool {
	pages := f.of(k)
	return len(pages) == 0 || slices.ContainsFunc(pages, func(p Page) bool { return p.Status == 0 })
}

// each calls visit for each item of the pages of a kind.
func (f *Folder) each(k Kind, visit func(p Page, item json.RawMessage) error) error {
	for _, p := range f.of(k) {
		items, err := f.items(p)
		if err != nil {
			return err
		}
		for _, item := range items {
			if err := visit(p, item); err != nil {
				return err
			}
		}
	}
	return nil
}

// items returns the items of a page.
func (f *Folder) items(p Page) ([]json.RawMessage, error) {
	if p.Status != 0 {
		return nil, nil
	}
	body, err := f.read(p)
	if err != nil {
		return nil, err
	}
	l, err := parseList(body)
	if err != nil {
		return nil, fmt.Errorf("the file %s %w", p.name(), err)
	}
	return l.items, nil
}

func (f *Folder) path(name string) string { return filepath.Join(f.dir, name) }

// ReportPath returns the path of the report. Clear keeps the report.
func (f *Folder) ReportPath() string { return f.path(ReportName) }

// Pages returns the number of stored pages.
func (f *Folder) Pages() int { return len(f.pages) }

// Clear deletes everything except the report.
func (f *Folder) Clear() error {
	err := errors.Join(f.list.Close(), f.deletePages())
	f.list, f.pages = nil, nil
	return err
}

// pageName matches the files of pages, complete or not.
var pageName = regexp.MustCompile(`^(schema|products|accounts|memberships|users|details)-[0-9]{6,}\.json(\.part)?$`)

// deletePages deletes the pages, the list, and what was made from them.
func (f *Folder) deletePages() error {
	if _, err := os.Stat(f.path(listName)); errors.Is(err, fs.ErrNotExist) {
		return nil // nothing in the folder is ours
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("delete the pages: %w", err)
	}
	failed := []error{os.RemoveAll(f.path(sortingName))}
	for _, e := range entries {
		switch name := e.Name(); {
		case pageName.MatchString(name), name == usersName, name == usersName+".part", name == listName+".part":
			failed = append(failed, os.Remove(f.path(name)))
		}
	}
	if err := errors.Join(append(failed, os.Remove(f.path(listName)))...); err != nil {
		return fmt.Errorf("delete the pages: %w", err)
	}
	return nil
}

// Close closes the folder and unlocks it.
func (f *Folder) Close() error {
	var err error
	if f.list != nil {
		err = f.list.Close()
	}
	return errors.Join(err, f.lock.Unlock())
}
