// Package run makes the users file of one job: it reads the matching users, encodes them, stores the file in parts,
// and proves that what is stored is what was written.
//
//	prepare ──► read segments ──► encode ──► put in order ──► (compress) ──► hash, cut ──► store parts ──► complete ──► read back ──► Result
//	                                                                                          │
//	                                                                                          └─► checkpoint: a further attempt begins here
//
// Readers read segments of the order of ids, several at once, into blocks, which are encoded on every processor; one goroutine
// puts their users together and cuts the file into pieces between users; where the file is compressed, each piece becomes a member of its own, again several at once;
// one goroutine hashes them in their order and makes parts of them; a few more store the parts. The number of buffers is
// fixed, so memory does not depend on the size of the file, and a slow storage holds the readers back.
//
// Where pieces and parts are cut depends on nothing but the bytes before, and no byte of the file depends on where parts are
// cut, on which reader was faster, on when a cursor was lost, or on which attempt went on where.
//
// The bytes of a progress are those of the file that have been made. They run ahead of the storage by the part buffers at
// most, and end exact; the percentage stays below 100 until the stored file is proven.
package run
