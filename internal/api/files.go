package api

import (
	"fmt"
	"io"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/egress-io/egress/internal/export"
)

// FilesProxy forwards /<bucket>/… to the embedded storage, so that presigned links have the address of Egress itself.
// The signature in a link covers Host, path and query: they go through as they came.
type FilesProxy struct {
	bucket string
	client *fasthttp.HostClient
}

// NewFilesProxy forwards to the gateway at address ("127.0.0.1:7070").
func NewFilesProxy(bucket, address string) *FilesProxy {
	return &FilesProxy{bucket: bucket, client: &fasthttp.HostClient{
		Addr: address, StreamResponseBody: true, DisablePathNormalizing: true, NoDefaultUserAgentHeader: true,
		MaxConns: 1024,
		// Without a limit fasthttp 1.73 reads a whole body before it hands it on; above the limit it streams.
		MaxResponseBodySize: 64 << 10,
	}}
}

// What of a request reaches the storage, and what of its answer the client. Cookies are not among them.
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

// reserved are first segments of paths that a bucket must not hide.
var reserved = []string{"v3", "v4", "ws", "healthz", "readyz", "assets", "docs", "t", "login"}

func (p *FilesProxy) mount(app *fiber.App) error {
	if slices.Contains(reserved, p.bucket) {
		return fmt.Errorf("the embedded bucket cannot be called %q: that address is taken", p.bucket)
	}
	path := "/" + p.bucket + "/*"
	handlers := []fiber.Handler{named(path), p.forward}
	app.Add(fiber.MethodGet, path, handlers...)
	app.Add(fiber.MethodHead, path, handlers...)
	return nil
}

func (p *FilesProxy) forward(c *fiber.Ctx) error {
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
		return export.Wrap(export.CodeUnavailable, fmt.Errorf("forward to the storage: %w", err), "The file storage does not answer.")
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

// forwardedBody gives the storage's connection back when the client has read, or gone.
type forwardedBody struct {
	io.Reader
	resp *fasthttp.Response
}

func (b *forwardedBody) Close() error {
	err := b.resp.CloseBodyStream()
	fasthttp.ReleaseResponse(b.resp)
	return err
}
