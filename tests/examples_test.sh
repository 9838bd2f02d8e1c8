#!/bin/sh
# One create makes one livestream, whatever goes wrong and whatever carries it: runs each example
# that has a transport against a sandbox with each fault, and asks the sandbox what it created. A
# thousand participants are added, none twice, however often the sandbox throttles or drops them.
# And the example that receives webhook events prints those, and only those, that are signed.
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
output=$(mktemp)
trap 'stop_sandbox; rm -f "$error" "$table" "$output"' EXIT

stats() {
  curl -sS --cacert "$SSL_CERT_FILE" "${CLOUDFLARE_BASE_URL%/client/v4}/sandbox/stats"
}

created() { stats | sed 's/.*"created":\([0-9]*\).*/\1/'; }

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

coroutine_asio=coroutine_asio
if [ ! -x "$build/coroutine_asio" ]; then
  coroutine_asio=
  echo "not tested: coroutine_asio, for which the compiler and Boost are too old"
fi

# fault NAME EXPECTED KIND DELIVERY [SECONDS]
fault() {
  start_sandbox --fault "$1"
  trap 'stop_sandbox; rm -f "$error" "$table" "$output"' EXIT
  created_before=0
  for example in create_livestream create_livestream_compiled custom_transport_curl; do
    one $example 1 "$1" "$2" "$3" "$4" "${5-20}"
  done
  for example in sans_io_asio $coroutine_asio; do
    one $example 2 "$1" "$2" "$3" "$4" "${5-20}"
  done
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
fault empty-201 1 "unusable response" answered
fault html-200 1 "unusable response" answered
fault 302 0 "API error" answered
fault 429 0 "API error" answered 2

# expect WHAT COMMAND...: counts whether it succeeds
expect() {
  what=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "failed: $what"
    cat "$output" "$error"
    stats
    echo
  fi
}

has() { grep -q -- "$1" "$output"; }
count_of() { stats | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }

# 100 requests a second, of a thousand: each that is throttled is sent again, and holds back the
# others, so that it is throttled once at most for each of the 32 requests in flight.
start_sandbox --rate-limit 100/1 --fault drop-after-create:3@participants.add \
  --fault drop-before-create:1@participants.add
trap 'stop_sandbox; rm -f "$error" "$table" "$output"' EXIT
status=0
"$build/many_participants" 1000 >"$output" 2>"$error" || status=$?
retried=$(awk '/ retried, / { sum += $3 } END { print sum }' "$output")
expect 'many_participants: status' [ $status = 0 ]
expect 'many_participants: none is missing or twice' has '^1000 wanted, 0 missing, 0 twice$'
expect 'many_participants: only lost responses are failures' has \
  '^996 added, [0-9]* retried, 4 failed, '
expect 'many_participants: throttled' [ "${retried:-0}" -gt 0 ]
expect 'many_participants: throttled requests hold back the others' [ "${retried:-0}" -lt 400 ]
expect 'many_participants: one request for each, retry and lost one' [ \
  "$(count_of participants.add)" = $((1000 + ${retried:-0} + 1)) ]
expect 'many_participants: lost responses' [ \
  "$(count_of drop-after-create) $(count_of drop-before-create)" = '3 1' ]
stop_sandbox

if [ "$coroutine_asio" ]; then  # both creates are throttled, one of them twice
  start_sandbox --fault 429:3
  trap 'stop_sandbox; rm -f "$error" "$table" "$output"' EXIT
  status=0
  "$build/coroutine_asio" launch 20 >"$output" 2>"$error" || status=$?
  expect 'coroutine_asio: status' [ $status = 0 ]
  expect 'coroutine_asio: two livestreams after three retries' [ \
    "$(created) $(count_of livestreams.create) $(count_of 429)" = '2 5 3' ]
  stop_sandbox
fi

# ---- webhook_server, and deliveries that the command openssl signs

keys=$(mktemp -d)
server_pid=
trap 'kill $server_pid 2>/dev/null || true; rm -rf "$error" "$table" "$output" "$keys"' EXIT
for name in key other_key; do
  openssl genrsa -out "$keys/$name.pem" 2048 2>/dev/null
done
openssl rsa -in "$keys/key.pem" -pubout -out "$keys/public.pem" 2>/dev/null
"$build/webhook_server" --key "$keys/public.pem" >"$keys/printed" 2>"$keys/refused" &
server_pid=$!
until url=$(grep '^http://127' "$keys/printed"); do
  if ! kill -0 $server_pid; then exit 1; fi
  sleep 0.1
done

# delivery WHAT STATUS KEY SIGNED_BODY SENT_BODY [HEADER]
delivery() {
  signature=$(openssl dgst -sha256 -sign "$keys/$3.pem" "$4" | openssl base64 -A)
  status=$(curl -sS --noproxy '*' -o /dev/null -w '%{http_code}' --data-binary "@$5" \
    -H 'Content-Type: application/json' -H 'rtk-webhook-id: hook-1' -H 'Expect:' \
    -H "${6-rtk-signature}: $signature" "$url")
  result=ok
  if [ "$status" != "$2" ]; then result="status $status"; fi
  report "$1" "$result"
}
report() {  # report WHAT RESULT
  if [ "$2" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  printf '%-22s %-36s %s\n' webhook_server "$1" "$2" >>"$table"
}

events=tests/fixtures/webhooks
live=$events/livestreaming.statusUpdate.json
delivery 'a good one' 204 key $live $live
delivery 'the same again' 204 key $live $live RTK-Signature
delivery 'by its former name' 204 key $events/meeting.ended.json $events/meeting.ended.json \
  Dyte-Signature
delivery 'by its former name, again' 204 key $events/meeting.ended.json $events/meeting.ended.json \
  dyte-signature
sed 's/"LIVE"/"IDLE"/' $live >"$keys/tampered"
delivery 'another body' 503 key $live "$keys/tampered"
delivery 'of another key' 503 other_key $live $live
delivery 'without a signature' 503 key $live $live x-signature
printf '%s' '{"event":' >"$keys/truncated"
delivery 'no JSON' 204 key "$keys/truncated" "$keys/truncated"
kill $server_pid
wait $server_pid || true
result=ok
sed 's/: {.*//' "$keys/printed" | tail -n +2 | tr '\n' ' ' >"$keys/names"
live=livestreaming.statusUpdate
if [ "$(cat "$keys/names")" != "$live $live meeting.ended repeated " ]; then
  result="$(cat "$keys/names")"
fi
report 'prints each event once, but all statuses' "$result"
result=ok
if ! sed -n 2p "$keys/printed" | grep -q '"status":"LIVE".*"stream_key":"\*\*\*"' ||
  grep -q Canary "$keys/printed" "$keys/refused"; then
  result="$(cat "$keys/printed")"
fi
report 'prints no stream key' "$result"
cat >"$keys/expected" <<'END'
refused: the signature does not match the body and the key
refused: the signature does not match the body and the key
refused: the header rtk-signature is absent
not understood: the event is incomplete JSON, after 9 bytes
END
result=ok
if ! diff "$keys/refused" "$keys/expected"; then result='other words'; fi
report 'says why it refuses' "$result"

printf '%-22s %-27s created %-12s error\n' fault example result
cat "$table"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
