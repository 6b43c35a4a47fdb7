#!/bin/sh
# Sends one request with HTTP Message Signatures, using openssl and curl. Prints the status, then the
# body. Follows the API document. Usage: sh rfc9421.sh URL ACCESS_KEY SECRET_KEY METHOD TARGET [BODY [SCHEME]]
set -eu
url=$1 ACCESS_KEY=$2 SECRET_KEY=$3 method=$4 target=$5 body=${6-}
# signed.sh handles the older scheme.
[ "${7-}" != BLAIZE-HMAC-SHA256 ] || exec sh "$(dirname "$0")/signed.sh" "$@"
path=${target%%\?*} query=
case $target in *\?*) query=${target#*\?} ;; esac

# This function is the one in docs/api.md.
sign() { # METHOD PATH QUERY BODY
  covered='"@method" "@path" "@query"' digest=
  lines=$(printf '"@method": %s\n"@path": %s\n"@query": ?%s' "$1" "$2" "$3")
  if [ -n "$4" ]; then
    digest="sha-256=:$(printf %s "$4" | openssl dgst -sha256 -binary | base64):"
    covered="$covered \"content-digest\""
    lines=$(printf '%s\n"content-digest": %s' "$lines" "$digest")
  fi
  params="($covered);created=$(date +%s);nonce=\"$(openssl rand -hex 16)\";keyid=\"$ACCESS_KEY\""
  mac=$(printf '%s\n"@signature-params": %s' "$lines" "$params" | openssl dgst -sha256 -hmac "$SECRET_KEY" -binary | base64)
  printf 'Signature-Input: sig1=%s\nSignature: sig1=:%s:\nContent-Digest: %s\n' "$params" "$mac" "$digest"
}

set -- --silent --show-error --max-time 60 --path-as-is --globoff --request "$method" --write-out '\n%{http_code}' --header @-
[ "$method" != HEAD ] || set -- "$@" --head
[ -z "$body" ] || set -- "$@" --header 'Content-Type:' --data-raw "$body"
answer=$(sign "$method" "$path" "$query" "$body" | curl "$@" "$url$target")
printf '%s\n%s' "$(printf %s "$answer" | tail -n 1)" "$(printf %s "$answer" | sed '$d')"
