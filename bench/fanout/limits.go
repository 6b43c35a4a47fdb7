package main

import (
	"fmt"
	"syscall"
)

// otherFiles are the files that a process opens in addition to its sockets.
const otherFiles = 500

// allowFiles raises the limit of open files of this process if necessary. The servers inherit the
// hard limit and raise their own, as every Go program does.
func allowFiles(sockets int) error {
	need := uint64(sockets + otherFiles)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("read the limit of open files: %w", err)
	}
	if limit.Cur >= need {
		return nil
	}
	if limit.Max < need {
		return fmt.Errorf("%d sockets need %d open files per process, and the hard limit is %d. Raise it (ulimit -Hn %d), or pass fewer -sockets",
			sockets, need, limit.Max, need)
	}
	limit.Cur = need
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raise the limit of open files to %d: %w", need, err)
	}
	return nil
}
