#!/bin/sh
# Real servers, reloaded in the middle of the calls, and real proxies. Every create has a name of
# its own, and the servers write down the names that came in complete requests: none may be there
# twice, all that succeeded must be there, and none that was "not sent". All listen on the loopback
# only, and keep their files in a temporary directory.
#
#     sh tests/peers/run.sh    prints lines "ok: ..." and "FAILED: ..."
set -eu
cd "$(dirname "$0")/../.."
. examples/packages.sh
PATH=$PATH:/usr/sbin:/sbin
need_library
need "has nginx" nginx nginx nginx nginx
need "has apache2" apache2-bin - - -
need "has haproxy" haproxy haproxy haproxy haproxy
need "has node" nodejs nodejs nodejs node
need "has go" golang-go golang go go
need "has tinyproxy" tinyproxy-bin tinyproxy tinyproxy tinyproxy
need "has privoxy" privoxy privoxy privoxy privoxy
need "has squid" squid squid squid squid
need "has mitmdump" mitmproxy - mitmproxy mitmproxy
install_missing

here=$PWD/tests/peers
build=$PWD/build/peers
mkdir -p "$build"
$CXX -std=c++17 -I. -Iexamples tests/peers/peers.cpp -o "$build/peers" $(httplib_flags)
go build -o "$build/go-server" tests/peers/server.go
peers=$build/peers

work=$(mktemp -d)
chmod 755 "$work"  # for the servers' own users
servers=
clean_up() {
  for server in $servers; do stop "$server" TERM; done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

set -- $("$peers" prepare "$work" 16)
nginx=$1 apache=$2 haproxy=$3 node=$4 go=$5 plain_nginx=$6 apache_proxy=$7 tinyproxy=$8 privoxy=$9
shift 9
tinyproxy_password=$1 squid=$2 mitmproxy=$3 relay=$4 haproxy_proxy=$5 haproxy_relay=$6 closed=$7
ca=$work/ca.pem
failed=0

# start NAME PORT COMMAND...: runs it in the background, and returns when it listens
start() {
  name=$1
  port=$2
  shift 2
  : >"$work/$name.creates"
  chmod 666 "$work/$name.creates"
  "$@" >"$work/$name.log" 2>&1 &
  echo $! >"$work/$name.pid"
  servers="$servers $name"
  if ! "$peers" await "$port"; then
    echo "FAILED: $name does not listen"
    cat "$work/$name.log"
    exit 1
  fi
}

# stop NAME SIGNAL: returns when it has ended, and has thus written down everything. A signal that
# comes right after a reload may be lost.
stop() {
  pid=$(cat "$work/$1.pid")
  tries=0
  while grep -q '^State:.[^Z]' "/proc/$pid/status" 2>/dev/null; do
    case $tries in
      *0) kill "-$2" "$pid" 2>/dev/null || true ;;
    esac
    tries=$((tries + 1))
    if [ $tries = 200 ]; then kill -KILL "$pid" || true; fi
    sleep 0.1
  done
  wait "$pid" 2>/dev/null || true
  servers=$(echo "$servers" | sed "s/ $1//")
}

# verdict WHAT PROBLEM: no problem if it is empty
verdict() {
  if [ -z "$2" ]; then
    echo "ok: $1"
  else
    echo "FAILED: $1: $(echo $2 | cut -c 1-600)"
    failed=1
  fi
}

# create PREFIX ARGUMENT...: the lines of the client in PREFIX.calls; prints what is wrong
create() {
  timeout 40 "$peers" create "$@" >"$work/$1.calls" 2>"$work/errors" ||
    echo "the client ends with $? $(tail -n 1 "$work/errors");"
}

# account NAME LOG: prints what is wrong with NAME.calls; how they ended is then in NAME.summary
account() {
  sed -n 's/.*"name":"\(.*\)"}.*/\1/p' "$2" >"$work/arrived"
  awk -v arrived="$work/arrived" -v summary="$work/$1.summary" '
    BEGIN { while ((getline name < arrived) > 0) ++count[name] }
    { ++outcomes[$2] }
    $2 == "ok" && !count[$1] { print $1 " succeeded and never arrived;" }
    $2 == "not_sent" && count[$1] { print $1 " was \"not sent\" and arrived;" }
    $2 !~ /^(ok|not_sent|unknown|answered)$/ { print $0 ";" }
    count[$1] > 1 { print $1 " arrived " count[$1] " times;" }
    END {
      if (NR == 0) print "no calls;"
      printf "%d calls", NR >summary
      for (name in outcomes) printf ", %d %s", outcomes[name], name >summary
    }' "$work/$1.calls"
}

