package stored

import (
	"strconv"
	"time"
)

// Claim is the stored form of a claim: a document whose insertion succeeds only once per id.
type Claim struct {
	ID string    `bson:"_id"` // of ClaimID
	At time.Time `bson:"at"`
}

// ClaimID returns the id of the claim of attempt n of a job.
func ClaimID(job string, n int64) string { return claimPrefix(job) + strconv.FormatInt(n, 10) }

// ClaimRange returns two ids between which lie the ids of all claims of a job, and of no other job.
func ClaimRange(job string) (after, before string) {
	after = claimPrefix(job)
	return after, after[:len(after)-1] + ";" // ';' follows ':'
}

func claimPrefix(job string) string { return "attempt:" + job + ":" }
