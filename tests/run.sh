#!/bin/sh
# Builds the tests and runs them, after installing what is missing. The last line is "N passed, N
# failed".
#
#     sh tests/run.sh                     the tests of all that a user touches, with $CXX or g++
#     sh tests/run.sh -k WORDS            of them, those that have WORDS in their names
#     sh tests/run.sh --all [-k WORDS]    every test, also with clang++, sanitizers and valgrind
#     sh tests/run.sh --yes ...           does not ask before it installs packages
#     sh tests/run.sh --install           installs what all of them need, and no more
#
#     sh tests/run.sh --roots [SUITE]...  examples/run.sh and the first of these in a fresh Debian of
#                                         each suite (bookworm trixie sid); needs to be root
#     sh tests/run.sh --versions          the live tests and the whole matrix with other versions of
#                                         cpp-httplib, as a header, with all compilers and sanitizers
#     sh tests/run.sh --mutants [WORDS]   that the tests notice when a rule of the header is broken
#     sh tests/run.sh --speed             what the header costs those who include it
#     sh tests/run.sh --fuzz SECONDS      each target of tests/fuzz/ for so long, with sanitizers
#     sh tests/run.sh --soak [CALLS]      a million calls, or so many, over TLS with faults
#     sh tests/run.sh --bench [PART]...   what calls and decoding cost, beside the same by hand
#     sh tests/run.sh --media             broadcasts with FFmpeg and nginx, watched in Chromium
#     sh tests/run.sh --windows           quick start and live tests for Windows, under Wine
set -eu
cd "$(dirname "$0")/.."
: "${CXX:=g++}"
ask_before_install=yes
. examples/packages.sh
. tests/httplib.sh
export CXX CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(getconf _NPROCESSORS_ONLN)}"
build=$PWD/build
mkdir -p "$build"
passed=0
failed=0
failures=
words=
started=  # the processes of steps
has_mounted_proc=
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
red=
plain=
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
  red=$(printf '\033[31m')
  plain=$(printf '\033[0m')
fi

lower() { printf '%s' "$1" | tr '[:upper:]' '[:lower:]'; }

# is_chosen NAME: whether it has the words of -k
is_chosen() {
  case $(lower "$1") in *"$(lower "$words")"*) ;; *) return 1 ;; esac
}

# step NAME COMMAND...: if it is chosen
step() {
  if is_chosen "$1"; then run_step "$@"; fi
}