# server NAME PORT RELOAD STOP: the signals that make it reload, and end when it has answered. A
# reload may cost each of four threads the call that it has just sent, and one more.
server() {
  problem=$(create "$1" "https://127.0.0.1:$2" "$ca" direct 1000 4 5 \
    "sh $here/reload.sh $(cat "$work/$1.pid") $3 $work/$1.creates")
  stop "$1" "$4"
  problem=$problem$(account "$1" "$work/$1.creates")
  bad=$(grep -c -v ' ok ' "$work/$1.calls" || true)
  if [ "$bad" -gt 40 ]; then problem="$problem too many failed;"; fi
  verdict "$1, reloaded 5 times: $(cat "$work/$1.summary")" "$problem"
  if [ -n "$problem" ]; then grep -v ' ok ' "$work/$1.calls" | tail -n 40; fi
}

# passes NAME PROXY [CA [URL]]: all creates succeed through that proxy
passes() {
  problem=$(create "$1" "${4-https://127.0.0.1:$nginx}" "${3-$ca}" "$2" 40 4)
  cat "$work/$1.calls" >>"$work/proxies.calls"
  if [ "$(grep -c ' ok ' "$work/$1.calls")" != 40 ]; then problem="$problem not all succeeded;"; fi
  verdict "$1: calls pass" "$problem"
  if [ -n "$problem" ]; then grep -v ' ok ' "$work/$1.calls" | tail -n 10; fi
}

# refuses NAME PROXY URL STATUS: a create ends at once, and says that the proxy answered so. What
# cannot be otherwise in a second (4xx) is not tried again.
refuses() {
  problem=$(create "$1-$4" "$3" "$ca" "$2" 1 1)
  cat "$work/$1-$4.calls" >>"$work/proxies.calls"
  read -r name outcome attempts took error <"$work/$1-$4.calls" || problem="$problem no result;"
  if [ "$outcome" != not_sent ]; then problem="$problem $outcome;"; fi
  case $4 in
    4*) if [ "$attempts" != 1 ]; then problem="$problem $attempts attempts;"; fi ;;
  esac
  if [ "${took:-0}" -gt 5000 ]; then problem="$problem $took ms;"; fi
  if ! echo "$error" | grep -q "proxy.*HTTP $4"; then problem="$problem other words;"; fi
  verdict "$1: refuses with $4" "${problem:+$problem $error}"
}

# ---- Servers. Their logs have a line for each complete POST: a word that is another one after each
# reload, and the body.

cp tests/fixtures/create.json "$work/created.json"

# The body is passed on, and logged, when all of it has come.
cat >"$work/nginx.conf" <<END
daemon off;
pid $work/nginx;
worker_processes 1;
events {}
http {
  access_log off;
  client_body_temp_path $work/nginx-body;
  proxy_temp_path $work/nginx-proxy;
  fastcgi_temp_path $work/nginx-fastcgi;
  uwsgi_temp_path $work/nginx-uwsgi;
  scgi_temp_path $work/nginx-scgi;
  log_format create escape=none '\$pid \$request_body';
  server {
    listen 127.0.0.1:$nginx ssl;
    listen 127.0.0.1:$plain_nginx;
    ssl_certificate $work/server.pem;
    ssl_certificate_key $work/server.key;
    location / {
      access_log $work/nginx.creates create;
      proxy_ignore_client_abort on;
      proxy_pass http://unix:$work/nginx.socket:;
    }
  }
  server {
    listen unix:$work/nginx.socket;
    default_type application/json;
    return 201 '$(cat "$work/created.json")';
  }
}
END

