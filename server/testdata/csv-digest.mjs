// Reads a CSV file with csv-parse and prints "<rows> <sha256>" over its cells, the header left out: every cell as its length
// in bytes (4 bytes, big endian) and its UTF-8. The Go test computes the same from what the file must hold.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { parse } from "csv-parse";

const hash = createHash("sha256");
let rows = -1;
const parser = createReadStream(process.argv[2]).pipe(
  parse({ bom: false, relax_quotes: false, record_delimiter: "\r\n", max_record_size: 0 }),
);
for await (const record of parser) {
  rows++;
  if (rows === 0) continue;
  for (const cell of record) {
    const bytes = Buffer.from(cell);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
}
console.log(`${rows} ${hash.digest("hex")}`);
