package fromzephr

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/egress-io/egress/internal/errs"
)

const (
	requestTimeout = 5 * time.Minute // of one request with its response
	maxTries       = 10              // of one request, when the errors are temporary
	firstPause     = time.Second     // after the first temporary error; each further pause is twice as long
	maxPause       = time.Minute     // of the pauses that grow
	maxRetryAfter  = 10 * time.Minute
	maxBodyBytes   = 256 << 20
	maxErrorBytes  = 64 << 10
)

// Options configures a Client.
type Options struct {
	URL       string // of the Admin API, "https://example.api.zephr.com"
	AccessKey string
	SecretKey string
	// AllowHTTP allows http for hosts other than this machine. Signatures then protect the requests,
	// and nothing protects the responses.
	AllowHTTP bool
	// Pause waits before a retry, or until ctx is done. Nil waits for the given time.
	Pause func(ctx context.Context, d time.Duration) error
	// Retrying receives each temporary error and the time until the retry. It may be nil.
	Retrying func(err error, after time.Duration)
}

// Client reads from Zephr's Admin API.
type Client struct {
	base  *url.URL
	o     Options
	http  *http.Client
	pause func(ctx context.Context, d time.Duration) error
}

// NewClient returns a client, or errs.CodeInvalidRequest with the option that is invalid.
func NewClient(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(o.URL, "/"))
	switch {
	case err != nil || base.Hostname() == "" || base.Scheme != "https" && base.Scheme != "http":
		return nil, errs.Invalid("URL", "must be an address like https://example.api.zephr.com")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errs.Invalid("URL", "must have no user, query or fragment")
	case base.Scheme == "http" && !o.AllowHTTP && !isLoopback(base.Hostname()):
		return nil, errs.Invalid("URL", "must begin with https://: http would show the personal data to the network; --allow-http allows it")
	case o.AccessKey == "" || strings.ContainsFunc(o.AccessKey, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }):
		return nil, errs.Invalid("--access-key", "must be the access key of a key pair in Zephr")
	case o.SecretKey == "":
		return nil, errs.Invalid("EGRESS_ZEPHR_SECRET_KEY", "is missing: set it to the secret key of the key pair, or name a file with --secret-file")
	}
	c := &Client{base: base, o: o, pause: o.Pause}
	if c.pause == nil {
		c.pause = wait
	}
	c.http = &http.Client{
		Timeout: requestTimeout,
		// A redirect would send the signature, and then personal data, elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// URL returns the address of the Admin API.
func (c *Client) URL() string { return c.base.String() }

// Host returns the host of the Admin API.
func (c *Client) Host() string { return c.base.Host }

// Get returns the body of a signed GET request. target is the path with the query. Get retries
// temporary errors: a broken connection, 429 and 5xx except 501, after the time that Retry-After
// names. Any other status than 200 is a *StatusError.
func (c *Client) Get(ctx context.Context, target string) ([]byte, error) {
	pause := firstPause
	for try := 1; ; try++ {
		body, err := c.send(ctx, target)
		if err == nil || ctx.Err() != nil {
			return body, errors.Join(err, context.Cause(ctx))
		}
		status, answered := errors.AsType[*StatusError](err)
		if answered && !status.temporary() || errors.Is(err, errTooLarge) || try == maxTries {
			return nil, err
		}
		after := pause
		if answered && status.retryAfter > 0 {
			after = min(status.retryAfter, maxRetryAfter)
		}
		if c.o.Retrying != nil {
			c.o.Retrying(err, after)
		}
		if err := c.pause(ctx, after); err != nil {
			return nil, err
		}
		pause = min(2*pause, maxPause)
	}
}

var errTooLarge = errors.New("the response is larger than 256 MiB; use a smaller --page-size")

func (c *Client) send(ctx context.Context, target string) ([]byte, error) {
	target = c.base.EscapedPath() + target
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.Scheme+"://"+c.base.Host+target, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("create the request: %w", err)
	}
	req.Header.Set("Authorization", authorization(c.o.AccessKey, c.o.SecretKey, target, time.Now(), rand.Text()))
	req.Header.Set("Accept", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // the address is in the message already
		}
		return nil, fmt.Errorf("GET %s from %s: %w", pathOf(target), c.base.Host, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, c.newStatusError(res, target)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBodyBytes+1))
	if err == nil && len(body) > maxBodyBytes {
		err = errTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("GET %s from %s: %w", pathOf(target), c.base.Host, err)
	}
	return body, nil
}

// pathOf returns a target without its query.
func pathOf(target string) string {
	path, _, _ := strings.Cut(target, "?")
	return path
}

// StatusError is a response with another status than 200.
type StatusError struct {
	Status int
	text   string

	retryAfter time.Duration // 0 if the response does not say
}

// Error implements error.
func (e *StatusError) Error() string { return e.text }

func (e *StatusError) temporary() bool {
	return e.Status == http.StatusTooManyRequests || e.Status >= http.StatusInternalServerError && e.Status != http.StatusNotImplemented
}

func (c *Client) newStatusError(res *http.Response, target string) *StatusError {
	e := &StatusError{Status: res.StatusCode, retryAfter: parseRetryAfter(res.Header.Get("Retry-After"), time.Now())}
	advice := ""
	switch location, err := res.Location(); {
	case err == nil:
		advice = " It redirects to " + location.Scheme + "://" + location.Host + "; redirects are not followed."
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		advice = " Check the access key, the secret key, and the clock of this machine."
	}
	e.text = fmt.Sprintf("GET %s from %s: status %d.%s%s", pathOf(target), c.base.Host, res.StatusCode, messageOf(res.Body), advice)
	return e
}

// messageOf returns what an error response says, as the end of a sentence.
func messageOf(body io.Reader) string {
	var m struct{ Message, Detail string }
	b, err := io.ReadAll(io.LimitReader(body, maxErrorBytes))
	if err != nil || json.Unmarshal(b, &m) != nil {
		return ""
	}
	text := m.Message
	if text == "" {
		text = m.Detail
	}
	const most = 300
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	if text == "" {
		return ""
	}
	return " The server says: " + strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// parseRetryAfter parses a Retry-After header in seconds or as a date. It returns 0 for neither.
func parseRetryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		return time.Duration(max(0, seconds)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
