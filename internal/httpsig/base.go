package httpsig

import (
	"errors"
	"strings"
)

// Request holds the parts of a request that a signature can cover.
type Request struct {
	Method string // "GET"
	// Origin is scheme and authority as the client uses them, in lower case and without a default
	// port: "https://egress.example.com".
	Origin string
	Target string // the request target as sent: "/v4/users?limit=1", or an absolute URL if sent to a proxy
	Path   string // percent-encoded as sent
	Query  string // as sent, without "?"
	// Header returns the values of a header field's lines, in order.
	Header func(name string) []string
}

// Reasons why a request has no signature base.
var (
	errUnknownComponent = errors.New("the signature covers a component that is not supported")
	errMissingField     = errors.New("the signature covers a header field that the request does not have")
	errUnprintable      = errors.New("the signature covers a component with bytes that are not printable ASCII")
)

// Base returns the signature base of a request (RFC 9421, section 2.5), the input of the MAC. The
// error is for logs and contains no part of the request.
func (s *Signature) Base(r Request) (string, error) {
	var b strings.Builder
	for _, name := range s.Components {
		value, err := r.component(name)
		if err != nil {
			return "", err
		}
		b.WriteString(`"` + name + `": ` + value + "\n")
	}
	b.WriteString(`"@signature-params": ` + s.params)
	return b.String(), nil
}

// component returns the value of a component.
func (r *Request) component(name string) (value string, err error) {
	scheme, authority, _ := strings.Cut(r.Origin, "://")
	switch name {
	case "@method":
		value = r.Method
	case "@target-uri":
		value = r.Target
		if strings.HasPrefix(value, "/") {
			value = r.Origin + value
		}
	case "@authority":
		value = authority
	case "@scheme":
		value = scheme
	case "@request-target":
		value = r.Target
	case "@path":
		value = r.Path
	case "@query":
		value = "?" + r.Query
	default:
		if value, err = r.field(name); err != nil {
			return "", err
		}
	}
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' { // a line feed would begin another component
			return "", errUnprintable
		}
	}
	return value, nil
}

// field returns the value of a header field: its lines without surrounding whitespace, joined by
// commas.
func (r *Request) field(name string) (string, error) {
	for i := range len(name) {
		if c := name[i]; c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return "", errUnknownComponent
		}
	}
	lines := r.Header(name)
	if name == "" || len(lines) == 0 {
		return "", errMissingField
	}
	values := make([]string, len(lines))
	for i, line := range lines {
		values[i] = strings.Trim(line, " \t")
	}
	return strings.Join(values, ", "), nil
}
