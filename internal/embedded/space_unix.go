//go:build linux || darwin || freebsd

package embedded

import "syscall"

// statFreeSpace returns the free space of the file system of a directory.
func statFreeSpace(dir string) (freeSpace, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return freeSpace{}, err
	}
	free := freeSpace{bytes: uint64(max(int64(s.Bavail), 0)) * uint64(s.Bsize), files: uint64(max(int64(s.Ffree), 0))}
	if s.Files == 0 { // btrfs and others allocate inodes dynamically
		free.files = ^uint64(0)
	}
	return free, nil
}
