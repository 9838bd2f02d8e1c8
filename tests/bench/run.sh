#!/bin/sh
# What a call costs beside the same call by hand, and what decoding a page costs. Builds, installs
# and starts what it needs, prints two tables, asserts nothing.
#
#     sh tests/bench/run.sh [PART]...    PART: instructions times cold threads decode; default: all
#
#     ROUNDS=15    how often all programs run in turn; a figure is the median of these
#     ROWS="floor libcurl httplib ours ours_libcurl sdk"    fewer rows build and run faster
#
# A machine is not always equally fast: compare within one table only. Instructions are those of
# the process, without the kernel's, and hardly vary.
set -eu
cd "$(dirname "$0")/../.."
: "${CXX:=g++}"
. examples/packages.sh
PATH=$PATH:/usr/sbin  # nginx
rounds=${ROUNDS:-15}
rows=${ROWS:-floor libcurl httplib ours ours_libcurl sdk}
work=$PWD/build/bench
parts=$*
if [ -z "$parts" ]; then parts='instructions times cold threads decode'; fi

wants() {  # wants PART...: whether one of these is to be measured
  for part; do
    case " $parts " in *" $part "*) return ;; esac
  done
  return 1
}

for part in $parts; do
  case $part in
    instructions | times | cold | threads | decode) ;;
    *)
      sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
      exit 2
      ;;
  esac
done

need_library
if wants instructions decode; then need "has valgrind" valgrind valgrind valgrind -; fi
if wants instructions times cold threads; then
  need "has_header curl/curl.h" libcurl4-openssl-dev libcurl-devel curl curl
  need "has openssl" openssl openssl openssl openssl@3
  need "has nginx" nginx nginx nginx nginx
fi
install_missing
mkdir -p "$work"
rm -rf "$work/values"
mkdir "$work/values"

# ---- Programs.

build() {  # build PROGRAM SOURCE FLAGS...: unless it is newer than all that it is made of
  program=$work/$1
  source=tests/bench/$2
  shift 2
  if [ -e "$program" ] &&
    [ -z "$(find realtimekit.hpp examples/*.cpp tests/bench/*.?pp -newer "$program")" ]
  then return; fi
  echo "building $program" >&2
  $CXX -std=c++17 -O2 -I. -Iexamples "$source" -o "$program" "$@"
}

build_row() {
  case $1 in
    floor) build floor create_floor.cpp -lssl -lcrypto -pthread ;;
    libcurl) build libcurl create_libcurl.cpp -lcurl -pthread ;;
    httplib) build httplib create_httplib.cpp $(httplib_flags) ;;
    ours) build ours create_ours.cpp $(httplib_flags) ;;
    ours_libcurl) build ours_libcurl create_ours_libcurl.cpp -lcurl -pthread ;;
    sdk)
      sh tests/npm.sh api >&2
      cp tests/bench/create_sdk.mjs build/api
      ;;
    *)
      echo "no row $1" >&2
      return 1
      ;;
  esac
}

program() {
  case $1 in
    sdk) echo "node $PWD/build/api/create_sdk.mjs" ;;
    *) echo "$work/$1" ;;
  esac
}

# ---- The server: nginx, with an answer of its own.

start_server() {
  BENCH_PORT=$((20000 + $$ % 20000))
  SSL_CERT_FILE=$work/server.pem  # issued by itself
  NODE_EXTRA_CA_CERTS=$SSL_CERT_FILE
  export BENCH_PORT SSL_CERT_FILE NODE_EXTRA_CA_CERTS
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/server.key" -out "$SSL_CERT_FILE" 2>/dev/null
  cat >"$work/nginx.conf" <<END
worker_processes 2;
pid nginx.pid;
error_log nginx.log;
events {}
http {
  access_log off;
  server_tokens off;
  client_body_temp_path temporary;
  proxy_temp_path temporary;
  fastcgi_temp_path temporary;
  uwsgi_temp_path temporary;
  scgi_temp_path temporary;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  server {
    listen 127.0.0.1:$BENCH_PORT ssl;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    location /client/v4/accounts/bench-account/realtime/kit/bench-app/livestreams {
      default_type application/json;
      add_header CF-Ray 8c1f0ffee0a11b22-FRA always;
      return 201 '$(tr -d '\n' <tests/fixtures/create.json | sed 's/  *//g')';
    }
  }
}
END
  nginx -p "$work" -c nginx.conf -e nginx.log
  trap 'kill "$(cat "$work/nginx.pid")"' EXIT
  trap 'exit 1' HUP INT TERM
}

# ---- Measuring. A value goes to a file of its own, with those of other rounds.

add() { echo "$2" >>"$work/values/$1"; }  # add WHAT VALUE

median() {  # median WHAT [FACTOR [FORMAT]]; "-" if it was not measured
  if [ ! -e "$work/values/$1" ]; then echo -; else
    sort -n "$work/values/$1" | awk -v factor="${2:-1}" -v format="${3:-%d}" \
      '{ v[NR] = $1 } END { printf format "\n", factor * (v[int((NR + 1) / 2)] + v[int(NR / 2 + 1)]) / 2 }'
  fi
}

