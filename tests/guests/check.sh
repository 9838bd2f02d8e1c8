#!/bin/sh
# Whether realtimekit.hpp is a good guest: beside other versions of itself, files with other
# settings, other people's macros and warnings. One line for each check, exit 1 if one fails.
#     CXX=clang++ sh tests/guests/check.sh
#     HEADER=PATH      another realtimekit.hpp than this repository's
set -u
here=$(cd "$(dirname "$0")" && pwd)
header=${HEADER:-$here/../../realtimekit.hpp}
CXX=${CXX:-g++}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 1' HUP INT TERM
. "$here/../report.sh"

httplib=$(pkg-config --cflags cpp-httplib 2>/dev/null) || httplib=-DCPPHTTPLIB_OPENSSL_SUPPORT
core=-DREALTIMEKIT_NO_HTTPLIB
separate=-DREALTIMEKIT_SEPARATE_COMPILATION
is_clang=
if $CXX --version | grep -q clang; then is_clang=yes; fi

compile() { $CXX -std=c++17 -I"${include:-$out/present}" $httplib "$@" >>"$out/log" 2>&1; }

mkdir "$out/present" "$out/next"
cp "$header" "$out/present/realtimekit.hpp"
cp "$here/../compile/implementation.cpp" "$out/"

# ---- Two versions in one process. The next one has one more field.

major=$(sed -n 's/^#define REALTIMEKIT_VERSION_MAJOR //p' "$header")
minor=$(sed -n 's/^#define REALTIMEKIT_VERSION_MINOR //p' "$header")
namespace=$(sed -n 's/^inline namespace \([a-z0-9_]*\).*/\1/p' "$header" | sort -u)
echo "namespace $namespace, version $major.$minor" >"$out/log"
[ "$namespace" = "v${major}_$minor" ]
report $? "the inline namespace is that of the version"

sed -e "s/\\b$namespace\\b/v${major}_$((minor + 1))/" \
  -e "s/^\\(#define REALTIMEKIT_VERSION_MINOR\\).*/\\1 $((minor + 1))/" \
  -e '/^struct Livestream {/,/^};/{
        s/^  std::string id{};/&\n  std::optional<std::string> region{};/
        s/REALTIMEKIT_FIELDS(id,/& region,/
        s/^    field("id", &Livestream::id);/&\n    field("region", \&Livestream::region);/
      }' "$header" >"$out/next/realtimekit.hpp"

versions() {  # versions MODE TEXT
  : >"$out/log"
  objects=
  for version in present next; do
    include=$out/$version
    region=
    if [ $version = next ]; then region=-DREGION; fi
    compile -fPIC $core $1 -DNAME=$version $region -c "$here/plugin.cpp" -o "$out/$version.o"
    parts=$out/$version.o
    if [ "$1" ]; then
      compile -fPIC $core $1 -c "$out/implementation.cpp" -o "$out/$version-implementation.o"
      parts="$parts $out/$version-implementation.o"
    fi
    compile -shared $parts -o "$out/$version.so" -lcrypto -pthread
    objects="$objects $parts"
  done
  compile -DPLUGINS "$here/two_versions.cpp" -o "$out/host" -ldl -pthread &&
    "$out/host" "$out/present.so" "$out/next.so" >>"$out/log" 2>&1
  report $? "two versions in two plug-ins: $2"
  compile "$here/two_versions.cpp" $objects -o "$out/both" -lcrypto -pthread &&
    "$out/both" >>"$out/log" 2>&1
  report $? "two versions in one executable: $2"
  include=
}
versions '' header-only
versions $separate compiled

# ---- Files with and without exceptions in one program.

: >"$out/log"
with=$out/with.o
without=$out/without.o
compile $core -DPART=with_exceptions -c "$here/setting.cpp" -o "$with"
compile $core -fno-exceptions -DPART=without_exceptions -c "$here/setting.cpp" -o "$without"
compile $core -c "$here/settings.cpp" -o "$out/settings.o"
for order in "$with $without" "$without $with"; do
  compile "$out/settings.o" $order -o "$out/program" -pthread && "$out/program" >>"$out/log" 2>&1
  report $? "exceptions by each file's setting: header-only, $(basename "${order% *}" .o) first"
done
: >"$out/log"
compile $core $separate -DPART=with_exceptions -c "$here/setting.cpp" -o "$with"
compile $core $separate -fno-exceptions -DPART=without_exceptions -c "$here/setting.cpp" \
  -o "$without"
compile $core $separate -c "$here/settings.cpp" -o "$out/settings.o"
for flags in -fexceptions '-fno-exceptions -fno-rtti'; do
  compile $core $separate $flags -c "$out/implementation.cpp" -o "$out/implementation.o"
  for order in "$with $without" "$without $with"; do
    compile "$out/settings.o" $order "$out/implementation.o" -o "$out/program" -lcrypto -pthread &&
      "$out/program" >>"$out/log" 2>&1
    report $? "the same: compiled with $flags, $(basename "${order% *}" .o) first"
  done
done

