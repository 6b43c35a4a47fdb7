// Package measure is what the benchmarks of this folder share: the measurement of a process, and the
// report.
package measure

import (
	"os/exec"
	"syscall"
	"time"
)

// Usage is what a process used.
type Usage struct {
	Wall, CPU float64 // seconds; Wall includes the start of the process
	Memory    float64 // peak resident memory in MiB
}

// Run runs a command, and measures its time and memory.
func Run(cmd *exec.Cmd) (Usage, error) {
	began := time.Now()
	err := cmd.Run()
	u := Usage{Wall: time.Since(began).Seconds()}
	if err != nil {
		return u, err
	}
	u.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.Memory = peakMiB(usage)
	}
	return u, nil
}
