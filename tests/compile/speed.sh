#!/bin/sh
# How long it takes to compile a file that uses realtimekit.hpp, beside one that does without.
# Reports, asserts nothing.    CXX=clang++ RUNS=5 FLAGS=-O2 sh tests/compile/speed.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
CXX=${CXX:-g++}
RUNS=${RUNS:-10}
FLAGS=${FLAGS:--O0}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 1' HUP INT TERM

pkg() { pkg-config "$@" 2>/dev/null; }
cflags="$(pkg --cflags cpp-httplib || echo -DCPPHTTPLIB_OPENSSL_SUPPORT) $(pkg --cflags openssl)
  $(pkg --cflags nlohmann_json) -I$here/../.."
separate=-DREALTIMEKIT_SEPARATE_COMPILATION

cat >"$out/standard.cpp" <<'EOF'
#include <chrono>
#include <optional>
#include <string>
#include <vector>
int main() {}
EOF
sed -n '/^\/\/     #include "realtimekit.hpp"/,/^\/\/     }$/s|^//     ||p' \
  "$here/../../realtimekit.hpp" >"$out/quick_start.cpp"

# <iostream> costs as much as realtimekit.hpp in separate mode: a file that does not print is measured.
sed '/<iostream>/d; /std::cout/d; s/std::cerr[^;]*; //' "$out/quick_start.cpp" >"$out/user.cpp"

# variants COMMAND: calls it with the name, text and arguments of each compilation
variants() {
  "$1" standard "<string> <vector> <optional> <chrono> alone" "$out/standard.cpp"
  "$1" header "separate mode: the header alone" $separate "$here/second.cpp"
  "$1" user "separate mode: the quick start without printing" $separate "$out/user.cpp"
  "$1" implementation "separate mode: the implementation" $separate "$here/implementation.cpp"
  "$1" by_hand "the same job by hand: cpp-httplib and nlohmann" "$here/by_hand.cpp"
  "$1" quick "header only: the quick start" "$out/quick_start.cpp"
  "$1" core "header only, no httplib: the header alone" -DREALTIMEKIT_NO_HTTPLIB "$here/second.cpp"
}

# compile NAME TEXT ARGUMENTS: adds the user and system time that it takes, in seconds, to a file.
# A shell's clock has steps of 10 ms and rounds down: the difference of two readings does not.
compile() {
  name=$1
  shift 2
  times >"$out/begin"
  $CXX -std=c++17 $FLAGS -c $cflags "$@" -o "$out/speed.o" || exit 1
  times >"$out/end"
  awk 'FNR == 2 { for (i = 1; i <= 2; ++i) { split($i, t, /[ms]/); sum[NR] += 60 * t[1] + t[2] } }
       END { print sum[4] - sum[2] }' "$out/begin" "$out/end" >>"$out/$name.times"
}

mean() { awk '{ sum += $1 } END { print sum / NR }' "$out/$1.times"; }
report() { printf '%-52s %8.2f s\n' "$2" "$(mean "$1")"; }
ratio() {
  awk -v a="$(mean "$2")" -v b="$(mean "$3")" -v t="$1" 'BEGIN { printf "%-52s %8.2f\n", t, a / b }'
}

# All in turn, as a machine is not always equally fast.
i=0
while [ $i -lt "$RUNS" ]; do
  variants compile
  i=$((i + 1))
done

echo "# $($CXX --version | head -n 1), $FLAGS, user + system time, mean of $RUNS runs"
variants report
ratio "the header in separate mode / standard headers" header standard
ratio "the quick start in separate mode / standard headers" user standard
ratio "the quick start header only / by hand" quick by_hand
