#!/bin/sh
# What can be known of realtimekit.hpp by compiling it: one line for each check, exit 1 if one fails.
#     CXX=clang++ sh tests/compile/check.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
header=$here/../../realtimekit.hpp
CXX=${CXX:-g++}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 1' HUP INT TERM
. "$here/../report.sh"

pkg() { pkg-config "$@" 2>/dev/null; }
httplib_cflags=$(pkg --cflags cpp-httplib) || httplib_cflags=-DCPPHTTPLIB_OPENSSL_SUPPORT
httplib_libs=$(pkg --libs cpp-httplib) || httplib_libs=
cflags=$(echo " $httplib_cflags $(pkg --cflags openssl) $(pkg --cflags nlohmann_json)" |
  sed 's/ -I */ -isystem /g')
libs="$httplib_libs $(pkg --libs openssl || echo -lssl -lcrypto) -pthread"
includes=$(echo " $cflags" | sed 's/ -D[^ ]*//g')

core=-DREALTIMEKIT_NO_HTTPLIB
separate=-DREALTIMEKIT_SEPARATE_COMPILATION
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow
  -Wmissing-field-initializers -Werror'

compile() { $CXX -std=c++17 -I"$here/../.." $cflags "$@" >"$out/log" 2>&1; }

# compiles TEXT ARGUMENTS: without errors and without a word.
compiles() {
  text=$1
  shift
  compile "$@" && [ ! -s "$out/log" ]
  report $? "$text"
}

# refused TEXT SENTENCE ARGUMENTS: with that sentence as the first error.
refused() {
  text=$1
  sentence=$2
  shift 2
  ! compile -fsyntax-only "$@" && grep 'error' "$out/log" | head -n 1 | grep -qF "$sentence"
  report $? "$text"
}

# refused_briefly: and with no other error, in ten lines.
refused_briefly() {
  refused "$@"
  [ "$(grep -c 'error:' "$out/log")" -eq 1 ] && [ "$(wc -l <"$out/log")" -le 10 ]
  report $? "$1: one error, at most ten lines"
}

runs() {
  text=$1
  shift
  "$@" >"$out/log" 2>&1
  report $? "$text"
}

echo "# $($CXX --version | head -n 1)"

# The text of the header.

sed -n 's|^//       \(>>[a-z_]*\) .*|\1|p' "$header" >"$out/contents"
sed -n 's|^// \(>>[a-z_]*\) -*$|\1|p' "$header" >"$out/marks"
diff "$out/contents" "$out/marks" >"$out/log" && [ "$(wc -l <"$out/marks")" -ge 15 ]
report $? "the table of contents and the section marks agree"

awk '/^namespace / { resource = $2 } /^struct / { name = $2 }
  /^  static constexpr Route route/ { print resource "::" name }' "$header" | sort >"$out/operations"
sed -n 's/^  X(\([^,]*\),.*/\1/p' "$here/../operations.hpp" | sort >"$out/listed"
diff "$out/operations" "$out/listed" >"$out/log" && [ -s "$out/listed" ]
report $? "every operation of the header is in tests/operations.hpp"

