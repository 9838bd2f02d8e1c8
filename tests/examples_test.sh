#!/bin/sh
# One create makes one livestream, whatever goes wrong and whatever carries it: runs each example
# that has a transport against a sandbox with each fault, and asks the sandbox what it created.
#
#     sh tests/examples_test.sh DIR     DIR: where CMake built the examples
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
. examples/sandbox.sh
sandbox=$build/sandbox

passed=0
failed=0
created_before=0
error=$(mktemp)
table=$(mktemp)
trap 'stop_sandbox; rm -f "$error" "$table"' EXIT

created() {
  curl -sS --cacert "$SSL_CERT_FILE" "${CLOUDFLARE_BASE_URL%/client/v4}/sandbox/stats" |
    sed 's/.*"created":\([0-9]*\).*/\1/'
}

# one EXAMPLE CREATES FAULT EXPECTED KIND DELIVERY SECONDS: EXPECTED is 1 for a livestream from each
# create, 0 for none
one() {
  result=ok
  if "$build/$1" launch "$7" >/dev/null 2>"$error"; then result='no error'; fi
  errors=$(grep -c "^$5.*($6" "$error" || true)
  if [ "$errors" != "$2" ]; then result="not: $5 ($6)"; fi
  now=$(created)
  count=$((now - created_before))
  created_before=$now
  if [ $count != $(($2 * $4)) ]; then result='wrong count'; fi
  if [ "$result" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  printf '%-22s %-27s %d of %d  %-12s %s\n' "$3" "$1" "$count" "$2" "$result" \
    "$(head -n 1 "$error" | sed 's/, cf-ray.*/)/')" >>"$table"
}

# fault NAME EXPECTED KIND DELIVERY [SECONDS]
fault() {
  start_sandbox --fault "$1"
  trap 'stop_sandbox; rm -f "$error" "$table"' EXIT
  created_before=0
  for example in create_livestream create_livestream_compiled custom_transport_curl; do
    one $example 1 "$1" "$2" "$3" "$4" "${5-20}"
  done
  one sans_io_asio 2 "$1" "$2" "$3" "$4" "${5-20}"
  stop_sandbox
}

unknown='delivery unknown'
fault drop-after-create 1 transport "$unknown"
fault close-after-create 1 transport "$unknown"
fault reset-after-create 1 transport "$unknown"
fault stall 1 timeout "$unknown" 2
fault stall-body 1 timeout "$unknown" 2
fault truncate 1 transport "$unknown"
for status in 500 502 502-html 503 504 520; do
  fault $status-after-create 1 "API error" answered
done
fault empty-201 1 "unusable answer" answered
fault html-200 1 "unusable answer" answered
fault 302 0 "API error" answered
fault 429 0 "API error" answered 2

printf '%-22s %-27s created %-12s error\n' fault example result
cat "$table"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
