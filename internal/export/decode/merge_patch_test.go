package decode_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/egress-io/egress/internal/export/decode"
)

// The examples of RFC 7396, Appendix A, and what must stay byte for byte.
func TestMergePatch(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},

		{``, `{"a":1,"b":null}`, `{"a":1}`},
		{`{"z":1.0,"\u00e9":1e2,"big":12345678901234567890,"a":{"y":1.50,"x":"\/"}}`, ` { "a" : { "n" : [ 1.0 ] } , "<&>" : "<" } `,
			`{"z":1.0,"\u00e9":1e2,"big":12345678901234567890,"a":{"y":1.50,"x":"\/","n":[1.0]},"<&>":"<"}`},
		{`{"\u0061":1,"b":2}`, `{"a":3}`, `{"\u0061":3,"b":2}`},
		{`{"a":1}`, `{"b":1,"b":2}`, `{"a":1,"b":2}`},
	} {
		patch, err := decode.Parse([]byte(c[1]), "")
		if err != nil {
			t.Fatal(err)
		}
		if got := decode.MergePatch(json.RawMessage(c[0]), patch); string(got) != c[2] {
			t.Errorf("%s with %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

// FuzzMergePatch compares MergePatch with the algorithm of RFC 7396 on decoded values.
func FuzzMergePatch(f *testing.F) {
	f.Add(`{"a":{"b":[1,{}]},"c":null}`, `{"a":{"b":null,"d":{"e":null}},"\u0063":2}`)
	f.Fuzz(func(t *testing.T, target, change string) {
		patch, err := decode.Parse([]byte(change), "")
		if err != nil || !json.Valid([]byte(target)) {
			return
		}
		stored, err := decode.Compact([]byte(target))
		if err != nil {
			return
		}
		var was, changes, got any
		if json.Unmarshal(stored, &was) != nil || json.Unmarshal([]byte(change), &changes) != nil {
			return // a number that encoding/json cannot decode
		}
		merged := decode.MergePatch(stored, patch)
		if err := json.Unmarshal(merged, &got); err != nil {
			t.Fatalf("%s with %s: %s: %v", target, change, merged, err)
		}
		if want := mergeDecoded(was, changes); !reflect.DeepEqual(got, want) {
			t.Errorf("%s with %s: %s, want %v", target, change, merged, want)
		}
	})
}

func mergeDecoded(target, patch any) any {
	changes, isObject := patch.(map[string]any)
	if !isObject {
		return patch
	}
	merged, isObject := target.(map[string]any)
	if !isObject {
		merged = map[string]any{}
	}
	for name, change := range changes {
		if change == nil {
			delete(merged, name)
		} else {
			merged[name] = mergeDecoded(merged[name], change)
		}
	}
	return merged
}