libraries=
if [ $is_clang ]; then
  libraries=-stdlib=libc++
  printf '#include <string>\nint main() {}\n' >"$out/empty.cpp"
  if ! compile -stdlib=libc++ "$out/empty.cpp" -o "$out/empty"; then
    libraries=
    echo "not checked: no libc++"
  fi
fi
for library in '' $libraries; do
  : >"$out/log"
  hidden='-fPIC -fvisibility=hidden -fvisibility-inlines-hidden'
  compile $core $hidden $library -shared "$here/thrower.cpp" -o "$out/libthrower.so" -pthread &&
    compile $core $hidden $library "$here/catcher.cpp" -o "$out/catcher" "$out/libthrower.so" \
      -Wl,-rpath,"$out" -pthread && "$out/catcher" >>"$out/log" 2>&1
  report $? "Exception is caught by its type, thrown in a shared library with hidden symbols $library"
done

# ---- Other people's macros. tests/compile/check.sh compiles the same file without httplib.

: >"$out/log"
compile -fsyntax-only -DWITH_HTTPLIB "$here/foreign_macros.cpp"
report $? "foreign macros, with httplib"

# ---- Warnings that few people turn on, with the header on a path of the user's own.

if [ $is_clang ]; then
  strict='-Weverything -Wno-padded -Wno-c++98-compat -Wno-c++98-compat-pedantic'
else
  strict='-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Weffc++
    -Wnon-virtual-dtor -Wswitch-default -Wswitch-enum -Wuseless-cast -Wold-style-cast -Wcast-qual
    -Wcast-align -Wformat=2 -Wnull-dereference -Wduplicated-cond -Wduplicated-branches -Wlogical-op
    -Wdouble-promotion -Woverloaded-virtual -Wfloat-equal -Wundef -Wredundant-decls
    -Wmissing-declarations -Wextra-semi -Wzero-as-null-pointer-constant -Wsuggest-override
    -Wdeprecated-copy-dtor -Wctor-dtor-privacy -Wunused-macros -Wstrict-null-sentinel -Wnoexcept-type
    -Wcomma-subscript -Wredundant-tags -Wmismatched-tags -Wunused -Wvla -Walloca'
fi
for mode in $separate $core -DDEFAULT; do
  for std in c++17 c++20; do
    : >"$out/log"
    compile -fsyntax-only $strict -std=$std $mode "$here/strict_user.cpp" && [ ! -s "$out/log" ]
    report $? "no warning in a user's file: $mode, $std"
  done
done
: >"$out/log"
compile -c -O2 $strict $separate "$out/implementation.cpp" -o "$out/strict.o" && [ ! -s "$out/log" ]
report $? "no warning in the file of the implementation, optimized"

# ---- A thread that must not block. The code in docs/ is compiled by tests/readme_test.sh.

sed -n "s/^\/\/         \(.*std::thread worker\|  .*\|});\)/\1/p" "$header" | head -n 4 >"$out/lines"
while IFS= read -r line; do
  grep -qxF -- "$line" "$here/../../docs/threads.md" || echo "not in docs/threads.md: $line"
done <"$out/lines" >"$out/log"
[ "$(wc -l <"$out/lines")" = 4 ] && [ ! -s "$out/log" ]
report $? "the header shows the thread of docs/threads.md"

# ---- Mistakes.

mistake() {  # mistake NUMBER SENTENCE TEXT
  : >"$out/log"
  compile -fsyntax-only $core $separate -Wall -Werror "-DMISTAKE=$1" "$here/mistakes.cpp"
  grep 'error' "$out/log" | head -n 1 | grep -q -- "$2"
  report $? "$3"
}
: >"$out/log"
compile -fsyntax-only $core $separate -Wall -Werror -DMISTAKE=0 "$here/mistakes.cpp"
report $? "without a mistake"
mistake 1 'a field cannot be a std::vector<bool>' "std::vector<bool> as a field is refused in words"
mistake 2 'a field has an unsupported type' "float as a field is refused in words"
mistake 3 'a field has an unsupported type' "unsigned in a list is refused in words"
mistake 6 'unused' "a Result that nobody looks at is warned of"
if [ $is_clang ]; then
  mistake 4 'temporary' "a list that outlives its Result is warned of, in a loop"
  mistake 5 'temporary' "a value that outlives its Result is warned of"
fi

missing() {  # missing HEADER SENTENCE
  mkdir -p "$out/missing"
  sed "s|<$1>|<absent/$1>|" "$header" >"$out/missing/realtimekit.hpp"
  : >"$out/log"
  include=$out/missing
  compile -fsyntax-only "$here/../compile/second.cpp"
  include=
  grep 'error' "$out/log" | head -n 1 | grep -qF -- "$2"
  report $? "a missing $1: what to install"
}
missing nlohmann/json.hpp 'install nlohmann/json (Debian: nlohmann-json3-dev)'
missing openssl/ssl.h 'install the headers of OpenSSL (Debian: libssl-dev)'
missing httplib.h 'Install cpp-httplib'

[ $failures -eq 0 ] || echo "$failures failed"
[ $failures -eq 0 ]
