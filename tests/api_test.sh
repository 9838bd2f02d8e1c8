#!/bin/sh
# Every operation, judged by others. Prism stands between the clients and the sandbox, and fails a
# call that breaks tests/api/openapi.yaml. Cloudflare's own TypeScript SDK reads what the library
# has written, and the library what the SDK has written: both must read the same.
#
#     sh tests/api_test.sh PROGRAM     PROGRAM: api_tests, which stands beside the program sandbox
set -eu
program=$(realpath "$1")
sandbox=$(dirname "$program")/sandbox
cd "$(dirname "$0")/.."
sh tests/npm.sh api
work=$PWD/build/api
cd "$work"

unset FORCE_COLOR     # Prism's log is read
export NODE_ENV=test  # in production Prism would fork

servers=
stop_servers() {
  for pid in $servers; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}
trap stop_servers EXIT
trap 'exit 1' HUP INT TERM

# start NAME WORDS COMMAND...: runs it in the background; returns when NAME.log has the words
start() {
  log=$1.log
  words=$2
  shift 2
  : >"$log"
  "$@" >"$log" 2>&1 &
  pid=$!
  servers="$pid $servers"
  until grep -q "$words" "$log"; do
    if ! kill -0 $pid 2>/dev/null; then
      cat "$log" >&2
      return 1
    fi
    sleep 0.1
  done
}

passed=0
failed=0

prefix=

# check WHAT COMMAND...: adds its lines "ok: ..." and "FAILED: ...", or else says one itself
check() {
  what=$1
  shift
  status=0
  "$@" >check.log 2>&1 || status=$?
  good=$(grep -c '^ok: ' check.log || true)
  bad=$(grep -c '^FAILED: ' check.log || true)
  if [ $status != 0 ] && [ "$bad" = 0 ]; then
    bad=1
    echo "FAILED: $what" >>check.log
  elif [ "$good$bad" = 00 ]; then
    good=1
    echo "ok: $what" >>check.log
  fi
  sed "s/^/$prefix/" check.log
  passed=$((passed + good))
  failed=$((failed + bad))
}

# read_both READS MODELS: the library makes models of what READS names, and the SDK compares
read_both() { "$program" --read "$1" >"$2" && node sdk.mjs compare "$2"; }

check 'the judge' node judge_test.mjs

start sandbox '^sandbox: token' "$sandbox"
start prism 'Prism is listening' node node_modules/@stoplight/prism-cli/dist/index.js proxy \
  openapi.yaml "$(sed -n 's/^sandbox: base URL //p' sandbox.log)" --errors --port 0
CLOUDFLARE_BASE_URL=$(sed -n 's/.*Prism is listening on //p' prism.log)
export CLOUDFLARE_BASE_URL CLOUDFLARE_API_TOKEN=sandbox-token no_proxy=127.0.0.1
export CLOUDFLARE_ACCOUNT_ID=sandbox-account REALTIMEKIT_APP_ID=sandbox-app

rm -f ./*.jsonl
prefix='summary: '  # for tests/run.sh
check 'the library keeps to openapi.yaml' env API_TESTS_READS="$work/library.jsonl" "$program"
prefix=
check 'what went through Prism' node tally.mjs prism.log
check 'the SDK reads what the library wrote' read_both library.jsonl library-models.jsonl
check 'the SDK writes' node sdk.mjs write sdk.jsonl
check 'the library reads what the SDK wrote' read_both sdk.jsonl sdk-models.jsonl
echo "$passed passed, $failed failed"
[ $failed = 0 ]
