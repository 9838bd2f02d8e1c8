#!/bin/sh
# How long it takes to compile a file that uses realtimekit.hpp, beside one that does without.
# Reports, asserts nothing.    CXX=clang++ RUNS=5 FLAGS=-O2 sh tests/compile/speed.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
CXX=${CXX:-g++}
RUNS=${RUNS:-3}
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

# cpu ARGUMENTS: user and system time of one compilation, in seconds.
cpu() {
  (
    $CXX -std=c++17 $FLAGS -c $cflags "$@" -o "$out/speed.o" || exit 1
    times
  ) | awk 'END { for (i = 1; i <= 2; ++i) { split($i, t, /[ms]/); sum += 60 * t[1] + t[2] }
                 printf "%.2f\n", sum }'
}

# measure NAME TEXT ARGUMENTS: prints the best and the median of the runs, keeps the best as $NAME.
measure() {
  name=$1
  text=$2
  shift 2
  i=0
  while [ $i -lt "$RUNS" ]; do
    cpu "$@"
    i=$((i + 1))
  done | sort -n >"$out/runs"
  best=$(head -n 1 "$out/runs")
  eval "$name=$best"
  printf '%-52s best %6.2f s   median %6.2f s\n' "$text" "$best" \
    "$(sed -n "$(((RUNS + 1) / 2))p" "$out/runs")"
}
ratio() { awk -v a="$2" -v b="$3" -v t="$1" 'BEGIN { printf "%-52s %11.2f\n", t, a / b }'; }

echo "# $($CXX --version | head -n 1), $FLAGS, user + system time of $RUNS runs each"
measure standard "<string> <vector> <optional> <chrono> alone" "$out/standard.cpp"
measure header "separate mode: the header alone" $separate "$here/second.cpp"
measure user "separate mode: the quick start without printing" $separate "$out/user.cpp"
measure implementation "separate mode: the implementation" $separate "$here/implementation.cpp"
measure by_hand "the same job by hand: cpp-httplib and nlohmann" "$here/by_hand.cpp"
measure quick "header only: the quick start" "$out/quick_start.cpp"
measure core "header only, no httplib: the header alone" -DREALTIMEKIT_NO_HTTPLIB "$here/second.cpp"
ratio "the header in separate mode / standard headers" "$header" "$standard"
ratio "the quick start in separate mode / standard headers" "$user" "$standard"
ratio "the quick start header only / by hand" "$quick" "$by_hand"
