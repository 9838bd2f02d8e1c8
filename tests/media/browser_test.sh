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
PATH=$PATH:/usr/sbin:/sbin
. examples/packages.sh
. examples/sandbox.sh
has_rtmp() { ls /usr/lib*/nginx/modules/ngx_rtmp_module.so; }
browser() { has chromium || has chromium-browser || has google-chrome; }
need "has nginx" nginx nginx nginx nginx
need has_rtmp libnginx-mod-rtmp nginx-mod-rtmp - -
need "has ffmpeg" ffmpeg ffmpeg ffmpeg ffmpeg
need browser chromium chromium chromium -
install_missing
sh tests/npm.sh media
CHROMIUM=$(browser)
export CHROMIUM

sandbox=$build/sandbox
start_sandbox --media
"$build/broadcast" build/media/player.mjs "$@"
