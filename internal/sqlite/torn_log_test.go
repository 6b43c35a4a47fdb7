package sqlite

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A frame of the write-ahead log is a header of 24 bytes and a page; the log begins with a header of
// 32 bytes (https://www.sqlite.org/fileformat2.html#walformat).
const (
	logHeader = 32
	frameSize = 24 + pageSize
)

// tornLog is a control file with its write-ahead log, as a power failure leaves them.
type tornLog struct {
	file, log []byte
	states    []string // the content before the first commit, and after each one
	ends      []int    // the size of the log at each state
}

// contentOf returns a digest of the tenants of a database.
func contentOf(t *testing.T, db *DB) string {
	t.Helper()
	h := sha256.New()
	err := db.control.read(t.Context(), func(c *conn) error {
		return c.query("SELECT id, doc FROM tenants ORDER BY id", func(r *row) error {
			fmt.Fprintf(h, "%s %x\n", r.ColumnText(0), sha256.Sum256(r.bytes(1)))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// commit inserts, replaces and deletes rows of up to four pages in one transaction.
func commit(t *testing.T, db *DB, random *rand.Rand, n int) {
	t.Helper()
	err := db.control.write(t.Context(), func(c *conn) error {
		for i := range 1 + random.IntN(3) {
			doc := bytes.Repeat([]byte{byte(n)}, 100+random.IntN(4*pageSize))
			err := c.exec("INSERT INTO tenants (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc",
				fmt.Sprintf("t%d", random.IntN(n*2+1)), doc)
			if err != nil {
				return err
			}
			if i == 2 {
				err = c.exec("DELETE FROM tenants WHERE id = ?", fmt.Sprintf("t%d", random.IntN(n*2+1)))
			}
			if err != nil {
				return err
			}
		}
		return c.exec("INSERT INTO tenants (id, doc) VALUES (?, x'01')", fmt.Sprintf("commit%d", n)) // no two states are equal
	})
	if err != nil {
		t.Fatal(err)
	}
}

// newTornLog commits several times. With restarted, earlier commits were copied into the file, and
// the log has their frames after those of the later commits.
func newTornLog(t *testing.T, random *rand.Rand, restarted bool) *tornLog {
	t.Helper()
	dir := t.TempDir()
	db := open(t, dir)
	path := filepath.Join(dir, controlName)
	n := 0
	if restarted {
		for ; n < 12; n++ {
			commit(t, db, random, n)
		}
	}
	execute(t, path, "PRAGMA wal_checkpoint(restart)")
	l := &tornLog{states: []string{contentOf(t, db)}, ends: []int{0}}
	for range 6 {
		commit(t, db, random, n)
		n++
		l.states = append(l.states, contentOf(t, db))
		l.ends = append(l.ends, endOfLog(t, path))
	}
	l.file, l.log = read(t, path), read(t, path+"-wal")
	return l
}

// endOfLog returns the size in bytes of the frames that belong to the log. The file may be longer.
func endOfLog(t *testing.T, path string) int {
	t.Helper()
	log := read(t, path+"-wal")
	salts := log[16:24]
	end := logHeader
	for end+frameSize <= len(log) && bytes.Equal(log[end+8:end+16], salts) {
		end += frameSize
	}
	return end
}

// expected returns the number of the last state whose frames all end before a position.
func (l *tornLog) expected(position int) int {
	last := 0
	for i, end := range l.ends {
		if end <= position {
			last = i
		}
	}
	return last
}

// positionsAtLeast is the number of positions that each case tries; `make soak` tries all
// (EGRESS_TEST_TORN).
const positionsAtLeast = 6

// positions returns positions in the log: around the ends of commits, around frames, and random ones.
func (l *tornLog) positions(t *testing.T, random *rand.Rand) (list []int) {
	t.Helper()
	last := l.ends[len(l.ends)-1]
	for _, end := range l.ends {
		list = append(list, end-1, end, end+1)
	}
	list = append(list, 4, logHeader, logHeader+24, logHeader+frameSize)
	for range 20 {
		list = append(list, random.IntN(last), logHeader+frameSize*random.IntN((last-logHeader)/frameSize))
	}
	list = slices.DeleteFunc(list, func(p int) bool { return p < 0 || p >= last })
	if os.Getenv("EGRESS_TEST_TORN") == "all" {
		return list
	}
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:positionsAtLeast]
}

// A power failure may leave any part of the log that was not yet synchronized. Open keeps every
// commit whose frames are whole, and nothing of the next one.
func TestOpenKeepsWholeCommitsOfTornLog(t *testing.T) {
	t.Parallel()
	const seed = 15
	for name, tear := range map[string]func(log []byte, at int, random *rand.Rand) []byte{
		"cut off": func(log []byte, at int, _ *rand.Rand) []byte { return log[:at] },
		"zeros":   func(log []byte, at int, _ *rand.Rand) []byte { clear(log[at:]); return log },
		"garbage": func(log []byte, at int, random *rand.Rand) []byte {
			for i := at; i < len(log); i++ {
				log[i] = byte(random.Uint32())
			}
			return log
		},
		"one bit": func(log []byte, at int, random *rand.Rand) []byte { log[at] ^= 1 << random.IntN(8); return log },
		"one lost sector": func(log []byte, at int, _ *rand.Rand) []byte {
			for i := at; i < min(at+512, len(log)); i++ {
				log[i] = ^log[i]
			}
			return log
		},
	} {
		for _, restarted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restarted %t", name, restarted), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(seed, seed))
				l := newTornLog(t, random, restarted)
				for _, at := range l.positions(t, random) {
					torn := tear(bytes.Clone(l.log), at, random)
					for at < len(torn) && torn[at] == l.log[at] { // zeros in place of zeros
						at++
					}
					if got, want := openTorn(t, l.file, torn), l.expected(at); got != l.states[want] {
						t.Errorf("from byte %d on: state %d, want %d", at, slices.Index(l.states, got), want)
					}
				}
			})
		}
	}
}

// A power failure during a checkpoint leaves pages of the file old, new or torn. The log has them
// all, so nothing is lost.
func TestOpenAfterTornCheckpoint(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(16, 16))
	l := newTornLog(t, random, true)
	dir := t.TempDir()
	write(t, filepath.Join(dir, controlName), l.file)
	write(t, filepath.Join(dir, controlName+"-wal"), l.log)
	execute(t, filepath.Join(dir, controlName), "PRAGMA wal_checkpoint(passive)") // closing does the same
	checkpointed := read(t, filepath.Join(dir, controlName))
	if bytes.Equal(l.file, checkpointed) {
		t.Fatal("the checkpoint wrote nothing")
	}
	for range 10 {
		torn := bytes.Clone(checkpointed)
		for at := 0; at < len(torn); at += 512 { // a sector
			if at < len(l.file) && random.IntN(2) == 0 {
				copy(torn[at:at+512], l.file[at:])
			}
		}
		torn = torn[:max(len(l.file), len(torn)-512*random.IntN(8))]
		if got, want := openTorn(t, torn, l.log), l.states[len(l.states)-1]; got != want {
			t.Errorf("state %d, want %d", slices.Index(l.states, got), len(l.states)-1)
		}
	}
}

// openTorn opens a control file with a log, checks the file and its indexes, and returns the content.
// The database must be able to write.
func openTorn(t *testing.T, file, log []byte) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, controlName), file)
	write(t, filepath.Join(dir, controlName+"-wal"), log)
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Errorf("open: %v", err)
		return ""
	}
	content := contentOf(t, db)
	err = db.control.write(t.Context(), func(c *conn) error {
		return errors.Join(runCheck(t.Context(), c, "PRAGMA integrity_check"), insertTenant(c, "after"))
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Errorf("check: %v", err)
	}
	return content
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
