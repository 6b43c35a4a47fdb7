package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// Numbers of users in each demo tenant of the tests. Tests of one number share its demo data.
const (
	fewUsers      = 5
	someUsers     = 60
	hundredsUsers = 300
)

// demoData is demo data that no process has open: it is only copied.
type demoData struct {
	once sync.Once
	dir  string
	err  error
}

var (
	demoDataMu sync.Mutex
	demoDataOf = map[int]*demoData{} // by the number of users
)

// seeded returns a new working directory whose data directory has the demo data of `egress seed`,
// with that many users in each tenant. No admin exists.
func seeded(t testing.TB, users int) (dir string) {
	t.Helper()
	demoDataMu.Lock()
	d := demoDataOf[users]
	if d == nil {
		d = &demoData{dir: filepath.Join(filepath.Dir(egressBinary), fmt.Sprintf("seeded-%d", users))}
		demoDataOf[users] = d
	}
	demoDataMu.Unlock()
	d.once.Do(func() { d.err = d.seed(users) })
	if d.err != nil {
		t.Fatal(d.err)
	}
	dir = t.TempDir()
	if err := copyTree(filepath.Join(d.dir, "data"), filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copyTree copies a directory with the permissions of its files.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), b, info.Mode().Perm())
	})
}

// seed does not depend on a test, which may end before others use the data.
func (d *demoData) seed(users int) error {
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		return err
	}
	if out, err := command(d.dir, nil, "seed", "--users", strconv.Itoa(users)).CombinedOutput(); err != nil {
		return fmt.Errorf("seed: %w\n%s", err, out)
	}
	return nil
}