# run_step NAME COMMAND...: runs it, with a dot for each file that is compiled and each check. Adds
# what it has counted, or its lines "ok: ..." and "FAILED: ...", or else 1; and prints its lines
# "summary: ...".
run_step() {
  name=$1
  shift
  printf '%s ' "$name"
  log=$build/$(echo "$name" | tr ' /:' '---').log
  begin=$(date +%s)
  {
    status=0
    "$@" 2>&1 </dev/null || status=$?
    printf '\nexit status %s\n' $status
  } | while IFS= read -r line; do
    printf '%s\n' "$line" >&3
    case $line in *'Building CXX'* | 'ok: '*) printf . ;; esac
  done 3>"$log"
  status=$(sed -n '$s/^exit status //p' "$log")
  counts=$(sed -n -e 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' \
    -e 's/^\[doctest\] test cases:.*| *\([0-9]*\) passed | *\([0-9]*\) failed.*/\1 \2/p' \
    "$log" | tail -n 1)
  if [ -z "$counts" ]; then counts="$(grep -c '^ok: ' "$log") $(grep -c '^FAILED: ' "$log")"; fi
  if [ "$status $counts $words" = '0 0 0 ' ]; then counts='1 0'; fi
  good=${counts% *}
  bad=${counts#* }
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi  # it crashed, or leaks
  passed=$((passed + good))
  failed=$((failed + bad))
  echo " $good passed, $bad failed ($(($(date +%s) - begin)) s)"
  sed -n 's/^summary: /    /p' "$log"
  if [ "$status" = 0 ]; then return; fi
  tail -n 80 "$log"
  echo "${red}FAILED: $name$plain (all of its output: $log)"
  failures="$failures$(failed_tests "$name" <"$log")
"
  return 1
}

# start NAME COMMAND...: begins a step, if it is chosen, for which the tests that follow do not wait.
# They come first: it gets what they leave of the processors. `finish NAME` waits for it.
start() {
  if ! is_chosen "$1"; then return; fi
  name=$1
  shift
  nice -n 19 "$@" >"$build/$name.output" 2>&1 </dev/null &
  echo $! >"$build/$name.pid"
  started="$started $!"
}

finish() {
  if ! is_chosen "$1"; then return; fi
  status=0
  wait "$(cat "$build/$1.pid")" || status=$?
  step "$1" show "$build/$1.output" $status
}

show() { cat "$1" && return "$2"; }

# The names of what failed, from a log.
failed_tests() {
  awk -v step="$1" '
    /^TEST CASE:/ { name = substr($0, 13) }
    /: (FATAL )?ERROR: |^  name: .*CRASH/ && name != "" { print "    " step ": " name; name = ""; n++ }
    /^(FAILED|failed): / { sub(/^[A-Za-z]*: /, ""); print "    " step ": " $0; n++ }
    END { if (!n) print "    " step }'
}

# programs NAME COMPILER FLAGS PROGRAM...: builds test programs, and runs those that it has built,
# or of them the test cases that -k names
programs() {
  directory=$build/$1
  label=$1
  compiler=$2
  flags=$3
  shift 3
  chosen=
  for program; do
    suite=${program%_tests}
    case $program in
      fuzz_tests) is_chosen "$label: $program" ;;
      pure_tests | live_tests | faults_tests)
        is_chosen "$label: $program" || grep -qiF -- "$words" tests/"$suite"/*_test.cpp
        ;;
      *) is_chosen 'examples README' ;;  # which need these
    esac && chosen="$chosen $program"
  done
  if [ -n "$chosen" ]; then run_step "$label: build" build_programs $chosen || chosen=; fi
  if [ "$label" = g++ ]; then start_checks; fi
  for program in $chosen; do
    case $program in
      mock_in_tests) ;;  # an example
      *_tests)
        if [ -z "$words" ] || is_chosen "$label: $program"; then
          run_step "$label: $program" "$directory/$program" || true
        else
          run_step "$label: $program" "$directory/$program" -tc="*$words*" || true
        fi
        ;;
    esac
  done
}

build_programs() {
  cmake -S . -B "$directory" -DREALTIMEKIT_BUILD_TESTS=ON -DREALTIMEKIT_BUILD_EXAMPLES=ON \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$warnings $flags" &&
    cmake --build "$directory" --target "$@"
}

warnings='-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow'
warnings="$warnings -Wmissing-field-initializers -Werror"

# A new root directory comes without /proc, which sanitizers and some tests need.
mount_proc() {
  if [ -e /proc/self ] || ! mount -t proc proc /proc; then return; fi
  has_mounted_proc=yes
}

clean_up() {
  for process in $started; do kill "$process" 2>/dev/null || true; done
  if [ -n "$has_mounted_proc" ]; then umount /proc; fi
}

install_for_tests() {
  echo "what is missing is installed first; the output of each step is in build/"
  need_library
  need "has cmake" cmake cmake cmake cmake
  need "has make" make make make -
  need "has curl" curl curl curl -
  need "has meson" meson meson meson meson
  need "has_header doctest/doctest.h" doctest-dev doctest-devel doctest doctest
  need "has_header curl/curl.h" libcurl4-openssl-dev libcurl-devel curl curl
  need "has_header boost/beast.hpp" libboost-dev boost-devel boost boost
  need has_locales locales glibc-locale-source glibc -
}

has_locales() { [ "$(uname)" != Linux ] || [ -e /usr/share/i18n/locales/ps_AF ]; }

# What a newcomer runs. Where one rule is tried thousands of times, TESTS_QUICK makes that fewer.
quick() {
  export TESTS_QUICK=1
  mount_proc
  install_for_tests
  install_missing
  first
}

first() {
  programs g++ "$CXX" '' pure_tests fuzz_tests live_tests faults_tests sandbox create_livestream \
    create_livestream_compiled custom_transport_curl many_participants sans_io_asio \
    coroutine_asio mock_in_tests webhook_server
  finish 'compile checks' || true
  finish 'guests' || true
  step 'first run' sh tests/guests/first_run_test.sh "$build/g++" || true
  step 'examples' sh tests/examples_test.sh "$build/g++" || true
  step 'README' sh tests/readme_test.sh "$build/g++/sandbox" || true
  step 'packaging' sh tests/consumers/run.sh "$build/g++/sandbox" \
    ${TESTS_QUICK:+"CMake: install"} || true
}

media() {
  directory=$build/g++ compiler=$CXX flags=
  step 'media: build' build_programs sandbox broadcast || return 0
  step 'media: sandbox' sh tests/media/sandbox_test.sh "$directory" || true
  step 'media: browser' sh tests/media/browser_test.sh "$directory" || true
}

start_checks() {
  start 'compile checks' sh tests/compile/check.sh
  start 'guests' sh tests/guests/check.sh
}

libcxx_links() {
  printf '#include <string>\n' | clang++ -stdlib=libc++ -fsyntax-only -x c++ -
}

sanitizers_link() {
  echo 'int main() {}' | $CXX "-fsanitize=$1" -x c++ - -o /dev/null 2>/dev/null
}

need_compilers() {
  need libcxx_links libc++-dev libcxx-devel libc++ -
  need "has clang++" clang clang clang -
  need "has valgrind" valgrind valgrind valgrind -
  for sanitizer in address undefined thread; do
    need "sanitizers_link $sanitizer" - "lib$(echo $sanitizer | cut -c 1)san" - -
  done
}

address_sanitizer='-fsanitize=address,undefined -fno-sanitize-recover=all -g1'

install_for_everything() {
  install_for_tests
  need_compilers
  need "has clang-tidy" clang-tidy clang-tools-extra clang -
  need "has cppcheck" cppcheck cppcheck cppcheck cppcheck
  need "has x86_64-w64-mingw32-g++-posix" g++-mingw-w64-x86-64-posix - - -
  install_missing
}

everything() {
  mount_proc
  install_for_everything
  first
  if step 'API: build' cmake --build "$build/g++" --target api_tests sandbox; then
    step 'API' sh tests/api_test.sh "$build/g++/api_tests" || true
  fi
  media
  step 'real servers and proxies' sh tests/peers/run.sh || true
  step 'adding an operation' sh tests/recipe_test.sh || true
  step 'mutants: a sample' sh tests/mutants.sh --sample || true
  programs no-exceptions "$CXX" \
    '-DREALTIMEKIT_NO_HTTPLIB -fno-exceptions -DDOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS' \
    pure_tests
  programs json-macros "$CXX" \
    '-DJSON_DIAGNOSTICS=1 -DJSON_USE_IMPLICIT_CONVERSIONS=0 -DJSON_NOEXCEPTION' pure_tests
  step 'soak: 20,000 calls' soak 20000 || true
  programs address-sanitizer "$CXX" "$address_sanitizer" pure_tests fuzz_tests live_tests \
    faults_tests
  programs thread-sanitizer "$CXX" '-fsanitize=thread -g1' live_tests faults_tests
  programs clang++ clang++ '' pure_tests live_tests
  step 'clang++: compile checks' env CXX=clang++ sh tests/compile/check.sh || true
  if ! cargo info --help >/dev/null 2>&1; then
    echo "not checked: the newest cpp-httplib, which needs 'cargo info' (1.82 or newer)"
  elif [ -z "$words" ] && step 'cpp-httplib, newest' fetch_httplib newest; then
    export FAULTS_STEP=7
    with_version newest g++ "$CXX" '' live_tests faults_tests
    unset FAULTS_STEP
  fi
  step 'clang++: guests' env CXX=clang++ sh tests/guests/check.sh || true
  step 'Meson: build and pure tests' with_meson || true
  step 'clang-tidy, cppcheck, comments' sh tests/lint.sh || true
  # What AddressSanitizer cannot see: values that nothing was written to, and what libraries do that
  # were built without it. Tables of thousands of rows over the same code stand back, or are sampled.
  export TESTS_QUICK=1
  step 'valgrind: pure_tests but bounds' under_valgrind "$build/g++/pure_tests" \
    --source-file-exclude='*bounds_test*' || true
  tables='*framing_test*,*connect_test*,*heads_test*,*keeping_test*'
  step 'valgrind: live_tests but framing, connect, heads, keeping' under_valgrind \
    "$build/g++/live_tests" --source-file-exclude="$tables" || true
  step 'valgrind: faults_tests' under_valgrind "$build/g++/faults_tests" || true
}

# ---- Other versions of cpp-httplib. The tests are compiled without it: only the header's second
# half is compiled for each version.

# with_version VERSION LABEL COMPILER FLAGS SUITE...: runs the tests that build_programs has built
with_version() {
  version=$1
  label=$2
  compiler=$3
  flags=$4
  shift 4
  step "$label: cpp-httplib of $version: build" build_version "$@" || return 0
  for suite; do
    step "$label: cpp-httplib of $version: $suite" "$build/$label/$version-$suite" || true
  done
}

build_version() {
  for source in packaging/realtimekit.cpp "$httplib_kept/$version/httplib.cpp"; do
    if [ ! -e "$source" ]; then continue; fi  # a header that comes in one piece
    $compiler -std=c++17 $flags -DREALTIMEKIT_SEPARATE_COMPILATION -DCPPHTTPLIB_OPENSSL_SUPPORT \
      -I. -isystem "$httplib_kept/$version" -c "$source" \
      -o "$build/$label/$version-$(basename "$source").o" || return
  done
  for suite; do
    tests=$(find "$build/$label/CMakeFiles/$suite.dir/tests" \
      "$build/$label/CMakeFiles/test_main.dir" -name '*.o') &&
      $compiler $flags $tests "$build/$label/$version"-*.cpp.o -o "$build/$label/$version-$suite" \
        -lssl -lcrypto -lcurl -ldl -pthread || return
  done
}

versions() {
  mount_proc
  install_for_tests
  need_compilers
  need "test -e /usr/share/keyrings/debian-archive-keyring.gpg" debian-archive-keyring - - -
  install_missing
  for version in $httplib_versions; do
    step "cpp-httplib of $version" fetch_httplib "$version" || true
  done
  export FAULTS_STEP=1
  with_versions g++ "$CXX" ''
  with_versions clang++ clang++ ''
  with_versions address-sanitizer "$CXX" "$address_sanitizer"
  with_versions thread-sanitizer "$CXX" '-fsanitize=thread -g1'
  unset FAULTS_STEP
  for version in $httplib_versions; do
    for suite in live_tests faults_tests; do
      step "valgrind: cpp-httplib of $version: $suite" \
        under_valgrind "$build/g++/$version-$suite" || true
    done
  done
}

with_versions() {  # with_versions LABEL COMPILER FLAGS
  directory=$build/$1
  compiler=$2
  flags=$3
  step "$1: build" build_programs live_tests faults_tests || return 0
  for version in $httplib_versions; do
    if [ -e "$httplib_kept/$version" ]; then
      with_version "$version" "$1" "$2" "$3" live_tests faults_tests
    fi
  done
}

under_valgrind() {
  valgrind -q --error-exitcode=1 --leak-check=full --errors-for-leak-kinds=definite \
    --fair-sched=yes "$@"
}

with_meson() {
  if [ ! -d "$build/meson" ]; then meson setup -Dtests=true "$build/meson"; fi &&
    meson test -C "$build/meson" --print-errorlogs --suite pure
}

# soak CALLS: the server and the client are optimized, as they share the processors
soak() {
  $CXX -std=c++17 -O2 $warnings -I. -Iexamples tests/soak/soak.cpp -o "$build/soak" \
    $(httplib_flags) && "$build/soak" "$@"
}

# ---- Fuzzing. $build/fuzz/corpus-TARGET grows from run to run; what is found is beside it.

fuzzer_links() {
  echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
    clang++ -fsanitize=fuzzer,address,undefined -x c++ - -o /dev/null
}

fuzz() {  # fuzz SECONDS
  need_library
  need "has clang++" clang clang clang -
  need fuzzer_links libclang-rt-dev compiler-rt compiler-rt -
  install_missing
  mkdir -p "$build/fuzz"
  {  # the names of fields
    sed -n 's/.*field("\([A-Za-z0-9_]*\)".*/\1/p' realtimekit.hpp
    sed -n '/^ *REALTIMEKIT_FIELDS(/,/);*$/p' realtimekit.hpp | grep -o '[a-z][a-z0-9_]*'
  } | sort -u | sed 's/.*/"\\"&\\":"/' | cat - tests/fuzz/words.dict >"$build/fuzz/dict"
  while read -r target length; do
    step "fuzz: build $target" build_fuzzer "$target" || continue
    step "fuzz: $target" run_fuzzer "$target" "$length" "$1" || true
  done <tests/fuzz/targets
}

