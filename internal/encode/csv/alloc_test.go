package csv

import "testing"

// Append does not allocate in the steady state. The race detector allocates, so this test does not
// run with it.
func TestAppendDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		return
	}
	docs := makeUsers(t, 512, 3)
	for _, o := range []Options{testOptions(allGroups), testOptions(spreadsheet(allGroups))} {
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
			filled = e.FillNames(filled[:0], dst, 0, len(dst))
		}
		pass()
		ids := e.UnknownAccounts()
		e.SetNames(ids, accountNames(ids))
		if n := testing.AllocsPerRun(10, pass); n != 0 {
			t.Errorf("%v allocations for %d users, want none", n, len(docs))
		}
	}
}
