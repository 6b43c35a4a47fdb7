#!/usr/bin/env bash
# Generates all files from internal/api/openapi.yaml into the given folder. The only list of these files.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:?usage: generate.sh FOLDER}
source=internal/api/openapi.yaml
go_file=internal/api/gen/api.gen.go
ts_file=frontend/src/api/schema.d.ts

mkdir -p "$out/$(dirname "$go_file")" "$out/$(dirname "$ts_file")"

# The configuration overrides the flag -o, so this replaces its output.
config=$(mktemp)
trap 'rm -f "$config"' EXIT
sed "s|^output: .*|output: $out/$go_file|" internal/api/oapi-codegen.yaml >"$config"
go tool -modfile=tools/go.mod oapi-codegen -config "$config" "$source"

node_modules/.bin/openapi-typescript "$source" --output "$out/$ts_file" >/dev/null
