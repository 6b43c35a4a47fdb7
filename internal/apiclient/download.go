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
	maxFetchTries = 10              // consecutive tries without new data
	fetchPause    = 2 * time.Second // between two tries
)

// Download downloads a file of a completed job to path and calls report with the number of bytes so
// far. It blocks until the file is complete. The file appears at path when its SHA-256 matches the
// job's. Until then, Download keeps the data in a partial file in the same directory. It retries
// temporary errors, with a new link when the old one has expired, and resumes a partial file, also one
// of an earlier call. The server records each link as a download.
func Download(ctx context.Context, jobs Source, jobID string, kind export.FileKind, path string, report func(bytes int64)) (*File, error) {
	part, err := openPart(path, jobID, kind)
	if err != nil {
		return nil, err
	}
	defer part.close()
	var link string
	for tries := 0; ; {
		file, err := fetch(ctx, jobs, jobID, kind, part, &link, report)
		if err == nil {
			return file, part.commit(file, path)
		}
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case !isTemporary(err):
			return nil, err
		case part.hasGrown():
			tries = 0
		default:
			if tries++; tries >= maxFetchTries {
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

// fetch downloads the missing bytes of a file. It asks for a link if there is none, and forgets an
// expired one.
func fetch(ctx context.Context, jobs Source, jobID string, kind export.FileKind, part *partFile, link *string, report func(int64)) (*File, error) {
	job, err := jobs.Job(ctx, jobID)
	if err != nil {
		return nil, err
	}
	if err := job.Ended(); err != nil {
		return nil, &RefusalError{Status: http.StatusGone, Detail: err.Error()}
	}
	file := job.File(kind)
	if file == nil {
		return nil, &RefusalError{Status: http.StatusGone, Detail: "Job " + jobID + " has no such file."}
	}
	if part.size > file.Bytes {
		return nil, errors.Join(errTooLong, part.reset())
	}
	if part.size == file.Bytes {
		return file, nil
	}
	if *link == "" {
		if *link, err = jobs.Link(ctx, jobID, kind); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, *link, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("create the request: %w", err)
	}
	if part.size > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(part.size, 10)+"-")
	}
	res, err := do(req)
	if err != nil {
		if r, ok := errors.AsType[*RefusalError](err); ok && r.Status == http.StatusForbidden {
			*link = ""
			r.Status = http.StatusServiceUnavailable // the link expired: retry with a new one
		}
		return nil, err
	}
	defer res.Body.Close()
	if part.size > 0 && res.StatusCode != http.StatusPartialContent { // the response has the whole file
		if err := part.reset(); err != nil {
			return nil, err
		}
	}
	if err := part.receive(res.Body, report); err != nil {
		return nil, err
	}
	if part.size < file.Bytes {
		return nil, io.ErrUnexpectedEOF
	}
	return file, nil
}

var errTooLong = errors.New("the partial file is longer than the file; it is downloaded again")

// partFile is a partially downloaded file.
type partFile struct {
	file     *os.File // nil when closed
	path     string
	size     int64 // the number of bytes in the file and in the hash
	lastSize int64 // the size at the last call of hasGrown
	hash     hash.Hash
}

// openPart opens or creates the partial file of a job's file, in the directory of path.
func openPart(path, jobID string, kind export.FileKind) (*partFile, error) {
	name := filepath.Join(filepath.Dir(path), ".egress-"+filepath.Base(jobID)+"-"+string(kind)+".part")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the partial file: %w", err)
	}
	p := &partFile{file: f, path: name, hash: sha256.New()}
	if p.size, err = io.Copy(p.hash, f); err != nil {
		return nil, fmt.Errorf("read the partial file: %w", errors.Join(err, f.Close()))
	}
	p.lastSize = p.size
	return p, nil
}

// receive appends the content of a reader and calls report with the size after each read.
func (p *partFile) receive(from io.Reader, report func(int64)) error {
	block := make([]byte, 256<<10)
	for {
		n, err := from.Read(block)
		if n > 0 {
			if _, err := p.file.Write(block[:n]); err != nil {
				return fmt.Errorf("write the partial file: %w", err)
			}
			p.hash.Write(block[:n])
			p.size += int64(n)
			report(p.size)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("receive the file: %w", err)
		}
	}
}

// hasGrown reports whether the size has increased since its last call.
func (p *partFile) hasGrown() bool {
	more := p.size > p.lastSize
	p.lastSize = p.size
	return more
}

// reset truncates the partial file.
func (p *partFile) reset() error {
	p.size, p.lastSize = 0, 0
	p.hash.Reset()
	_, err := p.file.Seek(0, io.SeekStart)
	return errors.Join(err, p.file.Truncate(0))
}

// commit verifies the size and the SHA-256 and moves the file to path. It deletes a file that does
// not match.
func (p *partFile) commit(file *File, path string) error {
	if sum := hex.EncodeToString(p.hash.Sum(nil)); p.size != file.Bytes || sum != file.SHA256 {
		return errors.Join(fmt.Errorf("the downloaded file does not match the job: it has %d bytes with SHA-256 %s, and the job has %d bytes with %s", p.size, sum, file.Bytes, file.SHA256), p.discard())
	}
	if err := errors.Join(p.file.Sync(), p.file.Close()); err != nil {
		return fmt.Errorf("save the file: %w", err)
	}
	p.file = nil
	if err := os.Rename(p.path, path); err != nil {
		return fmt.Errorf("save the file: %w", err)
	}
	return nil
}

// discard closes and deletes the partial file.
func (p *partFile) discard() error {
	err := errors.Join(p.file.Close(), os.Remove(p.path))
	p.file = nil
	return err
}

// close closes the partial file, if it is open, and deletes an empty one.
func (p *partFile) close() {
	if p.file == nil {
		return
	}
	if p.size == 0 {
		_ = p.discard()
		return
	}
	_ = p.file.Close()
}
