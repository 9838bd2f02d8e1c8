#!/bin/sh
# Creates a livestream: installs missing packages, builds the example and runs it.
#
#     sh examples/run.sh           with the sandbox, a local server with RealtimeKit's API
#     sh examples/run.sh --media   with the sandbox, and broadcasts a test picture to watch
#     sh examples/run.sh --all     runs all examples with the sandbox
#     sh examples/run.sh --live    with Cloudflare and the credentials in the environment
set -eu
cd "$(dirname "$0")/.."
build=build/examples

case ${1-} in
  '' | --all | --media) ;;
  -h | --help) sed -n '2,7s/^# \{0,1\}//p' examples/run.sh && exit ;;
  --live)
    for name in CLOUDFLARE_API_TOKEN CLOUDFLARE_ACCOUNT_ID REALTIMEKIT_APP_ID; do
      if ! printenv "$name" >/dev/null; then
        echo "--live needs $name in the environment; see README.md for where to get it" >&2
        exit 1
      fi
    done
    ;;
  *) sed -n '2,7s/^# \{0,1\}//p' examples/run.sh >&2 && exit 2 ;;
esac

if ! mkdir -p $build 2>/dev/null || [ ! -w $build ]; then
  echo "$PWD/$build cannot be written: copy this directory to a place of your own" >&2
  exit 1
fi
. examples/packages.sh
need_library
if [ "${1-}" = --all ]; then
  need "has_header curl/curl.h" libcurl4-openssl-dev libcurl-devel curl curl
  need "has_header boost/beast.hpp" libboost-dev boost-devel boost boost
fi
if [ "${1-}" = --media ]; then need_media; fi
install_missing

# compile NAME [FLAG...]: compiles an example if it is outdated
compile() {
  name=$1
  shift
  if [ -x $build/$name ] && [ -z "$(find realtimekit.hpp examples -newer $build/$name)" ]; then
    return
  fi
  echo "building $name"
  $CXX -std=c++17 ${CXXFLAGS-} -I. examples/$name.cpp -o $build/$name "$@"  # the last -std counts
}

if [ "${1-}" = --media ]; then
  compile sandbox $(httplib_flags)
  compile go_live $(httplib_flags)
  . examples/sandbox.sh
  sandbox=$build/sandbox
  start_sandbox --media
  echo
  if [ -t 1 ]; then
    echo "Ctrl-C ends it. The playback URL can be opened with ffplay, mpv, VLC or Safari."
    $build/go_live
  else
    $build/go_live --seconds 10
  fi
  exit
fi

compile create_livestream $(httplib_flags)
if [ "${1-}" = --live ]; then exec $build/create_livestream; fi

compile sandbox $(httplib_flags)
if [ "${1-}" = --all ]; then
  compile mock_in_tests
  compile custom_transport_curl -lcurl
  compile many_participants -lcurl
  compile sans_io_asio -lssl -lcrypto -pthread
  compile coroutine_asio -std=c++20 -lssl -lcrypto -pthread
  compile own_operation $(httplib_flags)
fi

. examples/sandbox.sh
sandbox=$build/sandbox
start_sandbox
if [ "${1-}" = --all ]; then
  for name in mock_in_tests custom_transport_curl sans_io_asio coroutine_asio many_participants \
    own_operation; do
    echo
    echo "$name:"
    $build/$name
  done
  echo
  echo "create_livestream:"
fi
$build/create_livestream
cat <<'END'

This was the sandbox, a server on this machine: nothing was created at Cloudflare, and these
addresses lead nowhere. Next, with an account of yours (README.md says where to find the values):
  export CLOUDFLARE_API_TOKEN=... CLOUDFLARE_ACCOUNT_ID=... REALTIMEKIT_APP_ID=...
  sh examples/run.sh --live
END
