package run

// GCPercent is the GOGC of a process that does nothing but runs. Most of its memory are buffers that it uses again and again,
// and what becomes garbage is the replies of the database: collecting early costs next to nothing, since there is little to
// look through, and a third less memory (docs/benchmarks.md).
const GCPercent = 30
