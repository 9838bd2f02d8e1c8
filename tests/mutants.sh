#!/bin/sh
# Breaks each rule that the library promises, one at a time, in a copy of the header, and runs the
# tests that are about it: one of them must fail.
#
#     sh tests/mutants.sh [WORDS]     those that have WORDS in their line, or all
#     sh tests/mutants.sh --sample    one in six
set -eu
cd "$(dirname "$0")/.."
: "${CXX:=g++}"
. examples/packages.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
words=${1-}
every=1
if [ "$words" = --sample ]; then
  words=
  every=6
fi
number=0
passed=0
failed=0

compile() {  # compile DIRECTORY FLAGS...: with the header that is there
  directory=$1
  shift
  $CXX -std=c++17 -DREALTIMEKIT_SEPARATE_COMPILATION -DFIXTURES_DIR="\"$PWD/tests/fixtures\"" \
    -I"$directory" -Iexamples "$@" $(httplib_flags)
}

# Of the header, what those see who only include it.
interface() { sed '/^#endif  \/\/ REALTIMEKIT_HPP/q' "$1/realtimekit.hpp"; }

# build DIRECTORY SUITE/FILE: the program DIRECTORY/test with the header that is there
build() {
  core=-DREALTIMEKIT_NO_HTTPLIB
  case $2 in live/*) core= ;; esac
  kept=$work/$(echo "$2" | tr / -).o
  objects="$work/main.o $kept"
  if [ "$1" != "$work" ] && ! interface "$1" | cmp -s - "$work/interface"; then
    objects="$work/main.o $1/test.o"
    compile "$1" -c "tests/$2_test.cpp" -o "$1/test.o" || return
  elif [ ! -e "$kept" ]; then
    compile "$work" -c "tests/$2_test.cpp" -o "$kept" || return
  fi
  implementation=$1/implementation$core.o
  if [ ! -e "$implementation" ]; then
    compile "$1" $core -c tests/compile/implementation.cpp -o "$implementation" || return
  fi
  $CXX $objects "$implementation" -o "$1/test" $(httplib_flags) -ldl
}

# Stops at the first failure. What hangs has failed, too.
fails() {
  limit=
  if has timeout >/dev/null; then limit='timeout 120'; fi
  ! $limit "$1/test" --abort-after=1 >"$work/log" 2>&1
}

# mutant SUITE/FILE RULE OLD NEW: breaks the rule by another text in the one line that has OLD
mutant() {
  number=$((number + 1))
  if [ $((number % every)) != 0 ]; then return; fi
  case "$1 $2" in *"$words"*) ;; *) return ;; esac
  verdict=$(try "$@" 2>"$work/errors") || true
  case $verdict in
    'ok: '*) passed=$((passed + 1)) ;;
    *)
      failed=$((failed + 1))
      tail -n 20 "$work/errors"
      ;;
  esac
  echo "$verdict"
}

try() {
  mutated=$work/mutated
  rm -rf "$mutated"
  mkdir "$mutated"
  count=$(grep -cF -- "$3" "$work/realtimekit.hpp" || true)
  if [ "$count" != 1 ]; then
    echo "FAILED: $1: $2: the header has $count lines with: $3"
    return
  fi
  OLD=$3 NEW=$4 awk '
    { at = index($0, ENVIRON["OLD"]) }
    at { $0 = substr($0, 1, at - 1) ENVIRON["NEW"] substr($0, at + length(ENVIRON["OLD"])) }
    { print }' "$work/realtimekit.hpp" >"$mutated/realtimekit.hpp"
  kept=$work/$(echo "$1" | tr / -)
  if [ ! -e "$kept.good" ]; then  # without a mutation the tests must pass
    if ! build "$work" "$1" || fails "$work"; then
      cat "$work/log" >&2
      echo "FAILED: $1: $2: these tests fail without it"
      return
    fi
    touch "$kept.good"
  fi
  if ! build "$mutated" "$1"; then
    echo "FAILED: $1: $2: does not compile"
  elif fails "$mutated"; then
    echo "ok: $1: $2"
  else
    echo "FAILED: $1: $2: no test has noticed"
  fi
}

cp realtimekit.hpp "$work/"
interface "$work" >"$work/interface"
compile "$work" -c tests/main.cpp -o "$work/main.o"

# ---- Retries, and what is said of a call that failed.

mutant pure/retries 'a create whose answer is lost is not repeated' \
  '(lost && error.delivery == Delivery::not_sent) ||' 'lost ||'
mutant pure/retries 'a create that met a 429 is repeated' '(failed && error.status == 429)' 'false'
mutant pure/retries 'a 501 is not repeated' '(status >= 502 &&' '(status >= 501 &&'
mutant pure/retries 'a 409 is not repeated' 'return status == 408 ||' \
  'return status == 408 || status == 409 ||'
mutant pure/retries 'no more than max_attempts' 'attempt >= policy.max_attempts' \
  'attempt > policy.max_attempts'
mutant pure/retries 'delays double' 'policy.cap : delay * 2' 'policy.cap : delay'
mutant pure/retries 'jitter takes off a quarter at most' '* 0.25 *' '* 0.5 *'
mutant pure/retries 'a Retry-After above max_retry_after ends the call' \
  'if (*error.retry_after > std::chrono::floor<std::chrono::seconds>(policy.max_retry_after)) {' \
  'if (false) {'
mutant pure/retries 'a wait beyond the deadline ends the call' \
  '!delay || *delay >= std::chrono::ceil<milliseconds>(deadline_ - now)' '!delay'
mutant pure/retries 'an attempt has what is left of total_timeout' \
  'return is_cut_ ? left : timeout_;' 'return timeout_;'
mutant pure/retries 'one attempt that may have acted makes the whole call unknown' \
  'if (may_have_acted_ && error.delivery == Delivery::not_sent) error.delivery' \
  'if (false) error.delivery'
mutant pure/retries 'a deletion that an earlier attempt has done is a success' \
  'if (is_deletion_ && is_gone && may_have_acted_)' 'if (false)'
mutant pure/retries 'a deletion of what was never there is an error' \
  'if (is_deletion_ && is_gone && may_have_acted_)' 'if (is_deletion_ && is_gone)'
mutant pure/retries 'a POST is not repeated unless it says so' \
  'post(std::string_view path, Repeat repeat = Repeat::harmful)' \
  'post(std::string_view path, Repeat repeat = Repeat::harmless)'
mutant pure/retries 'a canceled call sends nothing' 'if (options.cancel.canceled()) {' 'if (false) {'
mutant pure/retries 'a cancel ends the wait' 'if (options.cancel.wait_for(*delay)) {' \
  'if (options.cancel.wait_for(*delay) && false) {'

# ---- Requests.

mutant pure/requests 'an id of ".." is refused' 'if (segment == "." || segment == "..")' \
  'if (segment == ".")'
mutant pure/requests 'an empty id is refused' 'if (segment.empty()) return "is empty";' ''
mutant pure/requests 'plain http to other hosts is refused' \
  'if (!url.tls && !is_loopback(url.host) && !config.allow_plain_http) {' 'if (false) {'
mutant pure/requests 'a control character in a header is refused' \
  'if (has_control_character(value)) {' 'if (false) {'
mutant pure/requests 'a newline in the token is refused' \
  'if (!is_printable_ascii(token, " ")) {' 'if (false) {'
mutant pure/requests 'the header Authorization cannot be set' '{"Authorization", "Accept",' \
  '{"Accept",'
mutant pure/requests 'a POST has an object as its body' \
  'if (request.method != Method::post && request.body == "{}")' 'if (request.body == "{}")'
mutant pure/requests 'JSON is asked for' \
  'add_header(headers, "Accept", "application/json");' ''
mutant pure/requests 'text that is not UTF-8 is refused' \
  'if (type->text && !is_utf8(text_of(*type, value))) {' 'if (false) {'
mutant pure/requests 'a number that is not finite is refused' \
  'return "is not a finite number";' 'return "";'
mutant pure/requests 'only what is harmless to repeat is idempotent' \
  'operation.route.repeat == Repeat::harmless' 'true'
mutant pure/requests 'an id is one segment of the path' 'add_encoded(url, segment);' \
  'url += segment;'
mutant pure/requests 'a User-Agent is sent' 'if (!find_header(headers, "User-Agent")) {' \
  'if (false) {'
mutant pure/environment 'a pasted "Bearer " is taken off' \
  'equal_ignoring_case(text.substr(0, scheme.size()), scheme)' 'false'
mutant pure/environment 'blanks and quotes around a variable are taken off' \
  'blanks_and_quotes = " \t\r\n\"' 'blanks_and_quotes = " \t\r\n'
mutant pure/environment 'what is missing in the environment is named' \
  'if (!missing.empty()) return detail::invalid_request' \
  'if (false) return detail::invalid_request'

# ---- Responses.

mutant pure/answers 'success:false is an error, whatever the status' \
  '.success == false' '.success == std::nullopt && false'
mutant pure/answers 'a success holds what the operation promises' \
  'if (missing.empty() && text && is_missing(*text)) missing = promise;' ''
mutant pure/understanding 'a page without its list is no success' 'missing = "the list";' ''
mutant pure/understanding 'an object without its id is no success' 'missing = "id";' ''
mutant pure/understanding 'one bad value costs that value only' \
  'if (repaired == body) return problem;' 'return problem;'
mutant pure/errors 'the body in an error is masked' \
  'valid_utf8(redacted(response.body, secrets, longest_text))' 'response.body'
mutant pure/errors 'a success that cannot be decoded shows no texts' \
  'error.body = redacted(shown, secrets, longest_text);' \
  'error.body = redacted(response.body, secrets, longest_text);'
mutant pure/errors 'a secret that was sent is masked in the response' \
  'if (parameters) add_secrets(secrets, &operation.parameters, parameters);' ''
mutant pure/errors 'a secret that was sent is masked in the error of a transport' \
  'mask(error.message);' ''
mutant pure/answers 'a redirect says where to' \
  'if (response.status >= 300 && response.status < 400 && location) {' 'if (false) {'
mutant pure/answers 'a Retry-After in the past is ignored' 'if (!until || *until < now) return {};' \
  'if (!until) return {};'
mutant pure/answers 'the request id is in the error' 'if (ray) outcome.error.request_id' \
  'if (false) outcome.error.request_id'
mutant pure/bounds 'an error has a hundred messages at most' 'max_messages = 100;' \
  'max_messages = 100000000;'

mutant pure/siblings 'an object without an id is no item' \
  '(is_data && lacks_id)' 'false'
mutant pure/siblings 'an item in its wrapper is not replaced by what stands beside it' \
  '(Rank{no_list} << 16) - (object.rank & ~Rank{0xffff})' 'worsened(object.rank, no_list)'
mutant pure/siblings 'an error beside nothing is an error' \
  'const bool has_data = decoder.has_known_member();' 'const bool has_data = kind.has_value();'
mutant pure/siblings 'an empty first page with a total is refused' \
  'if (total > 0 && (operation.page == 1 ||' 'if (total < 0 && (operation.page == 1 ||'
mutant pure/siblings 'a secret that is cut within an escape is masked' \
  'return is_cut && i >= enough ? text.size() : 0;' 'return 0;'
mutant pure/siblings 'unread() names each member that a list replaces' \
  'if (unread_) sources_[place.best].clear();' ''
mutant pure/siblings 'a secret of several lines is masked' \
  'if (is_letter && text[unescaped] == letters[control]) escape = 1;' ''

# ---- Lists, and create or reuse.

mutant pure/pages 'a page that comes again ends the list' 'return Verdict::repeated;' \
  'return Verdict::more;'
mutant pure/pages 'total_timeout is for all pages together' \
  'options.total_timeout = *total - spent;' 'options.total_timeout = *total;'
mutant pure/pages 'no more than max_pages' 'if (pages_++ >= max_pages_)' \
  'if (pages_++ >= max_pages_ + 1)'
mutant pure/ensure 'of two with the name neither is taken' \
  'if (!found->empty()) return detail::not_unique(name, *found);' ''
mutant pure/ensure 'after a create that may have arrived it looks again' \
  'return error.delivery != Delivery::not_sent && !is_refusal;' 'return false;'
mutant pure/ensure 'the livestream of a meeting is not taken' \
  'return meeting.find_first_not_of(" -0")' 'return true || meeting.find_first_not_of(" -0")'

# ---- Webhook events.

mutant pure/webhook_events 'a signature is of the hash SHA-256' \
  'EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(),' \
  'EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha512(),'
mutant pure/webhook_events 'a wrong signature is refused' \
  'return detail::invalid_request({"the signature does not' \
  'if (false) return detail::invalid_request({"the signature does not'
mutant pure/webhook_events 'strangers cause one request for the key a minute' \
  'if (failure_ || rejected) next_fetch_' 'if (failure_) next_fetch_'
mutant pure/webhook_events 'a failed request for the key is repeated after a minute' \
  'if (failure_ || rejected) next_fetch_' 'if (rejected) next_fetch_'
mutant pure/webhook_events 'the key is used for an hour' 'now + std::chrono::hours(1);' \
  'now + std::chrono::hours(2);'
mutant pure/webhook_events 'threads share one request for the key' \
  '!is_fetching_ || is_usable()' 'true'
mutant pure/webhook_events 'a known key is used while it is fetched again' \
  '!is_fetching_ || is_usable()' '!is_fetching_'
mutant pure/webhook_events 'the headers have a former name' '{"rtk-", "dyte-"}' '{"rtk-", "rtk-"}'
mutant pure/webhook_events 'a key may have escaped ends of lines' 'const bool is_escaped = text.substr(i, 2)' \
  'const bool is_escaped = false && text.substr(i, 2)'
mutant pure/webhook_events 'an unknown event keeps its text' \
  'return decode(detail::type_of<RawJson>(), &unknown.body);' 'return std::move(event);'

# ---- Publishing, and waiting for it.

mutant pure/publishing 'one slash before the key' "find_last_not_of('/') + 1) + '/'" \
  "find_last_not_of('/') + 1)"
mutant pure/publishing 'ffmpeg gets the key as it is' "options += {'\\\\', c};" 'options += c;'
mutant pure/publishing 'a file is not read faster than it plays' 'add({"-re"});' ''
mutant pure/waiting 'a stream key in the reason is masked' \
  '{token_.reveal(), key_.reveal()}' '{}'
mutant pure/waiting 'a disabled livestream will not be live' \
  'if (goal_ == Goal::live && livestream.disabled) {' 'if (false) {'
mutant pure/waiting 'one request at a time' 'one_attempt.retry.max_attempts = 1;' ''
mutant pure/waiting 'Retry-After beyond the deadline ends the wait' \
  'policy_.max_retry_after = left();' 'policy_.max_retry_after = std::chrono::hours(9);'
mutant pure/waiting 'all waits share one pace' 'static State state;' 'static thread_local State state;'
mutant pure/waiting 'one request in 300 ms' 'next_ = next + spacing;' 'next_ = next + spacing / 2;'
mutant pure/waiting 'who leaves makes room' 'std::remove(queue_.begin(), queue_.end(), waiter)' \
  'queue_.end()'

# ---- Secrets.

mutant pure/values 'the memory of a secret is overwritten' 'fill(text.data(), 0, text.size());' ''
mutant pure/values 'a secret prints as three stars' 'detail::print(out, "***"), out;' \
  'detail::print(out, "*"), out;'

# ---- The default transport.

mutant live/tls 'the certificate is verified' \
  'SSL_CTX_set_verify(settings, SSL_VERIFY_PEER, nullptr);' \
  'SSL_CTX_set_verify(settings, SSL_VERIFY_NONE, nullptr);'
mutant live/tls 'the host name is verified' 'X509_VERIFY_PARAM_set1_host(rules, host.c_str(), 0)' \
  'X509_VERIFY_PARAM_set1_host(rules, nullptr, 0)'
mutant live/delivery 'what may have arrived is not called unsent' \
  'const auto delivery = may_be_complete_ ? Delivery::unknown : Delivery::not_sent;' \
  'const auto delivery = Delivery::not_sent;'
mutant live/limits 'a response longer than the cap is refused' \
  'request.max_response_bytes = config.max_response_bytes;' \
  'request.max_response_bytes = config.max_response_bytes * 2;'
mutant live/forking 'a child process does not use connections of its parent' '::getpid()' \
  '::getpid() * 0'

echo "$passed passed, $failed failed"
[ $failed = 0 ]
