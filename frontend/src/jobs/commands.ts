import type { Definition } from '@/api/client';

const accessKey = 'YOUR_ACCESS_KEY';
const secretKey = 'YOUR_SECRET_KEY';
const path = '/v4/user-export-jobs';

/** Quotes a text for a POSIX shell: the shell passes on exactly this text. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Returns the shell command that starts an export with curl. It signs the request with openssl, as
 * docs/api.md describes. The access key and the secret are placeholders.
 */
export function curlCommand(definition: Definition, origin: string): string {
  return `ACCESS_KEY=${accessKey}
SECRET_KEY=${secretKey}
body=${shellQuoted(JSON.stringify(definition))}
digest="sha-256=:$(printf %s "$body" | openssl dgst -sha256 -binary | base64):"
params="(\\"@method\\" \\"@path\\" \\"@query\\" \\"content-digest\\");created=$(date +%s);nonce=\\"$(openssl rand -hex 16)\\";keyid=\\"$ACCESS_KEY\\""
mac=$(printf '"@method": POST\\n"@path": ${path}\\n"@query": ?\\n"content-digest": %s\\n"@signature-params": %s' "$digest" "$params" | openssl dgst -sha256 -hmac "$SECRET_KEY" -binary | base64)
curl --fail-with-body ${shellQuoted(`${origin}${path}`)} \\
  -H 'Content-Type: application/json' \\
  -H "Content-Digest: $digest" \\
  -H "Signature-Input: sig1=$params" \\
  -H "Signature: sig1=:$mac:" \\
  --data-raw "$body"
`;
}

/**
 * Returns the shell command that exports and downloads with `egress export`. The access key and the
 * secret are placeholders.
 */
export function egressCommand(definition: Definition, origin: string): string {
  return `EGRESS_ACCESS_KEY=${accessKey} EGRESS_ACCESS_SECRET=${secretKey} \\
egress export --server ${shellQuoted(origin)} --definition /dev/stdin <<'EOF'
${JSON.stringify(definition)}
EOF
`;
}