cat >"$work/create.cgi" <<END
#!/bin/sh
body=\$(head -c "\$CONTENT_LENGTH")
if [ \${#body} = "\$CONTENT_LENGTH" ]; then echo "\$PPID \$body" >>$work/apache.creates; fi
printf 'Status: 201 Created\nContent-Type: application/json\n\n'
cat $work/created.json
END
chmod 755 "$work/create.cgi"

# Also a proxy, which lets clients go where nginx listens, and where nobody does.
cat >"$work/apache.conf" <<END
ServerRoot $work
ServerName localhost
DefaultRuntimeDir $work
PidFile $work/apache
ErrorLog /dev/stderr
$(for module in mpm_event authz_core authz_host alias cgid ssl proxy proxy_connect proxy_http; do
  echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
done)
$(if [ "$(id -u)" = 0 ]; then printf 'User daemon\nGroup daemon\n'; fi)
ScriptSock $work/apache.socket
Listen 127.0.0.1:$apache
Listen 127.0.0.1:$apache_proxy
<VirtualHost 127.0.0.1:$apache>
  SSLEngine on
  SSLCertificateFile $work/server.pem
  SSLCertificateKeyFile $work/server.key
  ScriptAliasMatch ^ $work/create.cgi
</VirtualHost>
<VirtualHost 127.0.0.1:$apache_proxy>
  ProxyRequests On
  AllowCONNECT $nginx $closed
</VirtualHost>
END

cat "$work/server.pem" "$work/server.key" >"$work/haproxy.pem"
cat >"$work/haproxy.cfg" <<END
global
  nbthread 1  # several drop lines
  log stdout format raw local0
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend creates
  bind 127.0.0.1:$haproxy ssl crt $work/haproxy.pem
  option http-buffer-request
  http-request set-var(txn.body) req.body
  log global
  log-format "%pid %[var(txn.body)]"
  http-request return status 201 content-type application/json file $work/created.json
frontend proxy
  bind 127.0.0.1:$haproxy_proxy
  http-request deny if METH_CONNECT { capture.req.uri -m beg localhost }
  default_backend tinyproxy
backend tinyproxy
  server tinyproxy 127.0.0.1:$tinyproxy
listen proxy-by-the-byte
  mode tcp
  bind 127.0.0.1:$relay
  server tinyproxy 127.0.0.1:$tinyproxy
listen relay
  mode tcp
  bind 127.0.0.1:$haproxy_relay
  server nginx 127.0.0.1:$nginx
END

start apache "$apache" apache2 -DFOREGROUND -f "$work/apache.conf"
server apache "$apache" USR1 WINCH
start haproxy "$haproxy" sh -c "exec haproxy -W -f $work/haproxy.cfg >>$work/haproxy.creates"
server haproxy "$haproxy" USR2 USR1
start apache "$apache" apache2 -DFOREGROUND -f "$work/apache.conf"
start haproxy "$haproxy" haproxy -W -f "$work/haproxy.cfg"
start node "$node" node "$here/server.mjs" "$node" "$work"
server node "$node" HUP TERM
start go "$go" "$build/go-server" "$go" "$work"
server go "$go" HUP TERM
start nginx "$nginx" nginx -e stderr -p "$work" -c "$work/nginx.conf"

# ---- Proxies. Those that can are told to refuse the host "localhost".

echo '^localhost$' >"$work/tinyproxy.filter"
cat >"$work/tinyproxy.conf" <<END
Port $tinyproxy
Listen 127.0.0.1
Filter "$work/tinyproxy.filter"
END
cat >"$work/tinyproxy-password.conf" <<END
Port $tinyproxy_password
Listen 127.0.0.1
BasicAuth peer secret
END

cat >"$work/privoxy.conf" <<END
confdir $work
listen-address 127.0.0.1:$privoxy
actionsfile privoxy.action
templdir /etc/privoxy/templates
END
printf '{+block{told to}}\nlocalhost\n' >"$work/privoxy.action"

cat >"$work/squid.conf" <<END
http_port 127.0.0.1:$squid
visible_hostname localhost
acl denied dstdomain localhost
http_access deny denied
http_access allow all
cache deny all
access_log none
cache_log /dev/null
pid_filename none
netdb_filename none
coredump_dir $work
shutdown_lifetime 0
END

start tinyproxy "$tinyproxy" tinyproxy -d -c "$work/tinyproxy.conf"
start tinyproxy-password "$tinyproxy_password" tinyproxy -d -c "$work/tinyproxy-password.conf"
start privoxy "$privoxy" privoxy --no-daemon "$work/privoxy.conf"
start squid "$squid" squid -N -f "$work/squid.conf"
start mitmproxy "$mitmproxy" mitmdump --quiet --listen-host 127.0.0.1 --listen-port "$mitmproxy" \
  --set confdir="$work/mitmproxy" --set ssl_verify_upstream_trusted_ca="$ca" \
  --set proxyauth=peer:secret

good=https://127.0.0.1:$nginx
denied=https://localhost:$nginx
dead=https://127.0.0.1:$closed

passes apache-proxy "http://127.0.0.1:$apache_proxy"
passes tinyproxy "http://127.0.0.1:$tinyproxy"
passes tinyproxy-password "http://peer:secret@127.0.0.1:$tinyproxy_password"
passes privoxy "http://127.0.0.1:$privoxy"
passes squid "http://127.0.0.1:$squid"
passes mitmproxy "http://peer:secret@127.0.0.1:$mitmproxy" "$work/mitmproxy/mitmproxy-ca-cert.pem"
passes haproxy-http "http://127.0.0.1:$haproxy_proxy"
passes haproxy-tcp "http://127.0.0.1:$relay"

# Not through tinyproxy, which then closes each connection without saying so: a create may be lost.
plain=http://127.0.0.1:$plain_nginx
passes apache-proxy-plain "http://127.0.0.1:$apache_proxy" "$ca" "$plain"
passes privoxy-plain "http://127.0.0.1:$privoxy" "$ca" "$plain"
passes squid-plain "http://127.0.0.1:$squid" "$ca" "$plain"
passes mitmproxy-plain "http://peer:secret@127.0.0.1:$mitmproxy" "$ca" "$plain"

refuses apache-proxy "http://127.0.0.1:$apache_proxy" "https://127.0.0.1:$node" 403
refuses nginx "http://127.0.0.1:$plain_nginx" "$good" 40.  # 400 or 405
refuses tinyproxy "http://127.0.0.1:$tinyproxy" "$denied" 403
refuses tinyproxy-password "http://127.0.0.1:$tinyproxy_password" "$good" 407
refuses privoxy "http://127.0.0.1:$privoxy" "$denied" 403
refuses squid "http://127.0.0.1:$squid" "$denied" 403
refuses mitmproxy "http://127.0.0.1:$mitmproxy" "$good" 407
refuses haproxy-http "http://127.0.0.1:$haproxy_proxy" "$denied" 403
refuses haproxy-tcp "http://127.0.0.1:$relay" "$denied" 403

refuses apache-proxy "http://127.0.0.1:$apache_proxy" "$dead" 503
refuses tinyproxy "http://127.0.0.1:$tinyproxy" "$dead" 500
refuses privoxy "http://127.0.0.1:$privoxy" "$dead" 503
refuses squid "http://127.0.0.1:$squid" "$dead" 503
refuses mitmproxy "http://peer:secret@127.0.0.1:$mitmproxy" "$dead" 502

# Relays with Nagle's algorithm hold back a request's second part until the first is acknowledged,
# which a server does late. A busy machine delays the calls without a relay, too.
set -- $("$peers" stalls "$ca" 300 "$good" direct "$good" "http://127.0.0.1:$tinyproxy" \
  "https://127.0.0.1:$haproxy_relay" direct)
problem=
if [ $# != 3 ]; then
  verdict 'stalls in warm creates' 'a call failed'
else
  if [ "$2" -ge $((10 + $1)) ] || [ "$3" -ge $((10 + $1)) ]; then problem='too many'; fi
  verdict "stalls in 300 creates: $2 through tinyproxy, $3 through haproxy, $1 without" "$problem"
fi

server nginx "$nginx" HUP QUIT
problem=$(account proxies "$work/nginx.creates")
verdict "through proxies: $(cat "$work/proxies.summary")" "$problem"
exit $failed
