import type { Definition } from '@/api/client';

/** The environment variable that the commands read the access key of a key pair from, as `egress export` does. */
export const accessKeyVariable = 'EGRESS_ACCESS_KEY';
/** The environment variable that the commands read the secret key of a key pair from. */
export const secretVariable = 'EGRESS_ACCESS_SECRET';

const path = '/v4/user-export-jobs';
// The shell stops with the variable's name if it is not set.
const accessKey = `"\${${accessKeyVariable}:?Set it to the access key of a key pair}"`;
const secretKey = `"\${${secretVariable}:?Set it to the secret key of a key pair}"`;

/**
 * Returns the command for a POSIX shell that starts an export with curl. It signs the request with openssl, as
 * docs/api.md describes, in a subshell, so that its variables end with it.
 */
export function curlCommand(definition: Definition, origin: string): string {
  return `(
  key=${accessKey} && secret=${secretKey} || exit
  body=${shellQuoted(JSON.stringify(definition))}
  digest="sha-256=:$(printf %s "$body" | openssl dgst -sha256 -binary | base64):"
  params="(\\"@method\\" \\"@path\\" \\"@query\\" \\"content-digest\\");created=$(date +%s);nonce=\\"$(openssl rand -hex 16)\\";keyid=\\"$key\\""
  mac=$(printf '"@method": POST\\n"@path": ${path}\\n"@query": ?\\n"content-digest": %s\\n"@signature-params": %s' "$digest" "$params" |
    openssl dgst -sha256 -hmac "$secret" -binary | base64)
  curl --silent --show-error --fail-with-body ${shellQuoted(`${origin}${path}`)} \\
    -H 'Content-Type: application/json' -H "Content-Digest: $digest" \\
    -H "Signature-Input: sig1=$params" -H "Signature: sig1=:$mac:" --data-raw "$body"
)`;
}

/** Returns the command for a POSIX shell that exports and downloads with `egress export`. */
export function egressCommand(definition: Definition, origin: string): string {
  return `${accessKeyVariable}=${accessKey} ${secretVariable}=${secretKey} \\
egress export --server ${shellQuoted(origin)} --definition /dev/stdin <<'EOF'
${JSON.stringify(definition)}
EOF`;
}

// Quotes a text for a POSIX shell, which passes on exactly this text.
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
