package auth

import (
	"errors"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

// unseen holds characters that must not appear in e-mail addresses and names.
var unseen = map[string]string{
	"NUL": "\x00", "tab": "\t", "line feed": "\n", "carriage return": "\r", "delete": "\x7f", "next line": "\u0085",
	"soft hyphen": "\u00ad", "grapheme joiner": "\u034f", "Arabic letter mark": "\u061c", "Hangul filler": "\u3164",
	"half-width Hangul filler": "\uffa0", "Mongolian separator": "\u180e", "zero-width space": "\u200b",
	"zero-width non-joiner": "\u200c", "zero-width joiner": "\u200d", "left-to-right mark": "\u200e",
	"right-to-left mark": "\u200f", "line separator": "\u2028", "paragraph separator": "\u2029",
	"left-to-right embedding": "\u202a", "right-to-left override": "\u202e", "word joiner": "\u2060",
	"invisible plus": "\u2064", "left-to-right isolate": "\u2066", "pop isolate": "\u2069", "Braille blank": "\u2800",
	"variation selector": "\ufe0f", "byte-order mark": "\ufeff", "replacement character": "\ufffd", "noncharacter": "\uffff",
	"private use": "\ue000", "musical null note head": "\U0001d159", "tag letter": "\U000e0061",
	"ideographic variation selector": "\U000e0100", "broken UTF-8": "\xff", "surrogate": "\xed\xa0\x80",
}

func refusedField(err error) string {
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Code == errs.CodeInvalidRequest {
		return e.Field
	}
	return ""
}

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"ada@example.com":                        "ada@example.com",
		"  Ada.Lovelace@Example.COM ":            "ada.lovelace@example.com",
		"o'neill+egress@mail.example.co.uk":      "o'neill+egress@mail.example.co.uk",
		"root@localhost":                         "root@localhost",
		"a_b-c@1.example":                        "a_b-c@1.example",
		"jos\u00e9@b\u00fccher.example":          "jos\u00e9@b\u00fccher.example",
		"jose\u0301@example.com":                 "jos\u00e9@example.com",
		strings.Repeat("a", 64) + "@example.com": strings.Repeat("a", 64) + "@example.com",
	} {
		got, err := ParseEmail("email", given)
		if got != want || err != nil {
			t.Errorf("%q: %q, %v", given, got, err)
		}
		if NormalizeEmail(given) != want {
			t.Errorf("%q is looked up as %q", given, NormalizeEmail(given))
		}
	}
	bad := map[string]string{
		"empty": "", "blank": "  ", "no at": "ada", "no name": "@example.com", "no domain": "ada@", "two at": "ada@b@example.com",
		"two addresses": "ada@example.com, bob@example.com", "a name": "Ada <ada@example.com>", "brackets": "<ada@example.com>",
		"quotes": `"ada lovelace"@example.com`, "quotes without need": `"ada"@example.com`, "a comment": "ada@example.com (Ada)",
		"a blank": "ada lovelace@example.com", "a blank in the domain": "ada@exam ple.com", "a no-break space": "ada\u00a0b@example.com",
		"an ideographic space": "ada\u3000b@example.com", "a dot first": ".ada@example.com", "two dots": "ada..b@example.com",
		"a dot last": "ada.@example.com", "an empty label": "ada@example..com", "a final dot": "ada@example.com.", "a hyphen first": "ada@-example.com",
		"a hyphen last": "ada@example-.com", "an address of a host": "ada@[127.0.0.1]", "a port": "ada@example.com:25", "an underscore in the domain": "ada@ex_ample.com",
		"markup": "ada@example.com<script>", "an encoded word": "=?utf-8?q?ada?= <a@example.com>", "a long name": strings.Repeat("a", 65) + "@example.com",
		"a long label": "ada@" + strings.Repeat("a", 64) + ".com", "too long": "ada@" + strings.Repeat("aaaaaaaaa.", 25) + "com",
		"a mailto": "mailto:ada@example.com", "a semicolon": "ada@example.com;", "a full-width at": "ada\uff20example.com",
	}
	for name, char := range unseen {
		bad[name+" in the name"] = "ad" + char + "a@example.com"
		bad[name+" in the domain"] = "ada@exam" + char + "ple.com"
	}
	for name, given := range bad {
		if got, err := ParseEmail("EMAIL", given); refusedField(err) != "EMAIL" || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"": "", "  ": "", " Ada  Lovelace ": "Ada Lovelace", "Ada\u00a0Lovelace": "Ada Lovelace", "Jose\u0301 O\u2019Neill-Smith": "Jos\u00e9 O\u2019Neill-Smith",
		"\u0645\u062d\u0645\u062f": "\u0645\u062d\u0645\u062f", "\u674e\u56db": "\u674e\u56db", "Ada \U0001f680": "Ada \U0001f680", strings.Repeat("a", maxName): strings.Repeat("a", maxName),
	} {
		if got, err := CleanName("name", given); got != want || err != nil {
			t.Errorf("%q: %q, %v", given, got, err)
		}
	}
	for name, char := range unseen {
		if got, err := CleanName("name", "Ada"+char+"Lovelace"); refusedField(err) != "name" || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := CleanName("name", strings.Repeat("a", maxName+1)); refusedField(err) != "name" {
		t.Errorf("too long: %v", err)
	}
}

// Every way to create an admin validates the e-mail address and the name.
func TestAdminTextsAreValidated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const hidden = "mallory\u202e@example.com"
	if _, _, err := b.Invite(t.Context(), "orion", hidden, Viewer, "01A"); refusedField(err) != "email" {
		t.Errorf("invited: %v", err)
	}
	if err := AddAdmin(t.Context(), b.store, hidden, testPassword, Admin{GlobalRole: Viewer}); refusedField(err) != "email" {
		t.Errorf("added: %v", err)
	}
	if _, err := EnsureFirstAdmin(t.Context(), newMemoryStore(), hidden, testPassword); refusedField(err) != "email" {
		t.Errorf("the first: %v", err)
	}
	_, token, err := b.Invite(t.Context(), "orion", "noor@example.com", Viewer, "01A")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := b.AcceptInvitation(t.Context(), token, "Noor\u200b", attemptFrom("192.0.2.1", strongPassword)); refusedField(err) != "name" {
		t.Errorf("accepted: %v", err)
	}
	if admin, _, _, err := b.AcceptInvitation(t.Context(), token, " Noor  Haddad ", attemptFrom("192.0.2.1", strongPassword)); err != nil || admin.Name != "Noor Haddad" {
		t.Errorf("accepted: %+v, %v", admin, err)
	}
}