build_fuzzer() {  # build_fuzzer TARGET
  CXX=clang++
  clang++ -std=c++17 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -O1 -g1 \
    -fsanitize-coverage-ignorelist=tests/fuzz/uninteresting.txt $warnings -I. "tests/fuzz/$1.cpp" \
    -o "$build/fuzz/$1" $(httplib_flags)
}

run_fuzzer() {  # run_fuzzer TARGET LENGTH SECONDS; at most $FUZZ_RUNS runs
  mkdir -p "$build/fuzz/corpus-$1"
  "$build/fuzz/$1" -max_total_time="$3" -runs="${FUZZ_RUNS:--1}" -max_len="$2" \
    -dict="$build/fuzz/dict" -artifact_prefix="$build/fuzz/found-$1-" -rss_limit_mb=4096 \
    "$build/fuzz/corpus-$1" "tests/fuzz/corpus/$1" 2>"$build/fuzz/$1.log" ||
    { tail -n 60 "$build/fuzz/$1.log" && return 1; }
  sed -n "s/^Done /summary: $1: /p" "$build/fuzz/$1.log"
}

# ---- Debian systems with nothing but git and ca-certificates added, in directories.

roots=${XDG_CACHE_HOME:-/var/tmp}/realtimekit-roots

make_root() {
  if [ -e "$roots/$1.made" ]; then return; fi
  mkdir -p "$roots"
  rm -rf "${roots:?}/$1"
  debootstrap --variant=minbase --include=git,ca-certificates "$1" "$roots/$1" &&
    echo 'Acquire::Check-Valid-Until "false";' >"$roots/$1/etc/apt/apt.conf.d/99valid" &&
    touch "$roots/$1.made"
}

