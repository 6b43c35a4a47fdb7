package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// hostile holds values that break a CSV file, or that spreadsheets or lenient readers change.
var hostile = []string{
	`plain`, `says "hello", twice`, `"`, `""`, `,`, "line one\nline two", "line one\r\nline two", "\r", "\n", " both ends ", "\ttab",
	`=1+2`, `=HYPERLINK("http://example.com","click")`, `+44 7700 900123`, `-7 in the shade`, `@cmd`, `'quoted`, `007`, `00000000000000000000`,
	`12345678901234567890`, `3.10`, `1e5`, `0x1F`, `TRUE`, `null`, `NaN`, `1984-04-03`, `2026-11-23T08:31:28.000Z`, `{"a":1}`, `[1,2]`, `\`, `\.`, `\"`, `;`, `|`, `#`,
	"naïve café, “quoted” – done", "Zoë Łukasz Ångström", "👩‍👩‍👧‍👦 family, 🇬🇧 flag", "שלום, עולם", "مرحبا \"بالعالم\"", "\u202eright to left", "日本語、テスト", "e\u0301 ≠ é",
	"\ufeffbyte-order mark inside", "zero\u200bwidth", "line\u2028separator", "bell\a", "%00%0d%0a", "<script>alert(1)</script>", "$where", "a.b.c",
}

// guest is one user of the test with the expected cells.
type guest struct {
	item  map[string]any
	user  map[string]string // column → cell
	grant []map[string]string
}

// How many users `make test` takes; `make soak` takes a hundred thousand (EGRESS_TEST_HOSTILE).
const hostileAtLeast = 4_000

