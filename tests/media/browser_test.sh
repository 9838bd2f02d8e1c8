#!/bin/sh
# A broadcast, watched in a real browser: creates a livestream with the library, publishes to it with
# FFmpeg, plays it in Chromium with hls.js, and receives the webhooks. Prints lines "ok: ..." and
# "FAILED: ...".
#
#     sh tests/media/browser_test.sh [--screenshot FILE] [DIR]
#
# FILE: a PNG file for a picture of the player; DIR: where CMake built sandbox and broadcast, by
# default build/g++.
set -eu
screenshot=
if [ "${1-}" = --screenshot ]; then
  screenshot=$(realpath "$2")
  shift 2
fi
cd "$(dirname "$0")/../.."
build=$(realpath "${1-build/g++}")
PATH=$PATH:/usr/sbin:/sbin
. examples/packages.sh
. examples/sandbox.sh
has_rtmp() { ls /usr/lib*/nginx/modules/ngx_rtmp_module.so; }
has_browser() { has chromium || has chromium-browser || has google-chrome; }
need "has nginx" nginx nginx nginx nginx
need has_rtmp libnginx-mod-rtmp nginx-mod-rtmp - -
need "has ffmpeg" ffmpeg ffmpeg ffmpeg ffmpeg
need has_browser chromium chromium chromium -
install_missing
sh tests/npm.sh media

sandbox=$build/sandbox
start_sandbox --media
"$build/broadcast" build/media/player.mjs $screenshot
