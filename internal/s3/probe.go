package s3

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/pipeline"
)

// ProbePrefix is the prefix of the keys of probe objects. Tenant ids never begin with a dot.
const ProbePrefix = ".egress/probe-"

// probeCleanup limits how long the removal of a probe object takes after its context has ended.
const probeCleanup = 5 * time.Second

// ensureChecksums probes once whether the storage supports uploads with checksums. Concurrent
// callers wait for the same probe, each until its own context ends.
func (s *Storage) ensureChecksums(ctx context.Context) error {
	if s.options.Checksums != Auto || s.checksums.Load() != nil {
		return nil
	}
	_, err := s.probeOnce(ctx, true)
	return err
}

// probeOnce calls probeChecksums, one caller at a time. With skipIfKnown it returns at once if
// another caller has finished a probe.
func (s *Storage) probeOnce(ctx context.Context, skipIfKnown bool) (refused, err error) {
	select {
	case s.probeLock <- struct{}{}:
		defer func() { <-s.probeLock }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if skipIfKnown && s.checksums.Load() != nil {
		return nil, nil
	}
	return s.probeChecksums(ctx)
}

// probeChecksums uploads a small object as exports do. If the storage refuses it with checksums but
// accepts it without, and the option is Auto, later uploads have no checksums. It returns the
// refusal in refused.
func (s *Storage) probeChecksums(ctx context.Context) (refused, err error) {
	choice := s.options.Checksums
	first, second := WhenSupported, WhenRequired
	if choice == WhenRequired {
		first, second = second, first
	}
	with := s.connect(first)
	if err = s.probe(ctx, with); err == nil {
		s.setChecksums(first, with)
		return nil, nil
	}
	if e := classify(err); !e.Class.Permanent() || e.Class == pipeline.Missing {
		return nil, err
	}
	without := s.connect(second)
	if s.probe(ctx, without) != nil {
		return nil, err // not caused by checksums
	}
	if choice == Auto {
		s.setChecksums(second, without)
	}
	return err, nil
}

func (s *Storage) setChecksums(choice Checksums, clients *clients) {
	s.clients.Store(clients)
	s.checksums.Store(&choice)
}

// probe uploads an object with one small part, reads it back, and deletes it.
func (s *Storage) probe(ctx context.Context, with *clients) (err error) {
	p := &Storage{options: s.options, bucket: s.bucket, creds: s.creds, now: s.now, grace: s.grace, config: s.config}
	p.options.Checksums = WhenSupported // no nested probe
	p.clients.Store(with)
	key := ProbePrefix + strings.ToLower(rand.Text())
	body := []byte("Egress checks at start that it can store files here, and deletes this one.\n")
	u, err := p.create(ctx, key, "text/plain; charset=utf-8")
	if err != nil {
		return err
	}
	defer func() {
		cleanupCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeCleanup)
		defer cancel()
		if err == nil {
			err = p.Delete(cleanupCtx, key)
			return
		}
		_ = p.abort(cleanupCtx, key, u.id) // err is already set
		_ = p.Delete(cleanupCtx, key)
	}()
	part, err := u.Part(ctx, 1, body)
	if err != nil {
		return err
	}
	if err := u.Complete(ctx, []pipeline.StoredPart{part}); err != nil {
		return err
	}
	return p.verifyObject(ctx, key, body)
}

// verifyObject compares an object with what was uploaded. Some storages store the framing of a
// checksum as content.
func (s *Storage) verifyObject(ctx context.Context, key string, body []byte) error {
	r, err := s.Open(ctx, key)
	if err != nil {
		return err
	}
	defer r.Close()
	got, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return wrap(ctx, "read an object", err)
	}
	if !bytes.Equal(got, body) {
		return fmt.Errorf("read an object: %w", &pipeline.DependencyError{
			Class: pipeline.Invalid, Code: "content changed", Advice: checkChecksums, Err: errors.New("the stored object differs from the upload"),
		})
	}
	return nil
}
