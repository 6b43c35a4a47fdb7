// Package pipeline makes the files of one job: it reads the matching users, encodes them, stores
// the file in parts, and verifies the stored file against what it wrote.
//
//	prepare ─► read segments ─► encode blocks ─► sequence ─► (compress)
//	                                                             │
//	    Result ◄─ verify ◄─ complete ◄─ upload ◄─ assemble parts ◄┘
//	                                      │
//	                                      └─► checkpoint: the next attempt resumes here
//
// Sizes, from small to large (docs/glossary.md):
//
//   - block: the documents of some users, and later their encoded rows. Blocks are encoded in
//     parallel.
//   - chunk: consecutive CSV bytes of the file. The sequencer cuts the file into chunks between
//     users. In a compressed file each chunk becomes one compressed member (gzip) or frame (zstd);
//     otherwise each chunk is one part.
//   - part: what one UploadPart call stores, and the unit of a checkpoint.
//   - segment: a range of ids that one reader reads. Several readers read segments in parallel.
//
// One goroutine orders the blocks, one hashes the chunks and assembles parts, and a few upload the
// parts. The number of buffers is fixed, so memory does not depend on the size of the file, and a
// slow storage slows the readers down.
//
// The bytes of the file and the boundaries of chunks and parts depend only on the users. They do
// not depend on the number or speed of readers, on lost cursors, or on which attempt resumed where.
//
// Progress counts the bytes that the pipeline has produced. During a run they are ahead of the
// storage by the part buffers at most; at the end they are exact. The percentage stays below 100
// until the stored file is verified.
package pipeline