# ratio WHAT TO [FORMAT]: the median of the ratios within each round
ratio() {
  if [ ! -e "$work/values/$1" ] || [ ! -e "$work/values/$2" ]; then echo -; else
    paste "$work/values/$1" "$work/values/$2" | awk '{ print $1 / $2 }' >"$work/ratios"
    mv "$work/ratios" "$work/values/ratio"
    median ratio 1 "${3:-%.2f}"
  fi
}

instructions() {  # instructions COMMAND...
  valgrind --tool=callgrind --callgrind-out-file="$work/callgrind.out" "$@" 2>"$work/callgrind.log" \
    >/dev/null || { cat "$work/callgrind.log" >&2 && return 1; }
  sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/callgrind.log"
}

# instructions_each COMMAND...: of one repetition; how many there are is the last argument
instructions_each() {
  few=$(instructions "$@" "$from")
  many=$(instructions "$@" "$to")
  echo $(((many - few) / (to - from)))
}

calls() {  # calls ROW MANY: fewer where each takes long
  case $1 in
    ours_libcurl | sdk) echo $(($2 / 5)) ;;
    *) echo "$2" ;;
  esac
}

# ---- Tables.

print_row() {  # print_row ROW TEXT
  case " $rows " in *" $1 "*) ;; *) return 0 ;; esac
  if [ -e "$work/values/threads.$1" ]; then
    speed=$(awk -v t="$(median "threads.$1" 1 %f)" 'BEGIN { printf "%d", 1e6 / t }')
  else
    speed=-
  fi
  echo "| $2 | $(median "instructions.$1") | $(median "times.$1" 1 %.1f)" \
    "| $(ratio "times.$1" times.httplib) | $(median "cold.$1" 1 %.1f)" \
    "| $(median "memory.$1" 0.0009765625 %.1f) | $speed | $(ratio threads.httplib "threads.$1") |"
}

create_table() {
  echo
  echo '| POST .../livestreams over warm TLS | instructions | µs | ratio | cold process, ms' \
    '| peak memory, MiB | 8 threads, calls/s | ratio |'
  echo '|---|---|---|---|---|---|---|---|'
  print_row floor 'the bytes alone, with OpenSSL'
  print_row libcurl 'libcurl and DOM by hand'
  print_row httplib 'cpp-httplib and DOM by hand'
  print_row ours 'realtimekit.hpp'
  print_row ours_libcurl 'realtimekit.hpp through the libcurl example (connects each time)'
  print_row sdk 'TypeScript SDK (8 calls at once, no threads)'
}

decode_row() {
  echo "| $2 | $(median "decode.$1") | $(ratio "decode.$1" decode.accept)" \
    "| $(median "decode_times.$1") | $(ratio "decode_times.$1" decode_times.accept)" \
    "| $(median "allocations.$1") |"
}

decode_table() {
  set -- $("$work/decode" page)
  echo
  echo "| page of 1,000 livestreams, $1 bytes | instructions | ratio | µs | ratio | allocations |"
  echo '|---|---|---|---|---|---|'
  decode_row accept 'json::accept'
  decode_row dom 'DOM, copied into structs'
  decode_row ours 'from_http<livestreams::List>'
  echo
  echo "Of its $2 strings $3 do not fit in place in a std::string: wanted are at most $(($3 + 100))" \
    'allocations.'
}

# ---- All of it.

if wants instructions times cold threads; then
  for row in $rows; do build_row "$row"; done
  build elapsed elapsed.cpp
  start_server
fi
if wants decode; then
  build decode decode.cpp
  build decode_allocations decode.cpp -DCOUNT_ALLOCATIONS
fi

if wants instructions; then
  from=20
  to=220
  for row in $rows; do
    if [ "$row" = sdk ]; then continue; fi  # callgrind cannot run Node
    echo "counting instructions: $row" >&2
    add "instructions.$row" "$(instructions_each "$work/$row")"
  done
fi
if wants decode; then
  from=1
  to=3
  for how in accept dom ours; do
    echo "counting instructions: decode $how" >&2
    add "decode.$how" "$(instructions_each "$work/decode" $how)"
    add "allocations.$how" "$("$work/decode_allocations" $how)"
  done
fi
if wants cold; then
  for row in $rows; do
    add "memory.$row" "$("$work/elapsed" $(program "$row") 500 | cut -d ' ' -f 2)"
  done
fi
round=0
while [ $round -lt "$rounds" ] && wants times cold threads decode; do
  round=$((round + 1))
  echo "round $round of $rounds" >&2
  for row in $rows; do
    if wants times; then add "times.$row" "$($(program "$row") "$(calls "$row" 300)")"; fi
    if wants cold; then add "cold.$row" "$("$work/elapsed" $(program "$row"))"; fi
    if wants threads; then add "threads.$row" "$($(program "$row") "$(calls "$row" 2000)" 8)"; fi
  done
  if wants decode; then
    for how in accept dom ours; do add "decode_times.$how" "$("$work/decode" $how 10)"; done
  fi
done

version() { pkg-config --modversion "$1" 2>/dev/null || echo '(unknown version)'; }
echo "# $($CXX --version | head -n 1), -O2; cpp-httplib $(version cpp-httplib)," \
  "nlohmann $(version nlohmann_json), OpenSSL $(version openssl), libcurl $(version libcurl);" \
  "medians of $rounds rounds"
if wants instructions times cold threads; then create_table; fi
if wants decode; then decode_table; fi
