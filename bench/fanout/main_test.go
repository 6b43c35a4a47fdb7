package main

import (
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	f, err := parse([]string{"-loads", "1000/50,20/1", "-egress", "main.go", "-centrifuge", ""}, io.Discard)
	if want := []load{{1000, 50}, {20, 1}}; err != nil || !reflect.DeepEqual(f.loads, want) {
		t.Errorf("got %+v, %v", f.loads, err)
	}
	for args, name := range map[string]string{
		"-loads 1000":       "-loads",
		"-loads 10/x":       "-loads",
		"-loads 10/1/2":     "-loads",
		"-loads 10/1,":      "-loads",
		"-loads 10/0":       "-loads",
		"-loads 10/11":      "-loads",
		"-loads 21/1":       "-loads",
		"-loads 20001/2000": "-loads",
		"-rate 0":           "-rate",
		"-rate 21":          "-rate",
		"-duration 1h":      "-duration",
		"-runs 0":           "-runs",
		"-exports -1":       "-exports",
		"-users 0":          "-users",
		"-egress none":      "none",
		"-centrifuge none":  "none",
	} {
		var out strings.Builder
		list := append([]string{"-egress", "main.go", "-centrifuge", ""}, strings.Fields(args)...)
		if _, err := parse(list, &out); err == nil || !strings.Contains(out.String(), name) {
			t.Errorf("%s: got %v, %q", args, err, out.String())
		}
	}
}
