package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Keep returns the line of text that the data directory keeps in the file name: a secret that is made once. Where
// there is no such file it makes one of what fresh returns, for its owner's eyes only, and says so.
func (s *Stack) Keep(name string, fresh func() string) (text string, made bool, err error) {
	return keep(filepath.Join(s.dir, name), fresh)
}

func keep(path string, fresh func() string) (text string, made bool, err error) {
	b, err := os.ReadFile(path)
	switch {
	case err == nil:
		return strings.TrimSpace(string(b)), false, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", false, fmt.Errorf("read what is kept: %w", err)
	}
	text = fresh()
	if err := writeWhole(path, []byte(text+"\n")); err != nil {
		return "", false, fmt.Errorf("keep in %s: %w", path, err)
	}
	return text, true, nil
}

// writeWhole makes a file that appears whole or not at all.
func writeWhole(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
