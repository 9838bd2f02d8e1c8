#!/bin/sh
# `sandbox --media`: FFmpeg publishes with the keys that the API gives out, and plays what it
# published; webhooks are received and verified with OpenSSL.
#
#     sh tests/media/sandbox_test.sh DIR     DIR: where CMake built the sandbox
set -u
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
. examples/packages.sh
. examples/sandbox.sh
. tests/report.sh
need_media
need "has curl" curl curl curl curl
need "has openssl" openssl openssl openssl openssl
need "has python3" python3 python3 python python3
install_missing || exit

out=$(mktemp -d)
sandbox=$build/sandbox
processes=

clean_up() {
  for process in $processes; do kill -9 "$process" 2>/dev/null; done
  stop_sandbox
  rm -rf "$out"
}

# eventually COMMAND...: waits until it succeeds, for a minute at most
eventually() {
  end=$(($(date +%s) + 60))
  until "$@"; do
    if [ "$(date +%s)" -gt $end ]; then return 1; fi
    sleep 0.1
  done
}

# ---- The API.

# api PATH [CURL'S OPTION]...: the response is in $out/log
api() {
  path=$1
  shift
  curl -sS --max-time 20 --cacert "$SSL_CERT_FILE" -H 'Authorization: Bearer sandbox-token' \
    -H 'Accept: application/json' -H 'Content-Type: application/json' -o "$out/log" "$@" \
    "$CLOUDFLARE_BASE_URL/accounts/sandbox-account/realtime/kit/sandbox-app/$path"
}

# member NAME: the value of the first one with this name in the last response
member() {
  tr ',{' '\n\n' <"$out/log" | sed -n "s/^\"$1\":\"\{0,1\}\([^\"}]*\).*/\1/p" | head -n 1
}

create() {  # sets $id, $key, $server and $playback
  api livestreams -d '{}'
  id=$(member id)
  key=$(member stream_key)
  server=$(member ingest_server)
  playback=$(member playback_url)
}

status_is() { api "livestreams/$id" && [ "$(member status)" = "$1" ]; }

has_sessions() {
  api "livestreams/$id" && [ "$(grep -o '"invoked_time"' "$out/log" | wc -l)" = "$1" ]
}

webhook() {  # webhook PATH EVENT ENABLED
  api webhooks -d "{\"name\":\"test\",\"url\":\"http://127.0.0.1:$port$1\",\"events\":[\"$2\"],
    \"enabled\":$3}"
}

# ---- FFmpeg.

# publish KEY [SECONDS]: in the background; without SECONDS until it is ended
publish() {
  ffmpeg -nostdin -loglevel warning -re -f lavfi -i testsrc=size=320x240:rate=15 -f lavfi -i sine \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 15 -c:a aac ${2:+-t "$2"} -f flv \
    "$server$1" >"$out/ffmpeg" 2>&1 &
  publisher=$!
  processes="$processes $publisher"
}

ends() { ! kill -0 "$publisher" 2>/dev/null; }

is_refused() {  # is_refused KEY: it ends by itself, as a failure
  publish "$1"
  eventually ends && ! wait "$publisher"
}

plays() {
  curl -sSf --max-time 20 -D "$out/head" -o "$out/log" "$playback"
}

is_gone() { ! curl -sSf --max-time 20 -o /dev/null "$playback" 2>"$out/log"; }

nobody_listens() {
  curl -sS --max-time 20 -o "$out/body" "$playback" 2>"$out/log"
  [ $? = 7 ]
}

# ---- Webhooks.

