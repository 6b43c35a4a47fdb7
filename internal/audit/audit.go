// Package audit is the vocabulary of the audit log: who did what, and who looked at whose data. It imports nothing of ours.
//
// The log is append-only for the application: there is no way to change or to remove a record. It may hold personal data
// (e-mail addresses of admins, the values of filters), and so is for owners only, and no part of the program's own log.
package audit

import (
	"context"
	"time"
)

// Kind is what happened.
type Kind string

// The kinds.
const (
	SignedIn     Kind = "signed_in"
	SignInFailed Kind = "sign_in_failed"
	SignedOut    Kind = "signed_out"

	ExportStarted   Kind = "export_started"
	ExportCancelled Kind = "export_cancelled"
	LinkGiven       Kind = "link_given"    // to a file of an export
	FileStreamed    Kind = "file_streamed" // to the one who asked for the export
	Previewed       Kind = "export_previewed"
	UsersListed     Kind = "users_listed"
	UsersExported   Kind = "users_exported" // in pages or one answer, without a job
	UserViewed      Kind = "user_viewed"

	KeyPairMade      Kind = "key_pair_made"
	KeyPairAnnotated Kind = "key_pair_annotated"
	KeyPairRevoked   Kind = "key_pair_revoked"
	FeatureSwitched  Kind = "feature_switched"
	SettingsChanged  Kind = "settings_changed"
	LogExported      Kind = "audit_log_exported"

	UserCreated   Kind = "user_created"
	UserChanged   Kind = "user_changed"
	UserDeleted   Kind = "user_deleted"
	SchemaChanged Kind = "schema_changed"

	AdminInvited    Kind = "admin_invited"
	InvitationTaken Kind = "invitation_taken"
	RoleChanged     Kind = "role_changed"
	AdminRemoved    Kind = "admin_removed"
)

// Kinds are all kinds.
var Kinds = []Kind{
	SignedIn, SignInFailed, SignedOut, ExportStarted, ExportCancelled, LinkGiven, FileStreamed, Previewed, UsersListed, UsersExported, UserViewed,
	KeyPairMade, KeyPairAnnotated, KeyPairRevoked, FeatureSwitched, SettingsChanged, LogExported,
	UserCreated, UserChanged, UserDeleted, SchemaChanged, AdminInvited, InvitationTaken, RoleChanged, AdminRemoved,
}

// Record is one line of the log.
type Record struct {
	ID        string // ULID: later records have greater ids
	Tenant    string // "" for what belongs to none: a sign-in of an account that there is not
	Kind      Kind
	Time      time.Time
	AdminID   string // "" where nobody is known
	Email     string // of that admin, as it was then
	AccessKey string // of the key pair that signed the request; "" for a session
	Address   string // that the request came from
	RequestID string // finds the request in the program's log
	Subject   string // what it was done to: the id of a job, user, key pair or feature
	Words     string // what was done, for a human: an export's definition, a setting's value
	// Once makes it one record of many that say the same: a later one with the same text is left out. "" for every one.
	Once string
}

// Query selects records. Its conditions are joined by "and".
type Query struct {
	Kinds    []Kind // none: all
	Search   string // stands in e-mail address, access key, subject or words; case is ignored
	From, To time.Time
	Before   string // only records older than the one with this id; "" for the newest
	Limit    int
}

// Log keeps records.
type Log interface {
	// Append adds records. When it returns nil they are stored, or there was one before that says the same.
	Append(ctx context.Context, records ...Record) error
	// Records returns a page of a tenant's records, newest first.
	Records(ctx context.Context, tenant string, q Query) ([]Record, error)
}