awk '/^struct / { name = $2; path = required = "" } / required\[\] = / { required = $0 }
  /Route::[a-z]*\("/ { path = $0 }
  path && match($0, /[a-z_]+\{.*\}; +\/\/\/< required($|[;,:])/) {
    split(substr($0, RSTART), field, "{")
    if (!index(path, "{" field[1] "}") && !index(required, "\"" field[1] "\"")) print name, field[1]
  }' "$header" >"$out/log"
[ ! -s "$out/log" ]
report $? "a parameter that is required in the body is in required[]"

grep -nE '.{101}' "$header" >"$out/log"
[ ! -s "$out/log" ]
report $? "no line is longer than 100 columns"

LC_ALL=C grep -n '[^ -~]' "$header" >"$out/log"
[ ! -s "$out/log" ]
report $? "the header is plain ASCII without tabs"

grep -n '#include' "$here"/*.cpp |
  grep -vE '"realtimekit.hpp"|/by_hand\.cpp:' >"$out/log"
[ ! -s "$out/log" ]
report $? "these checks include nothing but the header, which is complete by itself"

for mode in "$core" "" "$separate" "$separate -DREALTIMEKIT_IMPLEMENTATION"; do
  compile $mode -dM -E "$here/second.cpp"
  grep -o '^#define REALTIMEKIT_[A-Z_]*' "$out/log" | sed 's/#define //' |
    grep -vxE 'REALTIMEKIT_(HPP|FIELDS|IMPLEMENTATION_INCLUDED|VERSION(_MAJOR|_MINOR|_PATCH)?)' |
    grep -vxF "$(echo "$mode" | sed 's/-D//g' | tr ' ' '\n')" >"$out/leaks"
  mv "$out/leaks" "$out/log"
  [ ! -s "$out/log" ]
  report $? "no macro is left behind: ${mode:-default}"
done

# Modes. Each file is compiled once, with all warnings. In the run of all tests with
# AddressSanitizer, which sees definitions that differ.

compile $separate -M "$here/part.cpp" -DPART=part_1 && ! grep -qE 'nlohmann|httplib|openssl' "$out/log"
report $? "separate mode: a user's file includes the standard library only"

sanitize=
if [ -z "${TESTS_QUICK-}" ]; then
  echo 'int main() {}' >"$out/empty.cpp"
  if $CXX -fsanitize=address "$out/empty.cpp" -o "$out/empty" >/dev/null 2>&1 && "$out/empty"; then
    sanitize=-fsanitize=address
  else
    echo "not checked: no AddressSanitizer"
  fi
fi
strict="$warnings -Wold-style-cast"  # cpp-httplib has such casts
part() { compiles "c++17: $1" $sanitize -c -o "$out/$1.o" "$here/$2.cpp" $3; }
part default part "$warnings -DPART=part_1"
part second second "$warnings"
part implementation implementation_late "$separate"
for n in 1 2 3; do part separate_$n part "$strict $separate -DPART=part_$n"; done
for n in 2 3; do part no_httplib_$n part "$strict $core -DPART=part_$n"; done
part main_separate mixed "$strict $separate"
part main_no_httplib mixed "$strict $core"

# links TEXT OBJECTS: and the program says that all parts mean the same.
links() {
  text=$1
  shift
  objects=
  for object in "$@"; do objects="$objects $out/$object.o"; done
  compile $sanitize $objects -o "$out/program" $libs && "$out/program" >"$out/log" 2>&1
  report $? "links and runs: $text"
}
links "no httplib beside default, with a file that only includes it" \
  main_no_httplib default no_httplib_2 no_httplib_3 second
links "default, no httplib, separate and implementation in one program" \
  main_separate default no_httplib_2 separate_3 implementation
links "the same in another order" implementation separate_3 no_httplib_2 default main_separate
links "separate with an implementation, the header included before that" \
  main_separate separate_1 separate_2 separate_3 implementation

for mode in "$warnings" "$strict $core" "$strict $separate"; do
  compiles "c++20: ${mode##*-Werror}" -fsyntax-only -std=c++20 $mode "$here/quick_start.cpp"
done
compiles "all of the implementation, optimized" -O2 -c $warnings $separate \
  "$here/implementation.cpp" -o "$out/optimized.o"
compiles "all of it without httplib" -fsyntax-only $strict $core $separate "$here/implementation.cpp"

# Other people's settings.

compiles "without exceptions and run-time types" $warnings -fno-exceptions -fno-rtti -c $core \
  -DPART=part_1 "$here/part.cpp" -o "$out/plain.o"
compiles "-Ofast" -Ofast $core "$here/fast_math.cpp" -o "$out/fast_math" -pthread
runs "-Ofast: a number that is not finite is refused" "$out/fast_math"
compiles "hostile macros, and they survive" $core "$here/../guests/foreign_macros.cpp" -o "$out/hostile" \
  -pthread
runs "hostile macros: it runs" "$out/hostile"
compiles "hostile macros, separate" -fsyntax-only $separate \
  "$here/../guests/foreign_macros.cpp"

# Mistakes.

callable='a transport must be callable as transport(const HttpRequest&); search for >>transport'
returns='a transport must return Result<HttpResponse>, HttpResponse or Error; search for >>transport'
refused_briefly "a transport without call operator" "$callable" $separate -DWRONG=1 \
  "$here/wrong_transport.cpp"
refused_briefly "a transport with the wrong argument" "$callable" $separate -DWRONG=2 \
  "$here/wrong_transport.cpp"
refused_briefly "a transport that wants to change the request" "$callable" $separate -DWRONG=3 \
  "$here/wrong_transport.cpp"
refused_briefly "a transport that returns something else" "$returns" $separate -DWRONG=4 \
  "$here/wrong_transport.cpp"
refused_briefly "a transport that returns nothing" "$returns" $separate -DWRONG=5 \
  "$here/wrong_transport.cpp"
refused_briefly "a lambda with the wrong argument" "$callable" $separate -DWRONG=6 \
  "$here/wrong_transport.cpp"

operation='an operation needs route, Response and fields()'
refuses_operation() {
  ! compile -fsyntax-only $separate -DWRONG="$2" "$here/wrong_operation.cpp" &&
    grep -qF "$operation" "$out/log"
  report $? "$1"
}
compiles "an operation with all that it needs" -fsyntax-only $separate -DWRONG=0 \
  "$here/wrong_operation.cpp"
refuses_operation "an operation without route" 1
refuses_operation "an operation without Response" 2
refuses_operation "an operation without fields()" 3
refuses_operation "an operation whose Response has no fields()" 4

refused "C++14 is refused by name" 'realtimekit.hpp needs C++17' -std=c++14 $core "$here/second.cpp"
refused "REALTIMEKIT_IMPLEMENTATION alone is refused" \
  'REALTIMEKIT_IMPLEMENTATION needs REALTIMEKIT_SEPARATE_COMPILATION' "$here/implementation.cpp"
refused "httplib without OpenSSL is refused, with the fix" \
  'define CPPHTTPLIB_OPENSSL_SUPPORT in EVERY file' -UCPPHTTPLIB_OPENSSL_SUPPORT "$here/second.cpp"
mkdir "$out/other"
echo '#include <httplib.h>' | $CXX $includes -x c++ -M - | tr ' ' '\n' | grep '/httplib.h$' |
  head -n 1 | xargs sed 's/process_request/&_renamed/' >"$out/other/httplib.h"
refused "a cpp-httplib without what the transport needs is refused" \
  process_request -I"$out/other" "$here/second.cpp"
grep -qF 'cpp-httplib 0.11 to 0.59' "$out/log"
report $? "the error shows the versions that have it"

# Windows, as far as a cross compiler can tell: with the headers of this system's libraries, which
# serve all systems.

mingw=x86_64-w64-mingw32-g++-posix
if command -v $mingw >/dev/null 2>&1; then
  mkdir -p "$out/include"
  printf '#include <%s>\n' nlohmann/json.hpp openssl/ssl.h httplib.h >"$out/include.cpp"
  $CXX $includes -M "$out/include.cpp" | tr ' ' '\n' >"$out/paths"
  path_of() { grep "/$1\$" "$out/paths" | head -n 1; }
  for header in nlohmann/json.hpp openssl/ssl.h openssl/configuration.h; do
    cp -r "$(dirname "$(path_of $header)")" "$out/include/"
  done
  cp "$(path_of httplib.h)" "$out/include/"
  for mode in "$core" "$separate" -DCPPHTTPLIB_OPENSSL_SUPPORT; do
    $mingw -std=c++17 -fsyntax-only -D_WIN32_WINNT=0x0A00 -I"$here/../.." \
      -isystem "$out/include" $mode $warnings "$here/quick_start.cpp" >"$out/log" 2>&1
    report $? "mingw: $mode"
  done
else
  echo "not checked: no mingw"
fi

[ $failures -eq 0 ] || echo "$failures failed"
[ $failures -eq 0 ]
