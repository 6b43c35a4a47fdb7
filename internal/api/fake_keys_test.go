package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/httpsig"
)

// fakeKeys has a key pair for every session of fakeAuth: the access key is the session's token, the
// tenant is meridian, and every signature is valid. asked stores what was signed.
type fakeKeys struct {
	auth  *fakeAuth
	mu    sync.Mutex
	pairs map[string]auth.KeyPair // the issued key pairs
	asked auth.Target
	bases []string // signature bases of the last message, one per origin
	limit bool     // every key pair has reached its rate limit

	signing bool // whether a request was signed
}

// signedBy returns an Authorization header of a key pair.
func signedBy(token string) string {
	return "ZEPHR-HMAC-SHA256 " + token + ":1764171266123:n:" + strings.Repeat("0", 64)
}

func (f *fakeKeys) Verify(ctx context.Context, header string, t auth.Target) (*auth.Signer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signing = true
	f.asked = auth.Target{Method: t.Method, Path: t.Path, Query: t.Query, Body: slices.Clone(t.Body)}
	s, err := auth.ParseSignature(header)
	if err != nil {
		return nil, errs.Errorf(errs.CodeUnauthenticated, "The signature of this request or its key pair is not valid.")
	}
	return f.signer(ctx, s.AccessKey)
}

// VerifyMessage accepts every well-formed signature and stores the base for each origin in asked.
func (f *fakeKeys) VerifyMessage(ctx context.Context, m auth.Message) (*auth.Signer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signing = true
	f.asked = auth.Target{Method: m.Method, Path: m.Path, Query: m.Query, Body: slices.Clone(m.Body)}
	s, err := httpsig.Parse(m.Header(httpsig.InputField), m.Header(httpsig.SignatureField))
	if err != nil {
		return nil, errs.Errorf(errs.CodeUnauthenticated, "The signature of this request or its key pair is not valid.")
	}
	f.bases = nil
	for _, origin := range m.Origins {
		r := m.Request
		r.Origin = origin
		base, err := s.Base(r)
		if err != nil {
			return nil, err
		}
		f.bases = append(f.bases, base)
	}
	return f.signer(ctx, s.KeyID)
}

func (f *fakeKeys) signer(ctx context.Context, accessKey string) (*auth.Signer, error) {
	id, err := f.auth.Authenticate(ctx, accessKey)
	if err != nil {
		return nil, err
	}
	m, err := f.auth.Membership(ctx, id.Admin, "meridian")
	if err != nil {
		return nil, errs.Errorf(errs.CodeUnauthenticated, "The signature of this request or its key pair is not valid.")
	}
	signer := &auth.Signer{
		Admin: id.Admin, Pair: &auth.KeyPair{AccessKey: accessKey, Tenant: "meridian", AdminID: id.Admin.ID}, Membership: m,
		Quota: auth.Quota{Limit: auth.Limit{Events: 10, Window: time.Minute}, Left: 9, Reset: 59500 * time.Millisecond},
	}
	if f.limit {
		signer.Quota.Left = 0
		e := errs.Errorf(errs.CodeRateLimited, "Too many.")
		e.Details = map[string]any{"retryAfterSeconds": 60}
		return signer, e
	}
	return signer, nil
}

func (f *fakeKeys) Issue(_ context.Context, tenant, adminID, by, note string) (*auth.KeyPair, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := auth.KeyPair{
		AccessKey: fmt.Sprintf("AK%d", len(f.pairs)), Tenant: tenant, AdminID: adminID, Note: note, CreatedBy: by,
		Created: time.Date(2026, 11, 26, 8, 0, len(f.pairs), 0, time.UTC),
	}
	f.pairs[k.AccessKey] = k
	return &k, "s3cret-of-" + k.AccessKey, nil
}

func (f *fakeKeys) List(_ context.Context, tenant, adminID string) (list []auth.KeyPair, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.pairs {
		if (k.Tenant == tenant || tenant == "") && (adminID == "" || k.AdminID == adminID) {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b auth.KeyPair) int { return b.Created.Compare(a.Created) })
	return list, nil
}

func (f *fakeKeys) Pair(_ context.Context, tenant, adminID, accessKey string) (*auth.KeyPair, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if k, ok := f.pairs[accessKey]; ok && k.Tenant == tenant && (adminID == "" || k.AdminID == adminID) {
		return &k, nil
	}
	if _, err := f.auth.Authenticate(context.Background(), accessKey); err == nil && accessKey != "" && !strings.HasPrefix(accessKey, "AK") && f.signing {
		return &auth.KeyPair{AccessKey: accessKey, Tenant: tenant, AdminID: adminID}, nil
	}
	return nil, errs.Errorf(errs.CodeNotFound, "There is no key pair with this access key.")
}

func (f *fakeKeys) Change(_ context.Context, _, accessKey string, c auth.KeyPairChange) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := f.pairs[accessKey]
	if c.Note != nil {
		k.Note = *c.Note
	}
	if c.RequestsPerMinute != nil {
		k.RequestsPerMinute = *c.RequestsPerMinute
	}
	f.pairs[accessKey] = k
	return nil
}

func (f *fakeKeys) Revoke(_ context.Context, _, accessKey string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pairs, accessKey)
	return nil
}

func (f *fakeKeys) RevokeAll(ctx context.Context, tenant, adminID string) (int, error) {
	list, _ := f.List(ctx, tenant, adminID)
	for _, k := range list {
		_ = f.Revoke(ctx, k.Tenant, k.AccessKey)
	}
	return len(list), nil
}

func (f *fakeKeys) Emails(_ context.Context, adminIDs []string) (map[string]string, error) {
	emails := map[string]string{}
	for _, id := range adminIDs {
		if role, ok := strings.CutPrefix(id, "01"); ok && role != "GONE" {
			emails[id] = role + "@example.com"
		}
	}
	return emails, nil
}
