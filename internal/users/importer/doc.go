// Package importer reads users or state events from JSON files of any size and writes them to a
// tenant.
//
// # File formats
//
// The reader detects the format from the content. An item is {"user": {…}, "seq-no": 1, "grants":
// {"results": […]}}, or a bare user object, with or without a "grants" member. A file contains one
// of:
//
//   - an array of items, as GET /v3/user-export returns without paging;
//   - one or more pages, {"results": [[item, …]], "meta": …, "links": …}; "results" may also be a
//     flat array;
//   - one item per line (NDJSON).
//
// The reader accepts a UTF-8 byte-order mark and CRLF line ends. File decompresses a file whose
// name ends in ".gz".
//
// # Names
//
// Most names come from Zuora's public documentation of Zephr. "Exporting users" shows user_id,
// identifiers.email_address, email_verified, tracking_id, registered (RFC 3339),
// registration_tenant and seq-no. The Admin API reference (GET /v3/user-export) adds attributes and
// grants.results with grantId, user_id, account_id, expiry_state (pending, active, expired),
// entitlement_type (bundle, entitlement, meter, credits), entitlement_id, product_id, and
// startTime, endTime, createdAt in the form "2022-06-01 00:00:00". "Foreign keys" shows
// foreign_keys as {system: key}. Profiles are keyed by app id. Where the reference defines no name,
// Egress defines its own: identifiers.username, user_store_id, last_login, updated, account_ids,
// and extended_profiles (or profiles), inside the user or next to it. An item may also carry titles
// for ids: "stores" [{"id", "title"}], "products" [{"id", "label"}] and "accounts" [{"id" or
// "account_id", "name"}].
//
// The members of users.AdditionalMembers, such as registration_tenant, are kept as given. Unknown
// members are skipped, counted by path, and reported.
//
// # Values
//
// A time is text in any form of export.ParseInstant, or a Unix time; the unit of a Unix time is the
// one that gives a plausible year (users.ParseUnix). Attributes are coerced to the type of their
// field (users.Coerce). Text fields store arrays and objects as JSON. Any scalar may be MongoDB
// extended JSON, except inside profiles, which are stored unchanged. _id is the user id where
// user_id is missing. Options.OnError selects what an invalid value skips: the value, its user or
// the whole file.
//
// An attribute whose name is not a valid slug is matched to the field with that label. Where the
// import may extend the schema, it creates a unique slug that depends neither on the order of names
// nor on the order of files. It widens the types of fields that do not fit their values: see
// Options.ExtendSchema.
//
// # State events
//
// RunEvents reads the same formats. An item is {"time", "user_id", "kind"} with optional "eventId",
// "fromState", "toState", "grantId" and "productId". Each name may also be written in the other
// style (userId, event_id, …). An event without an id gets an id derived from its content.
//
// # Memory
//
// The importer holds one item as text and at most two batches of documents: one that it fills and
// one that it writes. Caches of ids have a fixed size. Memory therefore does not depend on the size
// of the file.
package importer
