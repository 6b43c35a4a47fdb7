//go:build unix

package embedded

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Only the user of the process can enter the socket directory, regardless of the umask, of the mode
// of the data directory and of an existing socket directory. The umask belongs to the process, so
// the test is not parallel.
func TestSocketDirIsPrivate(t *testing.T) {
	for name, umask := range map[string]int{"no umask": 0, "the usual umask": 0o022, "a umask that removes all bits": 0o777} {
		t.Run(name, func(t *testing.T) {
			dir := shortTempDir(t)
			long := filepath.Join(dir, strings.Repeat("long/", 30))
			for _, d := range []string{dir, long} {
				if err := os.MkdirAll(d, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(d, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			before := syscall.Umask(umask)
			defer syscall.Umask(before)
			for _, d := range []string{dir, dir, long} { // the second time the directory exists
				s, err := openSocketDir(d)
				if err != nil {
					t.Fatal(err)
				}
				info, err := os.Stat(s.dir)
				if err != nil {
					t.Fatal(err)
				}
				if info.Mode().Perm() != 0o700 || s.dir == d {
					t.Errorf("%s has mode %o", s.dir, info.Mode().Perm())
				}
				path, err := s.path("s3.sock")
				if err != nil || filepath.Dir(path) != s.dir || len(path) >= maxSocketPathLen {
					t.Errorf("%s, %v", path, err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}

	t.Run("a directory that others can enter becomes private", func(t *testing.T) {
		dir := shortTempDir(t)
		open := filepath.Join(dir, "sockets")
		if err := os.Mkdir(open, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(open, 0o777); err != nil {
			t.Fatal(err)
		}
		s, err := openSocketDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(s.dir); err != nil || s.dir != open || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", s.dir, info, err)
		}
	})

	t.Run("a symbolic link is refused", func(t *testing.T) {
		dir := shortTempDir(t)
		if err := os.Symlink(t.TempDir(), filepath.Join(dir, "sockets")); err != nil {
			t.Fatal(err)
		}
		if s, err := openSocketDir(dir); err == nil {
			t.Errorf("it listens in %s", s.dir)
		}
	})
}

// shortTempDir returns a temporary directory whose path is short enough for sockets.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "egress-") //nolint:usetesting // t.TempDir is too long a path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
