#!/bin/sh
# What clang-tidy and cppcheck find in the header: nothing. And no public type of it is without a
# comment. Prints "ok: ..." or "FAILED: ...".
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh
failed=0

check() {  # check NAME COMMAND...
  name=$1
  shift
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    echo "ok: $name"
  else
    cat "$log"
    echo "FAILED: $name"
    failed=1
  fi
  rm -f "$log"
}

check clang-tidy clang-tidy --quiet --config-file=tests/clang-tidy.yaml tests/compile/second.cpp \
  -- -std=c++17 -I. $(httplib_flags)

# Of cppcheck, too, no matters of style: std::move() is there where a value becomes a Result, a
# struct of one string_view is passed by value, a struct lists its base's fields before its own, an
# aggregate is always made whole, what is large is filled when it is used, and branches are followed
# as far as time allows. It reads no headers of the system, but wants to know that JSON is there.
stub=$(mktemp -d)
trap 'rm -rf "$stub"' EXIT
mkdir "$stub/nlohmann"
: >"$stub/nlohmann/json.hpp"
check cppcheck cppcheck -q --enable=warning,performance,portability --std=c++17 --error-exitcode=1 \
  -I. -I"$stub" -DREALTIMEKIT_NO_HTTPLIB --suppress=missingInclude --suppress=missingIncludeSystem \
  --suppress=returnStdMoveLocal --suppress=passedByValue --suppress=duplInheritedMember \
  --suppress=normalCheckLevelMaxBranches --suppress=uninitMemberVarNoCtor \
  --suppress=uninitMemberVar --inline-suppr \
  tests/compile/second.cpp

types_without_comment() {  # prints them, and fails if there are any
  ! awk '/^namespace detail/ { hidden = 1 } /^}  \/\/ namespace detail/ { hidden = 0 }
    /^#endif  \/\/ REALTIMEKIT_HPP/ { exit }
    !hidden && /^(struct|class|enum class) .*{/ && before !~ /^(\/\/\/|template)/ { print }
    { before = $0 }' realtimekit.hpp | grep .
}
check 'public types have a comment' types_without_comment
[ $failed = 0 ]
