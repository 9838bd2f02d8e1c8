#!/bin/sh
# Compiles the C++ of README.md and docs/, and runs the quick start, which must be that of the header.
# Checks the links of all guides.
#
#     sh tests/readme_test.sh SANDBOX     SANDBOX: the program of examples/sandbox.cpp
#
# The line before each block of C++ is a comment that says what the block is:
#     <!-- test: run -->        a program. It is run against the sandbox and must print the next block,
#                               where "…" stands for any text.
#     <!-- test: compile -->    a complete file
#     <!-- test: fragment -->   statements of a function with a config and a client. Statements between
#                               "fragment" and "-->" precede them.
set -eu
sandbox=$(realpath "$1")
cd "$(dirname "$0")/.."
. examples/packages.sh
. examples/sandbox.sh
. tests/report.sh
work=$(mktemp -d)
out=$work
start_sandbox
trap 'stop_sandbox; rm -rf "$work"' EXIT

# Files in $work for each block, named after its file and first line: .cpp; .mark, what it is; .out,
# the block that follows a program.
awk -v work="$work" '
  FNR == 1 { name = "" }
  inside && /^```/ { inside = 0; close(file); next }
  inside { print > file; next }
  /^<!-- test: .* -->$/ { mark = substr($0, 12, length($0) - 15); next }
  /^```/ {
    inside = 1
    if (/^```cpp/) {
      page = FILENAME
      sub(".*/", "", page)
      name = sprintf("%s/%s, line %d", work, page, FNR)
      print mark > (name ".mark")
      close(name ".mark")
      file = name ".cpp"
    } else {
      file = (name == "" ? "/dev/null" : name ".out")
      name = ""
    }
  }
  { mark = "" }' README.md docs/*.md
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
      code "$(ls "$work"/README.md*.out | head -n 1 | sed 's/out$/cpp/')" | diff - "$1.code"
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

# Relative links lead to files that exist, and README.md has a link to each guide.
check_links() {
  missing=0
  for page in *.md docs/*.md; do
    sed '/^```/,/^```/d; /^<!--/d' "$page" | grep -o ']([^)]*)' |
      sed 's/^](//; s/)$//; s/#.*//; /^https:/d' | while IFS= read -r target; do
        if [ ! -e "$(dirname "$page")/$target" ]; then echo "$page: no $target" && exit 1; fi
      done || missing=1
  done
  for guide in docs/*.md; do
    if ! grep -qF "]($guide)" README.md; then echo "README.md: no link to $guide" && missing=1; fi
  done
  return $missing
}

check() {  # check NAME COMMAND...
  name=$1
  shift
  status=0
  "$@" >"$out/log" 2>&1 || status=$?
  report $status "$name"
}

for mark in "$work"/*.mark; do
  block=${mark%.mark}
  name=$(basename "$block")
  if [ "$name" = header ]; then name="realtimekit.hpp, top comment"; fi
  check "$name" check_block "$block"
done
check "links" check_links
[ $failures = 0 ]
