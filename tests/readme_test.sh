#!/bin/sh
# Compiles the C++ of README.md, and runs the quick start, which must be the header's own, too.
#
#     sh tests/readme_test.sh SANDBOX     SANDBOX: the program of examples/sandbox.cpp
#
# Each block of C++ in README.md has a comment on the line before it that says what it is:
#     <!-- test: run -->        a program. It runs against the sandbox, and prints what the next block
#                               of README.md shows, where "…" stands for anything.
#     <!-- test: compile -->    a file of its own
#     <!-- test: fragment -->   statements of a function that is given a config and a client. Between
#                               "fragment" and "-->" may stand other statements, to precede them.
set -eu
sandbox=$(realpath "$1")
cd "$(dirname "$0")/.."
. examples/packages.sh
. examples/sandbox.sh
work=$(mktemp -d)
start_sandbox
trap 'stop_sandbox; rm -rf "$work"' EXIT

# Files in $work, by the number of the block's first line: NNNN.cpp; .mark, which says what it is;
# .out, the block that follows a program.
awk -v work="$work" '
  inside && /^```/ { inside = 0; close(file); next }
  inside { print > file; next }
  /^<!-- test: .* -->$/ { mark = substr($0, 12, length($0) - 15); next }
  /^```/ {
    inside = 1
    if (/^```cpp/) {
      name = sprintf("%s/%04d", work, NR)
      print mark > (name ".mark")
      close(name ".mark")
      file = name ".cpp"
    } else {
      file = (name == "" ? "/dev/null" : name ".out")
      name = ""
    }
  }
  { mark = "" }' README.md
sed -n '/^\/\/ DO THIS/,/^\/\/     g++/p' realtimekit.hpp | sed '1,2d;$d;s/^\/\/ \{0,5\}//' \
  >"$work/header.cpp"
echo same >"$work/header.mark"  # as the first program of README.md

build() {  # build SOURCE [FLAG]...
  $CXX -std=c++17 -Wall -Wextra -Wpedantic -Werror -Wno-unused-command-line-argument \
    -I. "$@" $(httplib_flags)
}

matches() {  # matches PRINTED WANTED
  cat "$1"
  sed 's/[][\.*^$]/\\&/g; s/…/.*/g' "$2" >"$2.patterns"
  [ "$(wc -l <"$1")" = "$(wc -l <"$2.patterns")" ] || return
  number=0
  while read -r pattern; do
    number=$((number + 1))
    sed -n "${number}p" "$1" | grep -qx -- "$pattern" || return
  done <"$2.patterns"
}

code() { sed 's,[[:space:]]*// .*,,' "$1" | grep .; }

check_block() {  # check_block FILE, without extension
  case $(cat "$1.mark") in
    run)
      build "$1.cpp" -o "$1.bin" || return
      "$1.bin" >"$1.printed" && matches "$1.printed" "$1.out"
      ;;
    same)  # but for comments and empty lines
      code "$1.cpp" >"$1.code"
      code "$(ls "$work"/*.out | head -n 1 | sed 's/out$/cpp/')" | diff - "$1.code"
      ;;
    compile) build "$1.cpp" -fsyntax-only ;;
    fragment*)
      {
        echo '#include "realtimekit.hpp"'
        echo '#include <iostream>'
        echo '#include <thread>'
        echo 'namespace rtk = realtimekit;'
        echo 'void fragment(rtk::Config config, const rtk::Client& client);'
        echo 'void fragment([[maybe_unused]] rtk::Config config,'
        echo '              [[maybe_unused]] const rtk::Client& client) {'
        sed 's/^fragment//' "$1.mark"
        cat "$1.cpp"
        echo '}'
      } >"$1.whole.cpp"
      build "$1.whole.cpp" -DREALTIMEKIT_SEPARATE_COMPILATION -fsyntax-only
      ;;
    *)
      echo 'no "<!-- test: ... -->" that is known stands before this block'
      return 1
      ;;
  esac
}

passed=0
failed=0
for mark in "$work"/*.mark; do
  block=${mark%.mark}
  name="README.md, line $(basename "$block" | sed "s,^0*,,")"
  if [ "$block" = "$work/header" ]; then name="realtimekit.hpp, top comment"; fi
  if check_block "$block" >"$work/log" 2>&1; then
    passed=$((passed + 1))
    echo "ok: $name"
  else
    failed=$((failed + 1))
    echo "failed: $name"
    cat "$work/log"
  fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
