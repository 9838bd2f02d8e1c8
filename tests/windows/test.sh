#!/bin/sh
# The library on Windows, under Wine: the quick start over TLS against the sandbox, which runs on
# this system, and the live tests. Needs Debian 12 or newer, which has all of it. The last line is
# "N passed, N failed".
#
#     sh tests/windows/test.sh [OPTION]...     options for doctest, e.g. -tc='*proxy*'
set -eu
cd "$(dirname "$0")/../.."
. examples/packages.sh
build=$PWD/build/windows
cache=${XDG_CACHE_HOME:-/var/tmp}/realtimekit-windows  # what need not be made twice
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(getconf _NPROCESSORS_ONLN)}
passed=0
failed=0

mingw=x86_64-w64-mingw32
compiler="$mingw-g++-posix -std=c++17 -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion
  -Wshadow -Wmissing-field-initializers -Werror -D_WIN32_WINNT=0x0A00 -DCPPHTTPLIB_OPENSSL_SUPPORT
  -I. -Iexamples -isystem $cache/include -isystem $cache/openssl/include"
libraries="-L$cache/openssl -lssl -lcrypto -lws2_32 -lcrypt32"

wine=/usr/lib/wine/wine64
export WINEPREFIX="$build/wine" WINEDEBUG=-all
unset DISPLAY

# check NAME COMMAND...: the command succeeds; its output is shown if it does not
check() {
  name=$1
  shift
  if "$@" >"$build/log" 2>&1 </dev/null; then
    passed=$((passed + 1))
    echo "ok: $name"
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
    tail -n 40 "$build/log"
    return 1
  fi
}

# ---- Libraries. Of this system's headers the compiler sees those alone that serve all systems.

# source_of PACKAGE SUITE: unpacks what a Debian release has been built from, whichever release runs
# here. It comes from the server that apt uses anyway, which checks the signatures.
source_of() {
  apt=$cache/apt-$2
  rm -rf "${cache:?}/$1"
  mkdir -p "$apt/lists/partial" "$cache/$1"
  server=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' |
    sed -n 's/^Debian //p' | head -n 1)
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "deb-src [signed-by=$keys] $server $2 main" >"$apt/sources.list"
  options="-q -o Dir::Etc::SourceList=$apt/sources.list -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State=$apt -o Dir::Cache=$apt -o APT::Sandbox::User="
  apt-get $options update
  for version in $(apt-cache $options showsrc --only-source "$1" | sed -n 's/^Version: //p' |
    sort -Vru); do  # the newest may not be there yet
    if (cd "$apt" && apt-get $options source --download-only "$1=$version"); then break; fi
  done
  tar -C "$cache/$1" --strip-components=1 -xf "$(ls -t "$apt/$1"_*.orig.tar.?z | head -n 1)"
  rm -rf "$apt"
}

make_headers() {
  if [ -e "$cache/include.made" ]; then return; fi
  source_of cpp-httplib trixie && mkdir -p "$cache/include" &&
    cp "$cache/cpp-httplib/httplib.h" "$cache/include" &&
    cp -r /usr/include/nlohmann /usr/include/doctest "$cache/include" &&
    touch "$cache/include.made"
}

make_openssl() {  # 5 minutes on two cores
  if [ -e "$cache/openssl.made" ]; then return; fi
  source_of openssl bookworm && (
    cd "$cache/openssl" && ./Configure mingw64 --cross-compile-prefix=$mingw- no-shared no-tests \
      no-module no-engine no-legacy && make -j"$jobs" build_libs
  ) && touch "$cache/openssl.made"
}

# ---- Programs.

compile() {  # compile FILE OBJECT [FLAG]...
  file=$1
  object=$build/$2
  shift 2
  if [ -e "$object" ] &&
    [ -z "$(find realtimekit.hpp tests/*.hpp tests/live/*.hpp examples "$file" -newer "$object")" ]
  then
    return
  fi
  $compiler "$@" -c "$file" -o "$object"
}

link_program() {  # link_program NAME OBJECT...
  program=$build/$1.exe
  shift
  (cd "$build" && $mingw-g++-posix -static "$@" -o "$program" $libraries)
}

# The tests that this system does not have: files that say so in their first lines, and what stands
# between "#ifndef _WIN32" and the next "#endif".
list_left_out() {
  for file in tests/live/*_test.cpp; do
    if head -n 5 "$file" | grep -q '^// POSIX only'; then
      sed -n 's/^TEST_CASE("\(.*\)".*/\1/p' "$file"
    else
      awk -F '"' '/^#ifndef _WIN32/ { out = 1 } /^#endif/ { out = 0 }
        out && /^TEST_CASE/ { print $2 }' "$file"
    fi
  done | sed '/^in a child: /d; s/^/not on Windows: /'
}

