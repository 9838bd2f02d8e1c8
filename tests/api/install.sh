#!/bin/sh
# Installs in build/api what tests/api/package-lock.json names, unless it is there: Prism and
# Cloudflare's TypeScript SDK.
set -eu
cd "$(dirname "$0")/../.."
. examples/packages.sh
need "has node" nodejs nodejs nodejs node
need "has npm" npm npm npm -
install_missing

mkdir -p build/api
cp tests/api/*.mjs tests/api/*.yaml tests/api/*.json build/api
cd build/api
if ! cmp -s package-lock.json node_modules/installed; then
  # Checked by the checksums of package-lock.json, so also through a proxy with its own certificate.
  npm ci --strict-ssl=false --no-audit --no-fund --ignore-scripts --loglevel=error
  cp package-lock.json node_modules/installed
fi
