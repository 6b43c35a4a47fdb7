/** Returns the name of a file's manifest in the storage. */
export function manifestName(file: string): string {
  return `${file}.manifest.json`;
}

const head = 8; // characters of a hash that are shown at each end
const tail = 7;

/**
 * Returns the shell command that verifies a downloaded file. sha256sum requires the two spaces.
 * Quotes are escaped.
 */
export function verifyCommand(name: string, sha256: string): string {
  return `echo '${`${sha256}  ${name}`.replaceAll("'", `'\\''`)}' | sha256sum --check`;
}

/** Shortens a hash for display: "9f2c1be0…6730fe4". */
export function shortHash(sha256: string): string {
  return sha256.length > head + tail ? `${sha256.slice(0, head)}…${sha256.slice(-tail)}` : sha256;
}
