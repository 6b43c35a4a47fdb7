package apiclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/egress-io/egress/internal/export"
)

const (
	fetchTries = 10              // in a row that brought nothing
	fetchPause = 2 * time.Second // between two tries
)

// Download brings a file of a job that has ended to path, and hears how many bytes there are. It appears there as a whole, when its
// SHA-256 is the job's. What was fetched before it broke off is kept beside it, and gone on with: after a pause, by a fresh link,
// or by the next call.
func Download(ctx context.Context, jobs Source, jobID string, kind export.FileKind, path string, hear func(bytes int64)) (*File, error) {
	part, err := openPart(path, jobID, kind)
	if err != nil {
		return nil, err
	}
	defer part.close()
	for tries := 0; ; {
		file, err := fetch(ctx, jobs, jobID, kind, part, hear)
		if err == nil {
			return file, part.settle(file, path)
		}
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case !passing(err):
			return nil, err
		case part.grown():
			tries = 0
		default:
			if tries++; tries >= fetchTries {
				return nil, err
			}
		}
		select {
		case <-time.After(fetchPause):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// fetch fetches what is missing of a file, by a link that is signed now.
func fetch(ctx context.Context, jobs Source, jobID string, kind export.FileKind, part *part, hear func(int64)) (*File, error) {
	job, err := jobs.Job(ctx, jobID)
	if err != nil {
		return nil, err
	}
	if err := job.Ended(); err != nil {
		return nil, &RefusalError{Status: http.StatusGone, Detail: err.Error()}
	}
	file := job.File(kind)
	if file == nil || file.DownloadURL == "" {
		return nil, &RefusalError{Status: http.StatusGone, Detail: "Job " + jobID + " has no such file that is this key pair's to fetch."}
	}
	if part.size > file.Bytes {
		return nil, errors.Join(errMore, part.empty())
	}
	if part.size == file.Bytes {
		return file, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, file.DownloadURL, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	if part.size > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(part.size, 10)+"-")
	}
	res, err := do(req)
	if err != nil {
		if r, ok := errors.AsType[*RefusalError](err); ok && r.Status == http.StatusForbidden {
			r.Status = http.StatusServiceUnavailable // the link's time was over: the next one is fresh
		}
		return nil, err
	}
	defer res.Body.Close()
	if part.size > 0 && res.StatusCode != http.StatusPartialContent { // all of it comes again
		if err := part.empty(); err != nil {
			return nil, err
		}
	}
	if err := part.take(res.Body, hear); err != nil {
		return nil, err
	}
	if part.size < file.Bytes {
		return nil, io.ErrUnexpectedEOF
	}
	return file, nil
}

var errMore = errors.New("there is more than the file has")

// part is a file on its way.
type part struct {
	f      *os.File
	path   string
	size   int64 // bytes that are there and hashed
	before int64 // when grown was asked last
	hash   hash.Hash
}

// openPart opens what there is of a file of a job, beside the path where it is to be.
func openPart(path, jobID string, kind export.FileKind) (*part, error) {
	name := filepath.Join(filepath.Dir(path), ".egress-"+filepath.Base(jobID)+"-"+string(kind)+".part")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep a file: %w", err)
	}
	p := &part{f: f, path: name, hash: sha256.New()}
	if p.size, err = io.Copy(p.hash, f); err != nil {
		return nil, fmt.Errorf("read what was fetched before: %w", errors.Join(err, f.Close()))
	}
	p.before = p.size
	return p, nil
}

// take appends what comes.
func (p *part) take(from io.Reader, hear func(int64)) error {
	block := make([]byte, 256<<10)
	for {
		n, err := from.Read(block)
		if n > 0 {
			if _, err := p.f.Write(block[:n]); err != nil {
				return fmt.Errorf("write a file: %w", err)
			}
			p.hash.Write(block[:n])
			p.size += int64(n)
			hear(p.size)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("fetch a file: %w", err)
		}
	}
}

// grown reports whether there is more than when it was asked last.
func (p *part) grown() bool {
	more := p.size > p.before
	p.before = p.size
	return more
}

// empty begins again.
func (p *part) empty() error {
	p.size, p.before = 0, 0
	p.hash.Reset()
	_, err := p.f.Seek(0, io.SeekStart)
	return errors.Join(err, p.f.Truncate(0))
}

// settle puts the file where it belongs, where it is the one that the job has proven.
func (p *part) settle(file *File, path string) error {
	if sum := hex.EncodeToString(p.hash.Sum(nil)); p.size != file.Bytes || sum != file.SHA256 {
		return errors.Join(fmt.Errorf("what was fetched is not the file: %d bytes with SHA-256 %s, and the job has %d bytes with %s", p.size, sum, file.Bytes, file.SHA256), p.discard())
	}
	if err := errors.Join(p.f.Sync(), p.f.Close()); err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	p.f = nil
	if err := os.Rename(p.path, path); err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	return nil
}

// discard removes it.
func (p *part) discard() error {
	err := errors.Join(p.f.Close(), os.Remove(p.path))
	p.f = nil
	return err
}

// close keeps what there is for the next time; nothing is no file.
func (p *part) close() {
	if p.f == nil {
		return
	}
	if p.size == 0 {
		_ = p.discard()
		return
	}
	_ = p.f.Close()
}
