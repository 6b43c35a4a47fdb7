package measure

import (
	"os"
	"testing"
)

func TestMemoryAndCPUOfARunningProcess(t *testing.T) {
	t.Parallel()
	if !HasProc() {
		t.Skip("this machine has no /proc")
	}
	for _, name := range []string{Resident, Peak, Anonymous} {
		if mib, err := Memory(os.Getpid(), name); err != nil || mib <= 0 {
			t.Errorf("%s: %v MiB, %v", name, mib, err)
		}
	}
	if _, err := Memory(os.Getpid(), "VmNone"); err == nil {
		t.Error("a value that does not exist was read")
	}
	read, err := RunningCPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	used, err := CPU() // the same by another call, to the nanosecond
	if err != nil {
		t.Fatal(err)
	}
	if read > used || read < 0 {
		t.Errorf("%v CPU seconds by /proc, then %v by getrusage", read, used)
	}
}
