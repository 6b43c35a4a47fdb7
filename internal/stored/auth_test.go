package stored_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

// The names and the order of the fields are those of every database in use, so these texts do not
// change.
func TestAuthDocuments(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_700_000_000_000).UTC()
	on := true
	passkey := auth.Passkey{
		ID: "01K", Name: "Key", Created: at, LastUsed: at, CredentialID: []byte{1}, PublicKey: []byte{2}, AAGUID: []byte{3},
		SignCount: 1<<32 - 1, Transports: []string{"usb"}, Flags: 0xdd,
	}
	for name, c := range map[string]struct {
		document any
		want     string
	}{
		"admin": {
			stored.Admin{
				ID: "01A", Email: "a@example.com", Name: "A", Password: "p", PasswordChanged: at,
				Roles: map[string]auth.Role{"daily": auth.Owner}, GlobalRole: auth.Viewer, Created: at,
			}, `{"_id":"01A","email":"a@example.com","name":"A","password":"p","password_changed":{"$date":"2023-11-14T22:13:20Z"},"roles":{"daily":"owner"},"everywhere":"viewer","created":{"$date":"2023-11-14T22:13:20Z"}}`,
		},
		"admin without optional fields": {stored.Admin{}, `{"_id":"","email":"","name":"","password":"","created":{"$date":{"$numberLong":"-62135596800000"}}}`},
		"session": {
			stored.Session{
				ID: "h", PublicID: "01P", AdminID: "01A", Created: at, LastUsed: at, Expires: at, Address: "192.0.2.1",
				UserAgent: "B/1", SecondFactor: true, Confirmed: at,
			}, `{"_id":"h","public_id":"01P","admin_id":"01A","created":{"$date":"2023-11-14T22:13:20Z"},"seen":{"$date":"2023-11-14T22:13:20Z"},"expires":{"$date":"2023-11-14T22:13:20Z"},"address":"192.0.2.1","user_agent":"B/1","second_factor":true,"confirmed":{"$date":"2023-11-14T22:13:20Z"}}`,
		},
		"session without optional fields": {stored.Session{}, `{"_id":"","public_id":"","admin_id":"","created":{"$date":{"$numberLong":"-62135596800000"}},"seen":{"$date":{"$numberLong":"-62135596800000"}},"expires":{"$date":{"$numberLong":"-62135596800000"}},"confirmed":{"$date":{"$numberLong":"-62135596800000"}}}`},
		"invitation": {
			stored.NewInvitation(&auth.Invitation{
				ID: "01I", TokenHash: "h", Tenant: "daily", Role: auth.Owner, Email: "a@example.com", InvitedBy: "01A", Created: at, Expires: at,
			}), `{"_id":"01I","token_hash":"h","tenant":"daily","role":"owner","email":"a@example.com","invited_by":"01A","created":{"$date":"2023-11-14T22:13:20Z"},"expires":{"$date":"2023-11-14T22:13:20Z"},"key":"daily a@example.com"}`,
		},
		"claim on an invitation": {stored.InvitationClaim{ID: stored.InvitationClaimID("01I"), By: "01A", At: at}, `{"_id":"invitation:01I","by":"01A","at":{"$date":"2023-11-14T22:13:20Z"}}`},
		"password reset":         {stored.Reset{ID: "h", AdminID: "01A", Password: "p", Expires: at}, `{"_id":"h","admin_id":"01A","password":"p","expires":{"$date":"2023-11-14T22:13:20Z"}}`},
		"key pair": {
			stored.KeyPair{
				AccessKey: "K", Tenant: "daily", AdminID: "01A", Note: "n", SealedSecret: []byte{1}, Created: at, CreatedBy: "01B",
				LastUsed: at, Revoked: at, Slot: "daily:01A:1",
			}, `{"_id":"K","tenant":"daily","admin_id":"01A","note":"n","sealed":{"$binary":{"base64":"AQ==","subType":"00"}},"created":{"$date":"2023-11-14T22:13:20Z"},"created_by":"01B","last_used":{"$date":"2023-11-14T22:13:20Z"},"revoked":{"$date":"2023-11-14T22:13:20Z"},"slot":"daily:01A:1"}`,
		},
		"key pair without optional fields": {stored.KeyPair{}, `{"_id":"","tenant":"","admin_id":"","created":{"$date":{"$numberLong":"-62135596800000"}},"created_by":""}`},
		"second factors": {
			stored.Factors{
				Account: "01A", TOTP: &stored.TOTP{ID: "01T", SealedSecret: []byte{1}, Created: at},
				Passkeys: map[string]stored.Passkey{"01K": stored.NewPasskey(&passkey)}, Recovery: map[string]bool{"h": true},
			}, `{"_id":"01A","totp":{"id":"01T","sealed":{"$binary":{"base64":"AQ==","subType":"00"}},"created":{"$date":"2023-11-14T22:13:20Z"}},"passkeys":{"01K":{"name":"Key","created":{"$date":"2023-11-14T22:13:20Z"},"last_used":{"$date":"2023-11-14T22:13:20Z"},"credential_id":{"$binary":{"base64":"AQ==","subType":"00"}},"public_key":{"$binary":{"base64":"Ag==","subType":"00"}},"aaguid":{"$binary":{"base64":"Aw==","subType":"00"}},"sign_count":4294967295,"transports":["usb"],"flags":221}},"recovery":{"h":true}}`,
		},
		"second factors of nobody": {stored.Factors{}, `{"_id":""}`},
		"challenge": {
			stored.Challenge{ID: "c", Nonce: "n", Account: "01A", Purpose: "login", Session: "s", Password: "p", Data: []byte{1}, Expires: at}, `{"_id":"c","nonce":"n","account":"01A","purpose":"login","session":"s","password":"p","data":{"$binary":{"base64":"AQ==","subType":"00"}},"expires":{"$date":"2023-11-14T22:13:20Z"}}`,
		},
		"challenge without optional fields": {stored.Challenge{}, `{"_id":"","nonce":"","account":"","purpose":"","expires":{"$date":{"$numberLong":"-62135596800000"}}}`},
		"claim":                             {stored.NewFactorClaim("c", at), `{"_id":"c","expires":{"$date":"2023-11-14T22:13:20Z"}}`},
		"claim for ever":                    {stored.NewFactorClaim("c", time.Time{}), `{"_id":"c"}`},
		"tenant": {
			stored.Tenant{
				ID: "daily", Name: "Daily", Created: at, Async: &on, StateEvents: &on, Retention: 60, Legacy: true, Factor: true, RefuseZephr: true, Store: "uk",
			}, `{"_id":"daily","name":"Daily","created":{"$date":"2023-11-14T22:13:20Z"},"async_user_export":true,"state_events_export":true,"retention_seconds":60,"legacy_signatures":true,"second_factor_required":true,"refuse_zephr":true,"default_store":"uk"}`,
		},
		"tenant without settings": {stored.NewTenant(auth.Tenant{ID: "daily", Name: "Daily"}, at), `{"_id":"daily","name":"Daily","created":{"$date":"2023-11-14T22:13:20Z"}}`},
	} {
		got, err := bson.MarshalExtJSON(c.document, false, false)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v\nwant %s", name, got, err, c.want)
		}
	}
}

// MongoDB may store the use of a passkey right after its removal, without the fields that its
// creation stores.
func TestRemovedPasskey(t *testing.T) {
	t.Parallel()
	d := stored.Factors{Account: "01A", Passkeys: map[string]stored.Passkey{"01K": {SignCount: 7, LastUsed: time.UnixMilli(1)}}}
	if f := d.Factors(); f.Any() {
		t.Errorf("a removed passkey counts: %+v", f)
	}
}
