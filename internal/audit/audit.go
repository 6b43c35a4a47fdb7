// Package audit defines the audit log: who changed what, and who accessed whose data. Of Egress it
// imports only internal/errs.
//
// The application only appends to the log: it cannot change or remove a record. Records may hold
// personal data (e-mail addresses of admins, filter values). So only owners may read them, and they
// never appear in the program's own log.
package audit

import (
	"context"
	"errors"
	"time"
)

// Kind says what happened.
type Kind string

// The kinds. Their values are stored and never change.
const (
	SignedIn        Kind = "signed_in"
	SignInFailed    Kind = "sign_in_failed"
	SignInThrottled Kind = "sign_in_throttled" // rejected before the password was checked; one record per hour
	SignedOut       Kind = "signed_out"
	// SignatureRefused summarizes rejected signed requests: one record per minute, key pair and
	// reason.
	SignatureRefused Kind = "signature_refused"

	ExportStarted   Kind = "export_started"
	ExportCancelled Kind = "export_cancelled"
	LinkGiven       Kind = "link_given"      // a presigned URL of an export's file was issued
	FileDownloaded  Kind = "file_downloaded" // a presigned URL was issued for one download
	FileStreamed    Kind = "file_streamed"   // a file was streamed to the export's requester
	ExportPreviewed Kind = "export_previewed"
	UsersCounted    Kind = "users_counted"
	UsersListed     Kind = "users_listed"
	UsersExported   Kind = "users_exported" // in pages or in one response, without a job
	UserViewed      Kind = "user_viewed"

	KeyPairMade        Kind = "key_pair_made"
	KeyPairAnnotated   Kind = "key_pair_annotated"
	KeyPairRevoked     Kind = "key_pair_revoked"
	SavedFilterCreated Kind = "saved_filter_created"
	SavedFilterChanged Kind = "saved_filter_changed"
	SavedFilterDeleted Kind = "saved_filter_deleted"

	FeatureSwitched Kind = "feature_switched"
	SettingsChanged Kind = "settings_changed"
	LogExported     Kind = "audit_log_exported"

	UserCreated   Kind = "user_created"
	UserChanged   Kind = "user_changed"
	UserDeleted   Kind = "user_deleted"
	SchemaChanged Kind = "schema_changed"

	AdminInvited        Kind = "admin_invited"
	InvitationWithdrawn Kind = "invitation_withdrawn"
	InvitationTaken     Kind = "invitation_taken"
	RoleChanged         Kind = "role_changed"
	AdminRemoved        Kind = "admin_removed"

	AccountChanged         Kind = "account_changed"
	PasswordChanged        Kind = "password_changed"
	PasswordResetRequested Kind = "password_reset_requested"
	PasswordReset          Kind = "password_reset"
	SessionsEnded          Kind = "sessions_ended"

	SecondFactorAsked   Kind = "second_factor_asked" // after the correct password
	SecondFactorAdded   Kind = "second_factor_added"
	SecondFactorRemoved Kind = "second_factor_removed"
	SecondFactorFailed  Kind = "second_factor_failed"
	RecoveryCodesMade   Kind = "recovery_codes_made"
	RecoveryCodeUsed    Kind = "recovery_code_used"
	SessionConfirmed    Kind = "session_confirmed"

	// CommandRun means that the operator ran a command that changed data. It has no admin.
	CommandRun Kind = "command_run"
)

// Kinds lists all kinds.
var Kinds = []Kind{
	SignedIn, SignInFailed, SignedOut, ExportStarted, ExportCancelled, LinkGiven, FileDownloaded, FileStreamed, ExportPreviewed, UsersListed, UsersExported, UserViewed,
	KeyPairMade, KeyPairAnnotated, KeyPairRevoked, FeatureSwitched, SettingsChanged, LogExported,
	UserCreated, UserChanged, UserDeleted, SchemaChanged, AdminInvited, InvitationWithdrawn, InvitationTaken, RoleChanged, AdminRemoved,
	AccountChanged, PasswordChanged, PasswordResetRequested, PasswordReset, SessionsEnded,
	SecondFactorAsked, SecondFactorAdded, SecondFactorRemoved, SecondFactorFailed, RecoveryCodesMade, RecoveryCodeUsed, SessionConfirmed,
	SavedFilterCreated, SavedFilterChanged, SavedFilterDeleted, SignInThrottled, SignatureRefused, UsersCounted, CommandRun,
}

// Record is one entry of the log.
type Record struct {
	ID        string // ULID; a later record has a greater id
	Tenant    string // "" if the event belongs to no tenant: a log-in with an unknown account
	Kind      Kind
	Time      time.Time
	AdminID   string // "" if unknown
	Email     string // of that admin, at the time of the event
	AccessKey string // of the key pair that signed the request; "" for a session
	Address   string // IP address of the client
	RequestID string // the request's id in the program's log
	Subject   string // the object of the action: id of a job, user, key pair or feature
	Words     string // details for people: an export's definition, a setting's value
	// DedupKey is the deduplication key: the log keeps only the first record with this key. ""
	// disables deduplication.
	DedupKey string

	Seq  int64  // number in the tenant's chain, from 1; 0 if written before the chain began
	Prev string // Hash of the previous record; Genesis in the first one
	Hash string // authenticates the record and its position, in hex
}

// Query selects records that match all of its conditions.
type Query struct {
	Kinds    []Kind // empty: all
	Search   string // substring of e-mail address, access key, subject or words; ignores case
	From, To time.Time
	Before   string // only records older than the one with this ID; "" starts at the newest
	Limit    int
}

// ErrUnknownRecord means that the tenant has no record with this id.
var ErrUnknownRecord = errors.New("the audit record does not exist")

// Log stores records.
type Log interface {
	// Append adds records to the chains of their tenants, in order. It returns nil when each record
	// is stored, or the log already holds a record with the same DedupKey. After an error some
	// records may be stored.
	Append(ctx context.Context, records ...Record) error
	// Records returns a page of a tenant's records, newest first.
	Records(ctx context.Context, tenant string, q Query) ([]Record, error)
	// Follow returns the records after the one with the id after, in chain order; records from
	// before the chain come first. "" starts at the first record. A record stored later always
	// comes later. The error is ErrUnknownRecord if the tenant has no record with this id.
	Follow(ctx context.Context, tenant, after string, limit int) ([]Record, error)
}
