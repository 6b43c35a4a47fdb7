package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/egress-io/egress/internal/errs"

	"github.com/getkin/kin-openapi/openapi3"
)

var loadDocument = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openAPIDocument)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(openapi3.NewLoader().Context)
})

var pathParameter = regexp.MustCompile(`\\\{[^}]+\\\}`)

// pathPatterns holds the expression that each path of the document matches, compiled once: with the
// race detector, compiling is most of what a small request costs.
var pathPatterns sync.Map

// matchesPath reports whether an escaped path matches a path of the document, with any text in the
// place of each parameter.
func matchesPath(pattern, escaped string) bool {
	compiled, ok := pathPatterns.Load(pattern)
	if !ok {
		expression := "^" + pathParameter.ReplaceAllString(regexp.QuoteMeta(pattern), "[^/]+") + "$"
		compiled, _ = pathPatterns.LoadOrStore(pattern, regexp.MustCompile(expression))
	}
	return compiled.(*regexp.Regexp).MatchString(escaped)
}

// conforms checks that the document has the response's status and that the body matches its schema.
func conforms(t *testing.T, req *http.Request, a response) {
	t.Helper()
	doc, err := loadDocument()
	if err != nil {
		t.Fatalf("the document: %v", err)
	}
	for pattern, item := range doc.Paths.Map() {
		op := item.GetOperation(req.Method)
		if op == nil || !matchesPath(pattern, req.URL.EscapedPath()) {
			continue
		}
		response := op.Responses.Status(a.StatusCode)
		if response == nil {
			response = op.Responses.Default()
		}
		if response == nil {
			t.Fatalf("%s %s: the document has no status %d", req.Method, pattern, a.StatusCode)
		}
		media, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
		if len(response.Value.Content) == 0 && len(a.body) == 0 {
			return
		}
		content := response.Value.Content[media]
		if content == nil {
			t.Fatalf("%s %s: the document has no %q for status %d", req.Method, pattern, media, a.StatusCode)
		}
		if !strings.HasSuffix(media, "json") {
			return
		}
		if media == ndjson { // the schema describes one line
			for line := range bytes.Lines(a.body) {
				var v any
				if err := json.Unmarshal(line, &v); err != nil {
					t.Fatal(err)
				}
				if err := content.Schema.Value.VisitJSON(v, openapi3.MultiErrors()); err != nil {
					t.Fatalf("%s %s: %v", req.Method, pattern, err)
				}
			}
			return
		}
		var v any
		if err := json.Unmarshal(a.body, &v); err != nil {
			t.Fatal(err)
		}
		if err := content.Schema.Value.VisitJSON(v, openapi3.MultiErrors()); err != nil {
			t.Fatalf("%s %s, status %d: %v", req.Method, pattern, a.StatusCode, err)
		}
	}
}

func TestOpenAPIDocument(t *testing.T) {
	t.Parallel()
	doc, err := loadDocument()
	if err != nil {
		t.Fatal(err)
	}

	t.Run("is served unchanged", func(t *testing.T) {
		t.Parallel()
		a := setup(t).call("", "GET", "/v4/openapi.yaml", "")
		a.expect(200, "", "")
		if string(a.body) != string(openAPIDocument) {
			t.Error("the answer differs from the document")
		}
	})

	t.Run("marks exactly the public routes as public", func(t *testing.T) {
		t.Parallel()
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				key := method + " " + regexp.MustCompile(`\{([^}]+)\}`).ReplaceAllString(path, ":$1")
				open := op.Security != nil && len(*op.Security) == 0
				if public := policy[key].who == anyone; public != open {
					t.Errorf("%s: public %v, in the document %v", key, public, open)
				}
			}
		}
	})

	t.Run("names every code, and every code has a status", func(t *testing.T) {
		t.Parallel()
		named := doc.Components.Schemas["Code"].Value.Enum
		for code := range problemKinds {
			if !slices.Contains(named, any(string(code))) {
				t.Errorf("%s is not in the document", code)
			}
		}
		for _, code := range named {
			if _, ok := problemKinds[errs.Code(fmt.Sprint(code))]; !ok {
				t.Errorf("%s has no status", code)
			}
		}
	})

	t.Run("has a summary, a tag and a problem for every operation", func(t *testing.T) {
		t.Parallel()
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				if op.Summary == "" || len(op.Tags) != 1 {
					t.Errorf("%s %s: summary %q, tags %v", method, path, op.Summary, op.Tags)
				}
				for status, response := range op.Responses.Map() {
					if n, err := strconv.Atoi(status); err == nil && n >= 400 && path != "/readyz" && response.Value.Content[problemType] == nil {
						t.Errorf("%s %s: status %s is no problem document", method, path, status)
					}
				}
			}
		}
	})
}
