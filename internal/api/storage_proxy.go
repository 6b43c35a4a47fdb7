package api

import (
	"fmt"
	"io"
	"slices"

	"github.com/egress-io/egress/internal/errs"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// StorageProxy forwards /<bucket>/… to the embedded storage, so that presigned URLs have the address
// of Egress. Their signatures cover host, path and query, which are forwarded unchanged.
type StorageProxy struct {
	bucket string
	client *fasthttp.HostClient
}

// NewStorageProxy returns a proxy for the gateway at address ("127.0.0.1:7070").
func NewStorageProxy(bucket, address string) *StorageProxy {
	return &StorageProxy{bucket: bucket, client: &fasthttp.HostClient{
		Addr: address, StreamResponseBody: true, DisablePathNormalizing: true, NoDefaultUserAgentHeader: true,
		MaxConns: 1024,
		// Without a limit, fasthttp 1.73 buffers the whole body. Above the limit it streams.
		MaxResponseBodySize: 64 << 10,
	}}
}

// Headers that are forwarded to the storage and back. Cookies are not forwarded.
var (
	forwardedRequestHeaders = []string{
		fiber.HeaderRange, fiber.HeaderIfRange, fiber.HeaderIfMatch, fiber.HeaderIfNoneMatch,
		fiber.HeaderIfModifiedSince, fiber.HeaderIfUnmodifiedSince,
	}
	forwardedAnswerHeaders = []string{
		fiber.HeaderContentType, fiber.HeaderContentDisposition, fiber.HeaderContentRange, fiber.HeaderAcceptRanges,
		fiber.HeaderETag, fiber.HeaderLastModified,
	}
)

// reservedNames are the first path segments of the server. A bucket must not have such a name.
var reservedNames = []string{"v3", "v4", "ws", "healthz", "readyz", "assets", "docs", "t", "login"}

func (p *StorageProxy) mount(app *fiber.App) error {
	if slices.Contains(reservedNames, p.bucket) {
		return fmt.Errorf("the embedded bucket cannot be called %q: that address is taken", p.bucket)
	}
	path := "/" + p.bucket + "/*"
	handlers := []fiber.Handler{recordRoute(path), p.forward}
	app.Add(fiber.MethodGet, path, handlers...)
	app.Add(fiber.MethodHead, path, handlers...)
	return nil
}

func (p *StorageProxy) forward(c *fiber.Ctx) error {
	in := c.Context()
	req := fasthttp.AcquireRequest()
	defer fasthttp.ReleaseRequest(req)
	req.Header.SetMethodBytes(in.Method())
	req.URI().DisablePathNormalizing = true
	req.SetRequestURIBytes(in.Request.Header.RequestURI())
	req.UseHostHeader = true
	req.Header.SetHostBytes(in.Host())
	for _, name := range forwardedRequestHeaders {
		if v := in.Request.Header.Peek(name); len(v) > 0 {
			req.Header.SetBytesV(name, v)
		}
	}

	resp := fasthttp.AcquireResponse()
	resp.SkipBody = in.IsHead()
	if err := p.client.Do(req, resp); err != nil {
		fasthttp.ReleaseResponse(resp)
		return errs.Wrap(errs.CodeUnavailable, fmt.Errorf("forward to the storage: %w", err), "The file storage does not answer.")
	}
	for _, name := range forwardedAnswerHeaders {
		if v := resp.Header.Peek(name); len(v) > 0 {
			in.Response.Header.SetBytesV(name, v)
		}
	}
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Status(resp.StatusCode())
	size := resp.Header.ContentLength()
	if in.IsHead() {
		in.Response.Header.SetContentLength(size)
		fasthttp.ReleaseResponse(resp)
		return nil
	}
	in.Response.ImmediateHeaderFlush = true
	in.Response.SetBodyStream(&forwardedBody{Reader: resp.BodyStream(), resp: resp}, size)
	return nil
}

// forwardedBody releases the connection to the storage when the body was sent or the client has
// gone.
type forwardedBody struct {
	io.Reader
	resp *fasthttp.Response
}

func (b *forwardedBody) Close() error {
	err := b.resp.CloseBodyStream()
	fasthttp.ReleaseResponse(b.resp)
	return err
}
