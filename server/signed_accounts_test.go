package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// signedAccounts calls the addresses of products, accounts and grants as a client of Zephr. want calls
// one of them and checks the status. user is the address of a user.
func signedAccounts(t *testing.T, user string, want func(status int, scheme, method, target, body string) string) {
	t.Helper()
	get := func(target string, v any) {
		t.Helper()
		if answer := want(http.StatusOK, zephr, http.MethodGet, target, ""); json.Unmarshal([]byte(answer), v) != nil {
			t.Fatalf("%s: %s", target, answer)
		}
	}
	var configuration struct {
		TenantID string `json:"tenant_id"`
	}
	if get("/v3/configuration", &configuration); configuration.TenantID != "meridian" {
		t.Errorf("%+v", configuration)
	}
	var products, accounts struct {
		Results []struct {
			ID        string `json:"id"`
			AccountID string `json:"account_id"`
			Name      string `json:"name"`
		} `json:"results"`
	}
	get("/v3/products", &products)
	want(http.StatusOK, zephr, http.MethodGet, "/v3/products/"+products.Results[0].ID, "")
	get("/v4/accounts", &accounts)
	account := accounts.Results[0]
	if get("/v3/accounts?search="+url.QueryEscape(strings.ToUpper(account.Name)), &accounts); len(accounts.Results) == 0 {
		t.Errorf("the account %q is not found", account.Name)
	}
	address := "/v3/accounts/" + account.AccountID
	want(http.StatusOK, zephr, http.MethodGet, address, "")
	want(http.StatusOK, zephr, http.MethodGet, "/v4/accounts/"+account.AccountID, "")

	_, id, _ := strings.Cut(user, "/v3/users/")
	member := address + "/users/" + id
	want(http.StatusNotFound, zephr, http.MethodGet, member, "")
	want(http.StatusCreated, zephr, http.MethodPut, member, "")
	want(http.StatusOK, zephr, http.MethodPost, member, "")
	want(http.StatusOK, zephr, http.MethodGet, member, "")
	want(http.StatusBadRequest, zephr, http.MethodPut, "/v3/accounts/none/users/"+id, "")
	want(http.StatusBadRequest, zephr, http.MethodPut, address+"/users/nobody", "")
	var members []struct {
		UserID string `json:"user_id"`
	}
	name, _ := url.PathUnescape(id)
	get(address+"/users", &members)
	found := false
	for _, m := range members {
		found = found || m.UserID == name
	}
	if !found {
		t.Errorf("%q is not among %d users", name, len(members))
	}
	want(http.StatusOK, zephr, http.MethodDelete, member, "")
	want(http.StatusNotFound, zephr, http.MethodDelete, member, "")

	want(http.StatusOK, zephr, http.MethodGet, user+"/grants?active=true", "")
	want(http.StatusNotFound, zephr, http.MethodGet, user+"/grants/none", "")
	var grants []struct {
		ID     string `json:"grantId"`
		UserID string `json:"user_id"`
	}
	if get(address+"/grants", &grants); len(grants) == 0 {
		t.Fatal("the account has no grants")
	}
	want(http.StatusOK, zephr, http.MethodGet, address+"/grants/"+grants[0].ID, "")
	want(http.StatusOK, zephr, http.MethodGet, "/v3/users/"+grants[0].UserID+"/grants/"+grants[0].ID, "")
}
