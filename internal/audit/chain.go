package audit

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// The hash chain. The records of a tenant are numbered from 1 without gaps (Seq). Each record holds
// the hash of the previous one (Prev) and its own hash (Hash): HMAC-SHA256 over Seq, Prev and every
// other field. The HMAC key is derived from EGRESS_SECRET_KEY and is not in the database. Records
// without a tenant form their own chain.
//
//	seq 1              seq 2              seq 3
//	prev 000…    ┌───> prev a1…     ┌───> prev b2…          head: seq 3, hash c3…, authenticated
//	hash a1… ────┘     hash b2… ────┘     hash c3… <──────────────┘
//
// Someone who can write to the database but does not have the key can neither change nor renumber
// records. The head reveals that the last records were removed. It is written after the record: a
// crash between the two writes leaves a chain that is longer than its head says. That is not a
// fault, because each record is authentic by itself. The database alone cannot reveal one attack:
// removing the last records and restoring an older, authentic head. To detect it, save the head
// somewhere else (Report.End) and compare it later (Anchor).

// Genesis is Prev of the first record of a chain.
const Genesis = "0000000000000000000000000000000000000000000000000000000000000000"

// ChainKey authenticates records and heads. It is safe for concurrent use.
type ChainKey struct {
	key []byte
	id  string
}

// NewChainKey derives a ChainKey from EGRESS_SECRET_KEY.
func NewChainKey(secret []byte) (*ChainKey, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "egress: audit chain", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive the key of the audit log: %w", err)
	}
	k := &ChainKey{key: key}
	k.id = k.sum("egress audit key v1")[:16]
	return k, nil
}

// ID identifies the key without revealing it. Heads store it, so that a log written with another
// key is not reported as changed.
func (k *ChainKey) ID() string { return k.id }

// Link sets the number of r and the hash of the record before it, and returns the hash of r.
func (k *ChainKey) Link(r *Record, seq int64, prev string) string {
	r.Seq, r.Prev = seq, prev
	r.Hash = k.hash(r)
	return r.Hash
}

// Authentic reports whether Egress wrote the record with these contents.
func (k *ChainKey) Authentic(r *Record) bool {
	return hmac.Equal([]byte(r.Hash), []byte(k.hash(r)))
}

// authenticAt reports whether the record would be authentic with another number.
func (k *ChainKey) authenticAt(r Record, seq int64) bool {
	r.Seq = seq
	return k.Authentic(&r)
}

// hash covers every field except Hash.
func (k *ChainKey) hash(r *Record) string {
	return k.sum("egress audit record v1", r.Tenant, number(r.Seq), r.Prev, r.ID, string(r.Kind), number(r.Time.UnixMilli()), r.AdminID,
		r.Email, r.AccessKey, r.Address, r.RequestID, r.Subject, r.Words, r.DedupKey)
}

// Head is the stored end of a chain.
type Head struct {
	Tenant        string
	Seq           int64     // of the last record; 0 for an empty chain
	Hash          string    // of the last record; Genesis for an empty chain
	Time          time.Time // when the chain began
	RecordsBefore int64     // records of the tenant from before the chain; they are not part of it
	KeyID         string
	Mac           string
	Missing       bool // the tenant has no stored head
}

// Seal authenticates h: it sets the id of the key and the MAC.
func (k *ChainKey) Seal(h *Head) {
	h.KeyID = k.id
	h.Mac = k.mac(h)
}

// AuthenticHead reports whether Egress wrote the head with these contents.
func (k *ChainKey) AuthenticHead(h *Head) bool { return hmac.Equal([]byte(h.Mac), []byte(k.mac(h))) }

func (k *ChainKey) mac(h *Head) string {
	return k.sum("egress audit head v1", h.Tenant, number(h.Seq), h.Hash, number(h.Time.UnixMilli()), number(h.RecordsBefore), h.KeyID)
}

// sum returns an HMAC over texts. A length precedes each text, so different lists never have the
// same bytes.
func (k *ChainKey) sum(texts ...string) string {
	mac := hmac.New(sha256.New, k.key)
	var length [8]byte
	for _, text := range texts {
		binary.BigEndian.PutUint64(length[:], uint64(len(text)))
		mac.Write(length[:])
		mac.Write([]byte(text))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

func number(n int64) string { return fmt.Sprint(n) }

// The longest texts of a record, in bytes. Egress truncates longer ones: a record must fit into the
// database whatever a client sends.
const (
	maxWords = 16 << 10
	maxField = 1 << 10
)

// sanitize truncates the texts of a record, and replaces characters that a database engine would
// not return unchanged.
func (r *Record) sanitize() {
	for _, text := range []*string{&r.Tenant, &r.AdminID, &r.Email, &r.AccessKey, &r.Address, &r.RequestID, &r.Subject} {
		*text = truncate(*text, maxField)
	}
	r.Words = truncate(r.Words, maxWords)
}

func truncate(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
