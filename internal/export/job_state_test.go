package export

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// Every field of a job belongs to its state, except those that this test lists.
func TestJobSameState(t *testing.T) {
	t.Parallel()
	progress := []string{"Sequence", "Stalled", "Heartbeat", "Uploads", "Dirty", "Checkpoint", "Progress"}
	fields := reflect.TypeFor[Job]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		job, other := Job{ID: "j1"}, Job{ID: "j1"}
		setNonZero(t, reflect.ValueOf(&other).Elem().Field(i))
		if same := job.SameState(&other); same != slices.Contains(progress, name) {
			t.Errorf("with another %s: same state %v", name, same)
		}
	}
	phase := Job{Progress: Progress{Phase: Preparing}}
	if phase.SameState(&Job{}) {
		t.Error("with another phase: same state")
	}
}

func setNonZero(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() { //nolint:exhaustive // the others fail below
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1, 0)))
			return
		}
		if v.Type() == reflect.TypeFor[Progress]() {
			v.Set(reflect.ValueOf(Progress{Percent: 7}))
			return
		}
		for _, field := range v.Fields() {
			setNonZero(t, field)
		}
	default:
		t.Fatalf("no value of kind %s", v.Kind())
	}
}
