package auth

import (
	"fmt"
	"net/http"

	"github.com/egress-io/egress/internal/errs"
)

// CrossSite rejects requests that another web site caused, by the rule of
// http.CrossOriginProtection. A request without Sec-Fetch-Site and Origin comes from a script and
// passes. The exception is a GET that starts work and authenticates with a cookie.
type CrossSite struct {
	rule *http.CrossOriginProtection
}

// NewCrossSite returns the rule. Requests from publicOrigin ("https://egress.example.com", "" for
// none) pass even if a proxy changes the Host header.
func NewCrossSite(publicOrigin string) (*CrossSite, error) {
	rule := http.NewCrossOriginProtection()
	if publicOrigin != "" {
		if err := rule.AddTrustedOrigin(publicOrigin); err != nil {
			return nil, fmt.Errorf("trust the public address: %w", err)
		}
	}
	return &CrossSite{rule: rule}, nil
}

// Request holds the parts of a request that the rule checks.
type Request struct {
	Method    string
	Host      string
	Origin    string // header Origin
	FetchSite string // header Sec-Fetch-Site
	// StartsWork treats a safe method as a write: following a link must not start anything.
	StartsWork bool
	// Cookie means that a cookie is the request's only credential. Browsers add cookies to requests
	// that other sites cause; older browsers, and all browsers on plain HTTP, do not send
	// Sec-Fetch-Site.
	Cookie bool
}

var errCookieOnly = errs.Errorf(errs.CodeCrossSiteRequest, "A session cookie alone cannot authorize this GET request, "+
	"because a link on another web site could send it. Add the header \"Sec-Fetch-Site: same-origin\" or "+
	"\"X-Requested-With: egress\", or sign the request with a key pair.")

// Check returns CodeCrossSiteRequest for a request that another web site caused. GET, HEAD and OPTIONS
// pass unless they start work.
func (c *CrossSite) Check(r Request) error {
	if r.StartsWork && r.Cookie && r.Origin == "" && r.FetchSite == "" {
		return errCookieOnly
	}
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
		return errs.Wrap(errs.CodeCrossSiteRequest, err, "This request came from another web site.")
	}
	return nil
}
