// Package importer reads users, or state events, from JSON files of any size and writes them to a tenant.
//
// # Forms
//
// The form is told by the content. An item is {"user": {…}, "seq-no": 1, "grants": {"results": […]}}, or the user object
// by itself, with or without "grants" inside. Files hold
//
//   - an array of items, as GET /v3/user-export answers without paging;
//   - a page, {"results": [[item, …]], "meta": …, "links": …}, or several of them one behind another ("results" may be
//     flat too);
//   - an item per line (NDJSON).
//
// A byte-order mark and CRLF are tolerated; a file whose name ends in ".gz" is decompressed.
//
// # Names
//
// Evidence for the names is in Zuora's public documentation of Zephr. "Exporting users" shows user_id,
// identifiers.email_address, email_verified, tracking_id, registered (RFC 3339), registration_tenant and seq-no;
// the Admin API reference (GET /v3/user-export) adds attributes, grants.results with grantId, user_id, account_id,
// expiry_state (pending, active, expired), entitlement_type (bundle, entitlement, meter, credits), entitlement_id,
// product_id, and startTime, endTime, createdAt in the form "2022-06-01 00:00:00"; "Foreign keys" shows foreign_keys as
// {system: key}; profiles are addressed by app id. Where the reference is silent Egress takes its own words:
// identifiers.username, user_store_id, last_login, updated, account_ids, and extended_profiles (or profiles), inside the
// user or beside it. An item may also bring titles for ids: "stores" [{"id", "title"}], "products" [{"id", "label"}] and
// "accounts" [{"id" or "account_id", "name"}].
//
// Times are RFC 3339, without a zone UTC (with T or a blank), a bare date, or milliseconds since 1970 as a number.
// Members that are not known are left out, counted by name, and reported.
//
// # State events
//
// RunEvents reads the same forms. An item is {"time", "user_id", "kind"} with, where they are known, "eventId", "fromState",
// "toState", "grantId" and "productId"; each name may be written in the other way, too (userId, event_id, …). The time is
// RFC 3339 with any offset. An event without an id gets one that is made of its content.
//
// # Memory
//
// One item is held as text, at most two batches as documents: one being filled and one being written. Sets of names
// that were seen are emptied when they are full. So memory does not depend on the file's size.
package importer
