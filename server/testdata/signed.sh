#!/bin/sh
# Sends one signed request, using openssl and curl. Prints the status, then the body. Follows the API
# document. Usage: sh signed.sh URL ACCESS_KEY SECRET_KEY METHOD TARGET [BODY [SCHEME]]
set -eu
url=$1 access_key=$2 secret_key=$3 method=$4 target=$5 body=${6-} scheme=${7-ZEPHR-HMAC-SHA256}
path=${target%%\?*} query=
case $target in *\?*) query=${target#*\?} ;; esac
[ "$scheme" = ZEPHR-HMAC-SHA256 ] || query=
timestamp=$(date +%s%3N)
nonce=$(openssl rand -hex 16)
hash=$(printf %s "$secret_key$body$path$query$method$timestamp$nonce" | openssl dgst -sha256 -r | cut -d' ' -f1)
set -- --silent --show-error --max-time 60 --path-as-is --globoff --request "$method" --write-out '\n%{http_code}' \
  --header "Authorization: $scheme $access_key:$timestamp:$nonce:$hash"
[ "$method" != HEAD ] || set -- "$@" --head
[ -z "$body" ] || set -- "$@" --header 'Content-Type:' --data-raw "$body"
answer=$(curl "$@" "$url$target")
printf '%s\n%s' "$(printf %s "$answer" | tail -n 1)" "$(printf %s "$answer" | sed '$d')"
