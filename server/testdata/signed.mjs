// Sends one signed request. Prints the status, then the body. Follows the API document. Usage:
// node signed.mjs URL ACCESS_KEY SECRET_KEY METHOD TARGET [BODY [SCHEME]]
import { createHash, randomUUID } from "node:crypto";
import { request } from "node:http";

const [url, accessKey, secretKey, method, target, body = "", scheme = "ZEPHR-HMAC-SHA256"] = process.argv.slice(2);
const [path, ...rest] = target.split("?");
const query = scheme === "ZEPHR-HMAC-SHA256" ? rest.join("?") : "";
const timestamp = String(Date.now());
const nonce = randomUUID();
const hash = createHash("sha256");
for (const part of [secretKey, body, path, query, method, timestamp, nonce]) hash.update(part, "utf8");
const { hostname, port } = new URL(url);
const headers = { Authorization: `${scheme} ${accessKey}:${timestamp}:${nonce}:${hash.digest("hex").toUpperCase()}` };
if (body) headers["Content-Length"] = Buffer.byteLength(body);
const sent = request({ hostname, port, method, path: target, headers }, (answer) => {
  const pieces = [];
  answer.on("data", (piece) => pieces.push(piece));
  answer.on("end", () => process.stdout.write(`${answer.statusCode}\n${Buffer.concat(pieces)}`));
});
sent.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
sent.end(body);