// guestAt returns user i, the same at each call. Ids ascend with i.
func guestAt(i int) guest {
	r := rand.New(rand.NewPCG(20261123, uint64(i)))
	pick := func() string { return hostile[r.IntN(len(hostile))] }
	id := fmt.Sprintf("u%08d", i)
	note := pick() + pick()
	if i%10_000 == 77 { // one cell in so many is of a megabyte
		note = strings.Repeat("1 MB, \"quoted\"\r\n", 1<<16) + pick()
	}
	zip := fmt.Sprintf("%05d", r.IntN(100_000))
	long := fmt.Sprintf("%d%010d", 1_000_000_000+r.IntN(1_000_000_000), r.IntN(1_000_000_000))
	visits := r.IntN(1 << 40)
	member := r.IntN(2) == 0
	registered := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(int64(5*365*24*time.Hour)/1e6)) * time.Millisecond)
	born := time.Date(1930+r.IntN(80), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	profile := fmt.Sprintf(`{"tastes":[%s,1.50,1e400],"deep":{"n":%s,"":null}}`, quote(pick()), long)
	key := "000" + strconv.Itoa(i) + pick()
	g := guest{
		user: map[string]string{
			"user_id": id, "user_store": "main", "identifiers.email_address": fmt.Sprintf("guest%d@example.com", i), "email_verified": strconv.FormatBool(member),
			"registered": stamp(registered), "attributes.note": note, "attributes.zip": zip, "attributes.long": long, "attributes.visits": strconv.Itoa(visits),
			"attributes.member": strconv.FormatBool(member), "attributes.born": born, "foreign_keys.crm": key, "extended_profiles.quiz.v2": profile,
		},
	}
	attributes := map[string]any{"note": note, "zip": zip, "long": json.Number(long), "visits": visits, "member": member, "born": born}
	if r.IntN(5) == 0 { // unknown
		attributes["zip"] = nil
		g.user["attributes.zip"] = ""
	}
	grants := []map[string]any{}
	for n := range r.IntN(4) {
		grantID, product := fmt.Sprintf("%s-g%d", id, n), "P"+strconv.Itoa(r.IntN(5))
		begin := registered.Add(time.Duration(r.IntN(1000)) * time.Hour)
		g.grant = append(g.grant, map[string]string{
			"grant.id": grantID, "grant.product_id": product, "grant.product": product, "grant.entitlement_type": "bundle", "grant.entitlement_id": "E1",
			"grant.expiry_state": "active", "grant.start": stamp(begin), "grant.account_id": "acc" + strconv.Itoa(i%50), "grant.account": "acc" + strconv.Itoa(i%50),
		})
		grants = append(grants, map[string]any{
			"grantId": grantID, "user_id": id, "product_id": product, "entitlement_type": "bundle", "entitlement_id": "E1", "expiry_state": "active",
			"startTime": stamp(begin), "account_id": "acc" + strconv.Itoa(i%50),
		})
	}
	g.item = map[string]any{
		"seq-no": i + 1,
		"user": map[string]any{
			"user_id": id, "user_store_id": "main", "identifiers": map[string]any{"email_address": g.user["identifiers.email_address"]}, "email_verified": member,
			"registered": stamp(registered), "attributes": attributes, "foreign_keys": map[string]any{"crm": key},
			"extended_profiles": map[string]any{"quiz.v2": json.RawMessage(profile)},
		},
		"grants": map[string]any{"results": grants},
	}
	return g
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// quote writes a JSON string without the escapes that encoding/json adds for HTML.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// rows returns the expected rows of the guest, in the order of the header.
func (g guest) rows(header []string) [][]string {
	grants := g.grant
	if len(grants) == 0 {
		grants = []map[string]string{{}}
	}
	var rows [][]string
	for _, grant := range grants {
		row := make([]string, len(header))
		for i, name := range header {
			if strings.HasPrefix(name, "grant.") {
				row[i] = grant[name]
			} else {
				row[i] = g.user[name]
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// digest hashes rows so that two readers can be compared: every cell as its length (4 bytes, big
// endian) and its UTF-8.
type digest struct {
	h    hash.Hash
	rows int
}

func (d *digest) add(row []string) {
	d.rows++
	for _, cell := range row {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(cell)))
		d.h.Write(n[:])
		io.WriteString(d.h, cell)
	}
}

func (d *digest) String() string {
	return fmt.Sprintf("%d %s", d.rows, hex.EncodeToString(d.h.Sum(nil)))
}

// Users with hostile values are imported as NDJSON and exported as CSV. Two independent CSV readers
// read each value unchanged.
func TestHostileUsersRoundTrip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	input := filepath.Join(dir, "guests.ndjson")
	n := setting(t, "EGRESS_TEST_HOSTILE", hostileAtLeast)
	rows := writeGuests(t, input, n)

	stdout, stderr, exit := runCommand(t, dir, nil, "import", input, "--create-tenant", "--tenant", "hostile")
	if exit != 0 {
		t.Fatalf("import ended with status %d\n%s%s", exit, stdout, stderr)
	}
	p := start(t, dir, nil)
	c := p.logIn()
	c.tenant = "hostile"
	j, file := c.completed(c.export(everything()).JobID, 10*time.Minute)

	if got := sha256.Sum256(file); hex.EncodeToString(got[:]) != j.Files[0].SHA256 || int64(len(file)) != j.Files[0].Bytes {
		t.Errorf("the download has %d bytes, SHA-256 %x; the receipt says %d, %s", len(file), got, j.Files[0].Bytes, j.Files[0].SHA256)
	}
	if j.Files[0].Rows != int64(rows) || len(j.Warnings) != 0 {
		t.Errorf("the receipt says %d rows, warnings %v; want %d, none", j.Files[0].Rows, j.Warnings, rows)
	}
	header, read := readWithGo(t, file)
	// Go's reader turns CR LF within a cell into LF (its documentation says so); everything else it
	// leaves alone.
	want, wantOfGo := digestsOfGuests(n, header)
	if read != wantOfGo {
		t.Errorf("Go reads %s, want %s", read, wantOfGo)
	}
	saved := filepath.Join(dir, "users.csv")
	if err := os.WriteFile(saved, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "node", "testdata/csv-digest.mjs", saved).CombinedOutput()
	if err != nil {
		t.Fatalf("the second reader: %v (it needs the packages of package.json: npm ci)\n%s", err, out)
	}
	if read := strings.TrimSpace(string(out)); read != want {
		t.Errorf("JavaScript reads %s, want %s", read, want)
	}
}

// writeGuests writes the import file and returns how many rows the export must have: the sum over
// users of max(1, grants).
func writeGuests(t *testing.T, path string, n int) (rows int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for i := range n {
		// The users are not imported in the order in which they are exported.
		g := guestAt((i*7919 + 13) % n)
		rows += max(1, len(g.grant))
		if err := e.Encode(g.item); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// digestsOfGuests returns the digest of the users' rows, and the digest with CR LF as LF.
func digestsOfGuests(n int, header []string) (exact, lineFeeds string) {
	e, l := digest{h: sha256.New()}, digest{h: sha256.New()}
	for i := range n {
		for _, row := range guestAt(i).rows(header) {
			e.add(row)
			for k := range row {
				row[k] = strings.ReplaceAll(row[k], "\r\n", "\n")
			}
			l.add(row)
		}
	}
	return e.String(), l.String()
}

func readWithGo(t *testing.T, file []byte) (header []string, read string) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(file))
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	d := digest{h: sha256.New()}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return header, d.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		d.add(row)
	}
}
