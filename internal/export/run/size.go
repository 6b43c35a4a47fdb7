package run

import "github.com/egress-io/egress/internal/export"

// Parts grow by firstPart every partStep parts.
const (
	firstPart = 8 << 20
	partStep  = 1000
)

// PartSize returns the size in bytes at which part n (from 1) is cut, after the user that reaches it: 8 MiB for parts 1 to
// 1,000, 16 MiB for the next thousand, and so on to 80 MiB. MaxParts of them hold 440,000 MiB (461 GB), which is the
// largest file.
func PartSize(n int) int { return firstPart * (1 + (n-1)/partStep) }

func errTooLarge() error {
	return export.Errorf(export.CodeFileTooLarge,
		"The file would be larger than the storage can hold. Narrow the export down with a filter.")
}
