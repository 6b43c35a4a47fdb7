package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestDiffIgnoresLineEndsAndHeader(t *testing.T) {
	t.Parallel()
	d, err := diff(
		strings.NewReader("user_id,bio\r\n1,\"a\r\nb, \"\"c\"\"\"\r\n2,\r\n"),
		strings.NewReader("_id,attributes.bio\n1,\"a\r\nb, \"\"c\"\"\"\n2,\n"), 2)
	if err != nil || d.records != 2 || d.differing != 0 {
		t.Errorf("%+v, %v", d, err)
	}
	if err := d.report(&bytes.Buffer{}, []string{"_id", "bio"}); err != nil {
		t.Error(err)
	}
}

func TestDiffReportsDifferences(t *testing.T) {
	t.Parallel()
	d, err := diff(
		strings.NewReader("user_id,bio\r\n1,x\r\n2,\"a,\nb\"\r\n3,c\r\n"),
		strings.NewReader("_id,bio\n1,x\n2,\"a,\r\nb\"\n3,c,d\n"), 2)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := d.report(&out, []string{"_id", "bio"}); !errors.Is(err, errDiffers) {
		t.Error(err)
	}
	for _, want := range []string{"2 differ", "1 of them in the number of cells", "bio: 1 values", `"\"a,\nb\"", mongoexport "\"a,\r\nb\""`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

func TestDiffRejectsFilesOfDifferentLength(t *testing.T) {
	t.Parallel()
	for _, files := range [][2]string{
		{"id\r\n1\r\n", "id\n1\n2\n"},
		{"id\r\n1\r\n2\r\n", "id\n1\n"},
		{"id\r\n1\r\n2", "id\n1\n2\n"},
		{"id\r\n1\n", "id\n1\n"},
	} {
		if _, err := diff(strings.NewReader(files[0]), strings.NewReader(files[1]), 1); err == nil {
			t.Errorf("%q and %q pass as equal", files[0], files[1])
		}
	}
}

func TestWithoutDatabase(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"mongodb://h1:1,h2:2":                          "mongodb://h1:1,h2:2/?",
		"mongodb://u:p@h/app":                          "mongodb://u:p@h/?authSource=app",
		"mongodb://u:p@h/app?replicaSet=r":             "mongodb://u:p@h/?replicaSet=r&authSource=app",
		"mongodb+srv://u:p@h/app?authSource=admin&w=1": "mongodb+srv://u:p@h/?authSource=admin&w=1",
	} {
		if got := withoutDatabase(uri); got != want {
			t.Errorf("%s becomes %s", uri, got)
		}
	}
}
