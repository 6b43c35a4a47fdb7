package csv

import "testing"

// The promise of the engine. Not under the race detector, which allocates on its own.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	if raceEnabled {
		return
	}
	docs := people(t, 512, 3)
	for _, o := range []Options{testOptions(everything), testOptions(spreadsheet(everything))} {
		e := mustNew(o)
		var dst, filled []byte
		pass := func() {
			e.Reset()
			dst = dst[:0]
			for _, doc := range docs {
				var err error
				if dst, _, err = e.Append(dst, doc); err != nil {
					t.Error(err)
				}
			}
			filled = e.Fill(filled[:0], dst, 0, len(dst))
		}
		pass()
		ids := e.Unnamed()
		e.Name(ids, accountNames(ids))
		if n := testing.AllocsPerRun(10, pass); n != 0 {
			t.Errorf("%v allocations for %d users, want none", n, len(docs))
		}
	}
}