object_of() { echo "live-$(basename "$1" .cpp).o"; }

build_live_tests() {
  objects="main.o realtimekit.o"
  check "compile tests/main.cpp" compile tests/main.cpp main.o || return
  for file in tests/live/*_test.cpp; do
    if head -n 5 "$file" | grep -q '^// POSIX only'; then continue; fi
    object=$(object_of "$file")
    if check "compile $file" compile "$file" "$object" $separate; then
      objects="$objects $object"
    fi
  done
  list_left_out
  check "link the live tests" link_program live_tests $objects \
    -lntdll -liphlpapi
}

# run_live_tests [OPTION]...: file by file, so that one that hangs or crashes is one failure
run_live_tests() {
  for file in tests/live/*_test.cpp; do
    if [ ! -e "$build/$(object_of "$file")" ]; then continue; fi
    status=0
    timeout -k 10 400 $wine "$build/live_tests.exe" -sf="*$(basename "$file")" "$@" \
      >"$build/log" 2>&1 </dev/null || status=$?
    counts=$(tr -d '\r' <"$build/log" |
      sed -n 's/^\[doctest\] test cases:.*| *\([0-9]*\) passed | *\([0-9]*\) failed.*/\1 \2/p')
    if [ -z "$counts" ]; then counts='0 1'; fi
    if [ $status != 0 ]; then tail -n 60 "$build/log"; fi
    echo "$file: ${counts% *} passed, ${counts#* } failed"
    passed=$((passed + ${counts% *}))
    failed=$((failed + ${counts#* }))
  done
}

quick_start() { timeout 60 $wine "$build/create_livestream.exe" "$@"; }

creates() { quick_start && grep -q '^playback URL  *https://' "$build/log"; }

does_not_trust() {
  if quick_start; then return 1; fi
  grep -q 'certificate' "$build/log"
}

build_quick_start() {
  check 'compile the quick start' compile examples/create_livestream.cpp create_livestream.o \
    $separate &&
    check 'link the quick start' link_program create_livestream create_livestream.o realtimekit.o &&
    check 'compile trust.cpp' compile tests/windows/trust.cpp trust.o &&
    check 'link trust.cpp' link_program trust trust.o &&
    check 'build the sandbox' $CXX -std=c++17 -I. examples/sandbox.cpp -o "$build/sandbox" \
      $(httplib_flags)
}

run_quick_start() {
  sandbox=$build/sandbox
  start_sandbox
  trap finish EXIT
  certificate=$SSL_CERT_FILE
  export SSL_CERT_FILE="Z:$certificate"
  check 'quick start: a certificate in SSL_CERT_FILE' creates || true
  unset SSL_CERT_FILE SSL_CERT_DIR
  check 'quick start: an unknown certificate is refused' does_not_trust || true
  check "quick start: the certificate is put into Windows' store" \
    $wine "$build/trust.exe" "Z:$certificate" || true
  check "quick start: a certificate in Windows' store" creates || true
  stop_sandbox
}

need_library
need "has make" make make make -
need "has perl" perl - - -
need "has xz" xz-utils - - -
need "has_header doctest/doctest.h" doctest-dev - - -
need "has $mingw-g++-posix" g++-mingw-w64-x86-64-posix - - -
need "test -x $wine" wine64 - - -
need "test -e /usr/share/keyrings/debian-archive-keyring.gpg" debian-archive-keyring - - -
install_missing


finish() {
  stop_sandbox
  /usr/lib/wine/wineserver64 -k 2>/dev/null || true  # that of $WINEPREFIX
}
. examples/sandbox.sh
mkdir -p "$build" "$cache"
separate=-DREALTIMEKIT_SEPARATE_COMPILATION
echo '#include "realtimekit.hpp"' >"$build/realtimekit.cpp"

if check 'headers: nlohmann/json, doctest, cpp-httplib' make_headers &&
  check 'OpenSSL' make_openssl &&
  check 'compile realtimekit.hpp' compile "$build/realtimekit.cpp" realtimekit.o $separate \
    -DREALTIMEKIT_IMPLEMENTATION
then
  trap finish EXIT
  if build_quick_start; then run_quick_start; fi
  if build_live_tests; then run_live_tests "$@"; fi
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
