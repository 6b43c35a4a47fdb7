package redis

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]address{
		"redis://localhost":                    {hosts: []string{"localhost:6379"}},
		"redis://localhost:7000/3":             {hosts: []string{"localhost:7000"}, db: 3},
		"redis://[::1]:7000/":                  {hosts: []string{"[::1]:7000"}},
		"redis://[::1]":                        {hosts: []string{"[::1]:6379"}},
		"redis://:p%40ss%2Fw@h":                {hosts: []string{"h:6379"}, password: "p@ss/w"},
		"redis://secret@h":                     {hosts: []string{"h:6379"}, password: "secret"},
		"rediss://u:p@h:1":                     {hosts: []string{"h:1"}, username: "u", password: "p", tls: true},
		"redis+sentinel://a,b:2/main/4":        {hosts: []string{"a:26379", "b:2"}, master: "main", db: 4},
		"rediss+cluster://u:p@a:1,b:2,[::1]:3": {hosts: []string{"a:1", "b:2", "[::1]:3"}, username: "u", password: "p", cluster: true, tls: true},
	} {
		got, err := parse(url)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", url, got, err, want)
		}
	}
	for url, reason := range map[string]string{
		"localhost:6379":                 "begins with",
		"http://secret@h":                `scheme "http"`,
		"redis+://h":                     "scheme",
		"redis+ring://h":                 "scheme",
		"redis://":                       "no host",
		"redis://a:1,b:2":                "several hosts",
		"redis://u:secret@h:port":        `"h:port"`,
		"redis://h:0":                    `"h:0"`,
		"redis://h/x":                    "not a number",
		"redis://u:secret%@h":            "%25",
		"redis://u:sec?ret@h":            "%3F",
		"redis+sentinel://secret@a,b":    "no master",
		"redis+cluster://u:secret@a:1/2": "no databases",
		"redis+cluster://u:secret@a,,b":  "no host",
	} {
		_, err := parse(url)
		if err == nil || !strings.Contains(err.Error(), reason) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want something about %s and no password", url, err, reason)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("redis+sentinel://u:p@a:1,b/main/4")
	f.Add("rediss://[::1]:7000/3")
	f.Fuzz(func(t *testing.T, url string) {
		a, err := parse(url)
		if err == nil && len(a.hosts) == 0 {
			t.Errorf("%q has no host", url)
		}
	})
}
