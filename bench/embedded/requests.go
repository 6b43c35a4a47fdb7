package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// The metrics of requests.
const (
	pageFirst     = "GET /v4/users, first page"
	pageNext      = "… following pages"
	pageAnywhere  = "… pages anywhere in the list"
	pageSearch    = "… first page of a search for a word"
	figuresTime   = "GET /v4/figures"
	countScan     = "count of a filter without an index (city)"
	countTimes    = "count of a filter with an index (registered in the last 7 days)"
	countEmail    = "count of a filter with an index (e-mail address)"
	countSearch   = "count of a search for a word"
	preview       = "preview of an export of all users with grants"
	previewFilter = "preview of an export with a filter without an index"
)

// How often a round sends each request.
const (
	requests  = 5
	pages     = 40
	pageLimit = 200
)

// rule is a rule of a filter.
type rule map[string]any

// definition returns the body of an export with attributes and grants. Filter may be nil.
func definition(filter rule) map[string]any {
	return map[string]any{"include": map[string]bool{"attributes": true, "grants": true}, "users": map[string]any{"filter": filter}}
}

// userCount is the response to a count.
type userCount struct {
	Users int64 `json:"users"`
}

// measureRequests sends the requests of the users page and of the export dialog. Requests that are
// repeated have other values each time.
func (r *round) measureRequests(ctx context.Context, _ *server, admin *client) error {
	if err := r.measurePages(ctx, admin); err != nil {
		return err
	}
	for i := range requests {
		city, word := cities[i], lastNames[i]
		week := r.data.day.AddDate(0, 0, -7-i).Format(time.DateOnly)
		byCity := rule{"field": "attributes.city", "operator": "is", "value": city}
		var found userCount
		for _, q := range []struct {
			metric, method, path string
			body                 any
		}{
			{figuresTime, http.MethodGet, "/v4/figures", nil},
			{pageSearch, http.MethodGet, "/v4/users?search=" + url.QueryEscape(word), nil},
			{countScan, http.MethodPost, "/v4/user-counts", map[string]any{"filter": byCity}},
			{countTimes, http.MethodPost, "/v4/user-counts", map[string]any{"filter": rule{"field": "registered", "operator": "between", "from": week}}},
			{countEmail, http.MethodPost, "/v4/user-counts", map[string]any{
				"filter": rule{"field": "identifiers.email_address", "operator": "is", "value": emailOf(r.data.ids[i%len(r.data.ids)])},
			}},
			{countSearch, http.MethodPost, "/v4/user-counts", map[string]any{"search": word}},
			{preview, http.MethodPost, "/v4/user-export-previews", definition(nil)},
			{previewFilter, http.MethodPost, "/v4/user-export-previews", definition(byCity)},
		} {
			var out any
			if q.path == "/v4/user-counts" {
				out = &found
			}
			took, err := admin.call(ctx, q.method, q.path, q.body, out)
			if err != nil {
				return err
			}
			r.addTime(q.metric, took)
			if out != nil && (found.Users == 0 || found.Users == int64(r.data.users)) && r.data.users >= 10_000 {
				return fmt.Errorf("%s: %d users match %v", q.metric, found.Users, q.body)
			}
		}
	}
	return nil
}

// measurePages reads pages from the start of the list on, and pages that begin after a known user.
func (r *round) measurePages(ctx context.Context, admin *client) error {
	cursor := ""
	for i := range pages {
		next, took, err := readPage(ctx, admin, cursor)
		if err != nil {
			return err
		}
		if i == 0 {
			r.addTime(pageFirst, took)
		} else {
			r.addTime(pageNext, took)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	for i := range pages {
		id := r.data.ids[i*len(r.data.ids)/pages]
		// As browse.pageCursor: "after this id". Clients must not build cursors, but walking to the
		// middle of a long list takes longer than the measurement.
		_, took, err := readPage(ctx, admin, base64.RawURLEncoding.EncodeToString([]byte("a"+id)))
		if err != nil {
			return err
		}
		r.addTime(pageAnywhere, took)
	}
	return nil
}

// readPage reads one page, and returns the cursor of the next one.
func readPage(ctx context.Context, admin *client, cursor string) (next string, took time.Duration, err error) {
	var page struct {
		Results []json.RawMessage `json:"results"`
		Next    *string           `json:"next"`
	}
	took, err = admin.call(ctx, http.MethodGet, fmt.Sprintf("/v4/users?limit=%d&cursor=%s", pageLimit, cursor), nil, &page)
	if err == nil && cursor == "" && len(page.Results) == 0 {
		err = fmt.Errorf("the first page is empty")
	}
	if page.Next != nil {
		next = *page.Next
	}
	return next, took, err
}

func (r *round) addTime(metric string, took time.Duration) {
	r.report.add(metric, milliseconds, took.Seconds()*1e3)
}
