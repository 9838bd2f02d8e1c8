#!/bin/sh
# Copies tests/SUITE to build/SUITE and installs there what its package-lock.json names, unless it
# is there.
#
#     sh tests/npm.sh SUITE
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh
need "has node" nodejs nodejs nodejs node
need "has npm" npm npm npm -
install_missing

mkdir -p "build/$1"
cp "tests/$1"/* "build/$1"
cd "build/$1"
if ! cmp -s package-lock.json node_modules/installed; then
  # Checked by the checksums of package-lock.json, so also through a proxy with its own certificate.
  npm ci --strict-ssl=false --no-audit --no-fund --ignore-scripts --loglevel=error
  cp package-lock.json node_modules/installed
fi
