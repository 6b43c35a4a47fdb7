package measure

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
)

// Values of Memory.
const (
	Resident  = "VmRSS"
	Peak      = "VmHWM"   // of VmRSS
	Anonymous = "RssAnon" // of VmRSS what is not a page of a file
)

// HasProc reports whether the machine shows the resources of running processes in /proc, as Linux
// does.
func HasProc() bool {
	_, err := os.Stat("/proc/self/status")
	return err == nil
}

// Memory returns a value of /proc/PID/status in MiB.
func Memory(pid int, name string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0, fmt.Errorf("/proc/%d/status has no %s", pid, name)
	}
	kib, err := strconv.ParseFloat(string(found[1]), 64)
	return kib / 1024, err
}

// ticksPerSecond is the unit of the times in /proc/PID/stat: USER_HZ, which is 100 on every
// architecture that Linux and Go share.
const ticksPerSecond = 100

// RunningCPU returns the CPU seconds of a running process so far, user and system.
func RunningCPU(pid int) (float64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second value is the name, in parentheses; it may contain spaces. utime and stime are the
	// 14th and 15th.
	values := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(values) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has only %d values after the name", pid, len(values))
	}
	user, err1 := strconv.ParseFloat(string(values[11]), 64)
	system, err2 := strconv.ParseFloat(string(values[12]), 64)
	return (user + system) / ticksPerSecond, errors.Join(err1, err2)
}
