package stored

import "github.com/egress-io/egress/internal/users"

// FoldingMarkID is the id of the document that records the version with which a tenant's text was
// folded.
const FoldingMarkID = "folded_text"

// FoldingMark is that document.
type FoldingMark struct {
	ID      string `bson:"_id"`
	Version string `bson:"version"`
}

// NewFoldingMark returns the mark of text that this program folded.
func NewFoldingMark() FoldingMark { return FoldingMark{FoldingMarkID, users.FoldingVersion} }
