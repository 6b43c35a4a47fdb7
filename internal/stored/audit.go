package stored

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/audit"
)

// AuditRecord is a record of the audit log without its position. Its fields are those of
// audit.Record, in the same order.
type AuditRecord struct {
	ID        string     `bson:"_id"`
	Tenant    string     `bson:"tenant"`
	Kind      audit.Kind `bson:"kind"`
	Time      time.Time  `bson:"time"`
	AdminID   string     `bson:"admin_id,omitempty"`
	Email     string     `bson:"email,omitempty"`
	AccessKey string     `bson:"access_key,omitempty"`
	Address   string     `bson:"address,omitempty"`
	RequestID string     `bson:"request_id,omitempty"`
	Subject   string     `bson:"subject,omitempty"`
	Words     string     `bson:"words,omitempty"`
	DedupKey  string     `bson:"once,omitempty"` // sparse unique index
	Seq       int64      `bson:"seq,omitempty"`
	Prev      string     `bson:"prev,omitempty"`
	Hash      string     `bson:"hash,omitempty"`
}

// Record returns the record of a document.
func (d AuditRecord) Record() audit.Record {
	d.Time = d.Time.UTC()
	return audit.Record(d)
}

// PositionedAuditRecord is a record as it is stored: with its position in the chain, which is
// unique.
type PositionedAuditRecord struct {
	Record   AuditRecord `bson:",inline"`
	Position string      `bson:"place,omitempty"` // sparse unique index; records older than the chain have none
}

// NewAuditRecord returns the document of a record.
func NewAuditRecord(r *audit.Record) PositionedAuditRecord {
	return PositionedAuditRecord{Record: AuditRecord(*r), Position: position(r.Tenant, r.Seq)}
}

// Misplaced reports whether the position is another one than the record's tenant and number say.
func (d *PositionedAuditRecord) Misplaced() bool {
	return d.Position != position(d.Record.Tenant, d.Record.Seq)
}

func position(tenant string, seq int64) string {
	if seq == 0 {
		return ""
	}
	return AuditPosition(tenant, seq)
}

// AuditPosition returns the key of a position in a tenant's chain. Keys of one chain sort by number.
func AuditPosition(tenant string, seq int64) string { return fmt.Sprintf("%s:%019d", tenant, seq) }

// AuditPositions returns the bounds of the positions of a tenant's chain after a number: they are
// greater than after and less than end.
func AuditPositions(tenant string, seq int64) (after, end string) {
	return AuditPosition(tenant, seq), tenant + ";" // ';' follows ':'
}

// ParseAuditPosition returns the number of a position in a tenant's chain.
func ParseAuditPosition(tenant, position string) (int64, error) {
	digits, ok := strings.CutPrefix(position, tenant+":")
	seq, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || position != AuditPosition(tenant, seq) {
		return 0, errors.New("a record of the audit log has an invalid position")
	}
	return seq, nil
}

// AuditHead is the head of a tenant's chain.
type AuditHead struct {
	ID     string    `bson:"_id"` // AuditHeadID
	Tenant string    `bson:"tenant"`
	Seq    int64     `bson:"seq"`
	Hash   string    `bson:"hash"`
	Time   time.Time `bson:"time"`
	Before int64     `bson:"before"`
	KeyID  string    `bson:"key_id"`
	Mac    string    `bson:"mac"`
}

// AuditHeadID returns the id of the head of a tenant's chain.
func AuditHeadID(tenant string) string { return "chain:" + tenant }

// NewAuditHead returns the document of a head.
func NewAuditHead(h *audit.Head) AuditHead {
	return AuditHead{AuditHeadID(h.Tenant), h.Tenant, h.Seq, h.Hash, h.Time, h.RecordsBefore, h.KeyID, h.Mac}
}

// DecodeAuditHead returns the head of a tenant's chain. It returns an unsealed head for a document
// that it cannot decode or that belongs to another tenant, because Egress has not written that.
func DecodeAuditHead(doc bson.Raw, tenant string) audit.Head {
	var d AuditHead
	if bson.Unmarshal(doc, &d) != nil || d.Tenant != tenant {
		return audit.Head{Tenant: tenant}
	}
	return audit.Head{Tenant: d.Tenant, Seq: d.Seq, Hash: d.Hash, Time: d.Time.UTC(), RecordsBefore: d.Before, KeyID: d.KeyID, Mac: d.Mac}
}
