package embeddedtest

import "testing"

func TestMain(m *testing.M) { Main(m) }

func TestShared(t *testing.T) {
	t.Parallel()
	first := Shared(t, Redis).Stack
	t.Run("the same parts are the same stack", func(t *testing.T) {
		if s := Shared(t, Redis); s.Stack != first || s.MongoDBURI() != "" {
			t.Error("another stack, or with MongoDB")
		}
	})
	t.Run("other parts are another stack", func(t *testing.T) {
		if s := Shared(t, S3); s.Stack == first {
			t.Error("the same stack")
		}
	})
	if len(sharedStacks.running) != 1 {
		t.Errorf("%d stacks run, though only one is in use", len(sharedStacks.running))
	}
	if own := Start(t, Redis); own == first {
		t.Error("Start returned the shared stack")
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	if Database(t) == Database(t) || Prefix(t) == Prefix(t) {
		t.Error("a name is not unique")
	}
	if n := len(Database(t)) + len("_t_") + 39; n > 63 {
		t.Errorf("a tenant's database would have a name of %d bytes", n)
	}
}
