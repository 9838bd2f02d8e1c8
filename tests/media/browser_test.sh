#!/bin/sh
# A broadcast, watched in a real browser: creates a livestream with the library, publishes to it with
# FFmpeg, plays it in Chromium with hls.js, and receives the webhooks. Prints lines "ok: ..." and
# "FAILED: ...".
#
#     sh tests/media/browser_test.sh [DIR [OPTION]...]
#
# DIR: where CMake built sandbox and broadcast, by default build/g++. Options:
#     --screenshot FILE   writes a picture of the player to this PNG file
#     --key KEY           publishes with this key instead of the livestream's: the test must fail
set -eu
cd "$(dirname "$0")/../.."
build=${1-build/g++}
if [ $# != 0 ]; then shift; fi
. examples/packages.sh
. examples/sandbox.sh
browser() { has chromium || has chromium-browser || has google-chrome; }
need_media
need browser chromium chromium chromium -
install_missing
sh tests/npm.sh media
CHROMIUM=$(browser)
export CHROMIUM

sandbox=$build/sandbox
start_sandbox --media
"$build/broadcast" build/media/player.mjs "$@"
