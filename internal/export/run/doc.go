// Package run makes the users file of one job: it reads the matching users, encodes them, stores the file in parts,
// and proves that what is stored is what was written.
//
//	prepare ──► read ──► encode ──► cut ──► hash ──► store parts ──► complete ──► read back ──► Result
//
// One goroutine reads and encodes. It fills part buffers and cuts them between users; a second one hashes the parts in
// their order; a few more store them. The number of buffers is fixed, so memory does not depend on the size of the file, and
// a slow storage holds the reader back.
//
// Where parts are cut depends on nothing but the bytes before, and no byte of the file depends on where parts are cut,
// on when a cursor was lost, or on how many users were handled at once.
//
// The bytes of a progress are those of the file that have been made. They run ahead of the storage by the part buffers at
// most, and end exact; the percentage stays below 100 until the stored file is proven.
package run
