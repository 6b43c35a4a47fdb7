const head = 8; // characters of a hash that are shown at each end
const tail = 7;

/** The command that checks a downloaded file. Two blanks, as sha256sum wants them; quotes in a name are kept. */
export function verifyCommand(name: string, sha256: string): string {
  return `echo '${`${sha256}  ${name}`.replaceAll("'", `'\\''`)}' | sha256sum --check`;
}

/** A hash short enough to be read: "9f2c1be0…6730fe4". */
export function clipped(sha256: string): string {
  return sha256.length > head + tail ? `${sha256.slice(0, head)}…${sha256.slice(-tail)}` : sha256;
}
