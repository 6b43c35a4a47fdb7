package auth

import (
	"fmt"
	"net/http"

	"github.com/egress-io/egress/internal/export"
)

// CrossSite refuses what another web site made a browser send, by the rule of http.CrossOriginProtection. A request
// without Sec-Fetch-Site and Origin comes from a script, and passes.
type CrossSite struct {
	rule *http.CrossOriginProtection
}

// NewCrossSite makes the rule. Requests from publicOrigin ("https://egress.example.com", "" for none) pass whatever
// Host a proxy has made of it.
func NewCrossSite(publicOrigin string) (*CrossSite, error) {
	rule := http.NewCrossOriginProtection()
	if publicOrigin != "" {
		if err := rule.AddTrustedOrigin(publicOrigin); err != nil {
			return nil, fmt.Errorf("trust the public address: %w", err)
		}
	}
	return &CrossSite{rule: rule}, nil
}

// Request is what the rule looks at.
type Request struct {
	Method    string
	Host      string
	Origin    string // header
	FetchSite string // header Sec-Fetch-Site
	// StartsWork makes a safe method count as a write: following a link must not start anything.
	StartsWork bool
}

// Check returns CodeCrossSite for a request that another web site caused. GET, HEAD and OPTIONS pass unless they start
// work.
func (c *CrossSite) Check(r Request) error {
	method := r.Method
	if r.StartsWork {
		method = http.MethodPost
	}
	h := http.Header{}
	if r.Origin != "" {
		h.Set("Origin", r.Origin)
	}
	if r.FetchSite != "" {
		h.Set("Sec-Fetch-Site", r.FetchSite)
	}
	if err := c.rule.Check(&http.Request{Method: method, Host: r.Host, Header: h}); err != nil {
		return export.Wrap(export.CodeCrossSite, err, "This request came from another web site.")
	}
	return nil
}