in_root() {  # in_root SUITE COMMAND...
  root=$roots/$1
  shift
  chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

in_roots() {
  need "has debootstrap" debootstrap debootstrap debootstrap -
  need "test -e /usr/share/keyrings/debian-archive-keyring.gpg" debian-archive-keyring \
    debian-keyring debian-archive-keyring -
  install_missing
  for suite; do
    step "$suite: debootstrap" make_root "$suite" || continue
    root=$roots/$suite
    rm -rf "$root/realtimekit"
    mkdir "$root/realtimekit"
    git ls-files -z --cached --others --exclude-standard |
      tar --create --null --ignore-failed-read --files-from=- | tar --extract -C "$root/realtimekit"
    step "$suite: examples/run.sh" in_root "$suite" sh /realtimekit/examples/run.sh || true
    step "$suite: tests" in_root "$suite" sh /realtimekit/tests/run.sh || true
  done
}

usage() {
  sed -n '2,/^set/s/^# \{0,1\}//p' tests/run.sh >&2
  exit 2
}

mode=--quick
while [ $# != 0 ]; do
  case $1 in
    --yes) ask_before_install= ;;
    -k)
      if [ $# = 1 ]; then usage; fi
      words=$2
      shift
      ;;
    *)
      mode=$1
      shift
      if [ "$mode" != --all ] && [ "$mode" != --quick ]; then break; fi
      continue
      ;;
  esac
  shift
done
case $mode in
  --quick) quick ;;
  --all) everything ;;
  --install)
    install_for_everything
    exit
    ;;
  --roots)
    if [ $# = 0 ]; then set -- bookworm trixie sid; fi
    in_roots "$@"
    ;;
  --versions) versions ;;
  --media)
    install_for_tests
    install_missing
    media
    ;;
  --mutants) exec sh tests/mutants.sh "$@" ;;
  --speed) exec sh tests/compile/speed.sh ;;
  --windows) exec sh tests/windows/test.sh "$@" ;;
  --bench) exec sh tests/bench/run.sh "$@" ;;
  --fuzz)
    if [ $# != 1 ]; then usage; fi
    fuzz "$1"
    ;;
  --soak)
    need_library
    install_missing
    soak "${1-1000000}"
    exit
    ;;
  *) usage ;;
esac
if [ -n "$words" ] && [ $((passed + failed)) = 0 ]; then
  echo "no test has '$words' in its name"
  failed=1
fi
if [ -n "$failures" ]; then printf '\nfailed:\n%s' "$failures"; fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