arrives() {  # arrives COUNT PATH STATUS
  count=0
  for file in "$out"/hooks/*.body; do
    if [ "$(cat "${file%.body}.path")" = "$2" ] && grep -q "\"status\":\"$3\"" "$file"; then
      count=$((count + 1))
    fi
  done
  [ $count = "$1" ]
}

is_signed() {  # is_signed SIGNATURE BODY
  base64 -d "$1" >"$out/signature" &&
    openssl dgst -sha256 -verify "$out/key.pem" -signature "$out/signature" "$2" >"$out/log" 2>&1
}

all_are_signed() {
  for file in "$out"/hooks/*.body; do is_signed "${file%.body}.signature" "$file" || return; done
}

mkdir "$out/hooks"
start_sandbox --media || exit
trap clean_up EXIT
python3 tests/media/receiver.py "$out/hooks" >"$out/log" 2>&1 &
processes=$!
eventually test -e "$out/hooks/port" || exit
port=$(cat "$out/hooks/port")
for path in /good /flaky /refusing; do webhook $path livestreaming.statusUpdate true; done
webhook /disabled livestreaming.statusUpdate false
webhook /other meeting.started true

create
case $server in rtmp://127.0.0.1:*/live/) [ ${#key} = 64 ] ;; *) false ;; esac
report $? "a livestream has a server on this machine and a key"
case $playback in http://127.0.0.1:*/video.m3u8) is_gone && status_is INVOKED ;; *) false ;; esac
report $? "nothing plays before it is published"
is_refused "${key}0" && status_is INVOKED && has_sessions 0
report $? "a wrong key is refused"

publish "$key"
first=$publisher
eventually status_is LIVE
report $? "it is LIVE once there is video"
api "livestreams/$id/active-livestream-session" && [ "$(member ingest_seconds)" = 60 ] &&
  [ "$(member stopped_time)" = null ] && [ "$(member started_time)" != null ]
report $? "its session has started, and its first minute counts as one"
plays && grep -q '^[0-9]*\.ts' "$out/log" && grep -qi '^access-control-allow-origin: \*' "$out/head"
report $? "the playback URL lists segments, for pages of any origin"
ffprobe -v error -show_entries stream=codec_name,width,height -of csv=p=0 "$playback" \
  >"$out/log" 2>&1
grep -q '^h264,320,240' "$out/log" && grep -q '^aac' "$out/log"
report $? "what plays is what was published"
is_refused "$key" && kill -0 $first && plays && has_sessions 1
report $? "a second publisher is refused, and the first goes on"

publisher=$first
api "livestreams/$id/reset-stream-key" -X POST
old=$key
key=$(member stream_key)
[ "$key" != "$old" ] && eventually ends && ! wait $first
report $? "a reset of the key ends its publisher"
eventually status_is IDLE && eventually is_gone
report $? "it is IDLE then, and nothing plays"
is_refused "$old" && status_is IDLE && has_sessions 1
report $? "the old key is refused"

publish "$key"
eventually status_is LIVE && has_sessions 2 && plays
report $? "the new key is accepted"
api "livestreams/$id/disable" -X PUT
eventually ends && ! wait "$publisher" && eventually status_is IDLE
report $? "disabling ends the publisher"
is_refused "$key" && has_sessions 2
report $? "a disabled key is refused"
api "livestreams/$id/enable" -X PUT
publish "$key" 5
eventually status_is LIVE && eventually ends && wait "$publisher" && eventually status_is IDLE
report $? "enabled again, it is LIVE and, when the publisher ends, IDLE"

create
publish "$key"
eventually status_is LIVE
kill -9 "$publisher"
eventually status_is IDLE
report $? "it is IDLE when the publisher is killed"
publish "$key"
eventually status_is LIVE
kill -STOP "$publisher"
eventually status_is IDLE
report $? "it is IDLE when the publisher sends nothing more"
kill -9 "$publisher"
api "livestreams/$id" && ! grep -q '"stopped_time":null' "$out/log" &&
  seconds=$(sed 's/.*"ingest_seconds":\([0-9]*\).*/\1/' "$out/log") && [ "$seconds" -gt 0 ] &&
  [ "$seconds" -lt 60 ]
report $? "a session that has ended says how long it lasted"

eventually arrives 5 /refusing IDLE && arrives 5 /refusing LIVE && arrives 5 /good LIVE &&
  arrives 5 /good IDLE
report $? "a webhook is called at each change, and after a 4xx response not again"
arrives 7 /flaky LIVE && arrives 5 /flaky IDLE
report $? "after a 5xx response it is called again"
arrives 0 /disabled LIVE && arrives 0 /other LIVE && arrives 0 /disabled IDLE
report $? "a disabled webhook, and one for other events, is not"
origin=${CLOUDFLARE_BASE_URL%/client/v4}
curl -sS --cacert "$SSL_CERT_FILE" -o "$out/log" "$origin/.well-known/webhooks.json"
printf %b "$(member publicKey)" >"$out/key.pem"
all_are_signed
report $? "each call is signed with the key at /.well-known/webhooks.json"
sed 's/LIVE/live/' "$out/hooks/1.body" >"$out/body"
! is_signed "$out/hooks/1.signature" "$out/body"
report $? "the signature is that of the body"
cp "$out/hooks/1.body" "$out/log"
[ "$(cat "$out/hooks/1.type")" = application/json ] &&
  [ "$(member event)" = livestreaming.statusUpdate ] && [ "$(member streamKey)" = "$old" ] &&
  [ "$(cat "$out"/hooks/*.uuid | sort -u | wc -l)" = "$(cat "$out"/hooks/*.uuid | wc -l)" ]
report $? "each call has JSON and an id of its own"
webhook /meeting livestreaming.statusUpdate true
api meetings -d '{"title":"Weekly sync"}'
meeting=$(member id)
api "meetings/$meeting/livestreams" -d '{}'
api "meetings/$meeting/active-livestream/stop" -X POST
eventually arrives 1 /meeting IDLE && arrives 1 /meeting LIVE &&
  cat "$out"/hooks/*.body | grep -q "\"id\":\"$meeting\".*\"title\":\"Weekly sync\""
report $? "a webhook is called for the livestream of a meeting, too"
for event in started participantJoined participantLeft ended; do
  webhook /$event meeting.$event true
done
api "meetings/$meeting/participants" \
  -d '{"custom_participant_id":"mary","preset_name":"group_call_host"}'
api "meetings/$meeting/active-session/kick-all" -X POST
eventually arrives 1 /ended LIVE && arrives 1 /started LIVE && arrives 1 /participantJoined LIVE &&
  arrives 1 /participantLeft LIVE
report $? "and for its start, participants and end"

taken=${server%/live/}
! "$sandbox" --media-port "${taken##*:}" >"$out/log" 2>&1 && grep -q 'cannot listen' "$out/log"
report $? "a port that is taken is an error"
mkdir "$out/bin"
printf '#!/bin/sh\necho unknown directive >&2\nexit 1\n' >"$out/bin/nginx"
chmod +x "$out/bin/nginx"
! PATH="$out/bin:$PATH" "$sandbox" --media >"$out/log" 2>&1 &&
  grep -q 'needs nginx' "$out/log" && grep -q 'unknown directive' "$out/log"
report $? "an nginx that does not start is an error, with what it says"
stop_sandbox
nobody_listens
report $? "nginx ends with the sandbox"
start_sandbox --media
trap clean_up EXIT
create
kill -9 $sandbox_pid
eventually nobody_listens
report $? "and when the sandbox is killed"

[ $failures = 0 ] || echo "$failures failed"
[ $failures = 0 ]
