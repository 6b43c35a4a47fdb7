package api

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The API reference and docs/compatibility.md contain the list of endpoints that Egress does not
// serve. EGRESS_UPDATE=1 rewrites them.
func TestNotServedIsDocumented(t *testing.T) {
	t.Parallel()
	for _, document := range []struct{ path, begin, end, want string }{
		{"openapi.yaml", "Without valid credentials they are a 401.\n\n", "servers:\n", notServedList()},
		{filepath.Join("..", "..", "docs", "compatibility.md"), "| Subject | Endpoints | Answer |\n|---|---|---|\n", "\n## ", notServedTable()},
	} {
		was, err := os.ReadFile(document.path)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, ok := strings.Cut(string(was), document.begin)
		if !ok {
			t.Errorf("%s has no section about endpoints that are not served", document.path)
			continue
		}
		tail := ""
		if at := strings.Index(rest, document.end); at >= 0 {
			tail = rest[at:]
		}
		want := head + document.begin + document.want + tail
		if want == string(was) {
			continue
		}
		if os.Getenv("EGRESS_UPDATE") == "" {
			t.Errorf("%s differs from zephr_not_served_list.go: EGRESS_UPDATE=1 go test -run TestNotServedIsDocumented ./internal/api", document.path)
			continue
		}
		if err := os.WriteFile(document.path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var (
	routeParameter = regexp.MustCompile(`:([A-Za-z_]+)`)
	citedRoute     = regexp.MustCompile(`(?:GET|POST|PUT|PATCH|DELETE) /[^ ,.]+`)
)

// notServedTable returns the rows of docs/compatibility.md.
func notServedTable() string {
	var b strings.Builder
	for _, subject := range notServed {
		b.WriteString("| " + subject.name + " | " + routesInMarkdown(subject) + " | " + reasonInMarkdown(subject) + " |\n")
	}
	return b.String()
}

// notServedList returns the list in the description of openapi.yaml.
func notServedList() string {
	var b strings.Builder
	for _, subject := range notServed {
		b.WriteString("    - **" + subject.name + "**: " + routesInMarkdown(subject) + ". " + reasonInMarkdown(subject) + "\n")
	}
	return b.String()
}

func routesInMarkdown(s notServedSubject) string {
	routes := make([]string, len(s.routes))
	for i, route := range s.routes {
		routes[i] = "`" + routeParameter.ReplaceAllString(route, "{$1}") + "`"
	}
	return strings.Join(routes, ", ")
}

func reasonInMarkdown(s notServedSubject) string {
	return citedRoute.ReplaceAllString(s.reason, "`$0`")
}
