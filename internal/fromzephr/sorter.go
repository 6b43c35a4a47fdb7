package fromzephr

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// sortBytes is the size of the entries that a sorter keeps in memory.
const sortBytes = 64 << 20

// entry is a value with its key.
type entry struct{ key, value string }

// sorter sorts any number of entries by the bytes of their keys. Entries with the same key keep
// their order. It holds at most limit bytes in memory and stores sorted runs in a folder.
type sorter struct {
	dir   string
	limit int
	size  int
	held  []entry
	runs  []*os.File
}

// newSorter returns a sorter that stores its runs in dir, which it creates. The caller closes it.
func newSorter(dir string, limit int) (*sorter, error) {
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
		return nil, fmt.Errorf("sort the users: %w", err)
	}
	return &sorter{dir: dir, limit: limit}, nil
}

func (s *sorter) add(key, value string) error {
	s.held = append(s.held, entry{key, value})
	if s.size += len(key) + len(value); s.size < s.limit {
		return nil
	}
	return s.store()
}

// store writes the entries in memory as a run.
func (s *sorter) store() error {
	s.sortHeld()
	file, err := os.OpenFile(filepath.Join(s.dir, strconv.Itoa(len(s.runs))), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("sort the users: %w", err)
	}
	s.runs = append(s.runs, file)
	w := bufio.NewWriterSize(file, 1<<20)
	for _, e := range s.held {
		for _, part := range []string{e.key, e.value} {
			_, _ = w.Write(binary.AppendUvarint(nil, uint64(len(part)))) // Flush returns the error
			_, _ = w.WriteString(part)
		}
	}
	err = w.Flush()
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("sort the users: %w", err)
	}
	s.held, s.size = s.held[:0], 0
	return nil
}

func (s *sorter) sortHeld() {
	slices.SortStableFunc(s.held, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
}

// each calls visit with the values of each key, in the order of the keys.
func (s *sorter) each(visit func(key string, values []string) error) error {
	s.sortHeld()
	var h runHeap
	for i, file := range s.runs {
		in := bufio.NewReaderSize(file, 256<<10)
		h = append(h, &run{order: i, next: func() (entry, error) { return readEntry(in) }})
	}
	held := s.held
	h = append(h, &run{order: len(s.runs), next: func() (e entry, err error) {
		if len(held) == 0 {
			return e, io.EOF
		}
		e, held = held[0], held[1:]
		return e, nil
	}})
	for i, r := range slices.Backward(h) {
		switch err := r.advance(); {
		case errors.Is(err, io.EOF):
			h = slices.Delete(h, i, i+1)
		case err != nil:
			return err
		}
	}
	heap.Init(&h)
	var key string
	var values []string
	for len(h) > 0 {
		e := h[0].first
		if len(values) > 0 && e.key != key {
			if err := visit(key, values); err != nil {
				return err
			}
			values = values[:0]
		}
		key, values = e.key, append(values, e.value)
		switch err := h[0].advance(); {
		case errors.Is(err, io.EOF):
			heap.Pop(&h)
		case err != nil:
			return err
		default:
			heap.Fix(&h, 0)
		}
	}
	if len(values) > 0 {
		return visit(key, values)
	}
	return nil
}

func readEntry(in *bufio.Reader) (e entry, err error) {
	for i, part := range []*string{&e.key, &e.value} {
		n, err := binary.ReadUvarint(in)
		if errors.Is(err, io.EOF) && i == 0 {
			return e, io.EOF
		}
		b := make([]byte, n)
		if err == nil {
			_, err = io.ReadFull(in, b)
		}
		if err != nil {
			return e, fmt.Errorf("read the sorted users: %w", err)
		}
		*part = string(b)
	}
	return e, nil
}

// close deletes the runs.
func (s *sorter) close() error {
	var failed []error
	for _, file := range s.runs {
		failed = append(failed, file.Close())
	}
	return errors.Join(append(failed, os.RemoveAll(s.dir))...)
}

// run is a sorted run. Of the same key, the run with the lower order is first.
type run struct {
	order int
	first entry
	next  func() (entry, error)
}

func (r *run) advance() (err error) {
	r.first, err = r.next()
	return err
}

// runHeap implements heap.Interface.
type runHeap []*run

func (h runHeap) Len() int { return len(h) }

func (h runHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].first.key, h[j].first.key), cmp.Compare(h[i].order, h[j].order)) < 0
}

func (h runHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is never called: the runs are in the heap from the start.
func (h *runHeap) Push(x any) { *h = append(*h, x.(*run)) }

func (h *runHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
