package embedded

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckSpace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		free freeSpace
		err  error
		want string
	}{
		"enough":            {free: freeSpace{MinFree, minFiles}},
		"a byte too few":    {free: freeSpace{MinFree - 1, minFiles}, want: "The disk of the data directory is full: "},
		"nothing":           {free: freeSpace{0, minFiles}, want: "0 bytes are free"},
		"no room for files": {free: freeSpace{MinFree, minFiles - 1}, want: "room for 999 more files"},
		"an I/O error":      {err: errors.New("input/output error"), want: "input/output error"},
	} {
		err := checkSpace("/data", func(dir string) (freeSpace, error) {
			if dir != "/data" {
				t.Errorf("checked %s", dir)
			}
			return c.free, c.err
		})
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	free, err := statFreeSpace(t.TempDir())
	if err != nil || free.bytes == 0 || free.files == 0 {
		t.Errorf("free space %+v, %v", free, err)
	}
	if _, err := statFreeSpace(filepath.Join(t.TempDir(), "gone")); err == nil {
		t.Error("no error for a missing directory")
	}
}
