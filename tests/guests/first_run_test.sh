#!/bin/sh
# What someone sees who runs examples/run.sh for the first time, and what the example says when
# something is wrong.
#
#     sh tests/guests/first_run_test.sh DIR     DIR: where CMake built the examples
set -u
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
. examples/sandbox.sh
sandbox=$build/sandbox
work=$(mktemp -d)
trap 'stop_sandbox; rm -rf "$work"' EXIT
out=$work
. tests/report.sh

says() { grep -qF -- "$1" "$work/log"; }

# ---- examples/run.sh, in a system of stand-ins: a compiler whose programs are scripts, a package
# manager that talks much.

system=$work/bin
mkdir "$system" "$work/copy"
for tool in sh sed mkdir dirname cat tail printenv find grep mktemp rm kill env ls getent seq cp chmod \
  sleep; do
  ln -s "$(command -v $tool)" "$system/$tool"
done
cp -r realtimekit.hpp examples README.md "$work/copy/"

program() {  # program NAME TEXT...
  name=$1
  shift
  printf '%s\n' '#!/bin/sh' "$@" >"$system/$name"
  chmod +x "$system/$name"
}
user() { program id "echo $1"; }
program apt-get 'seq 300' "exit \$(cat '$work/apt')"
program sandbox.made 'echo "sandbox: base URL https://localhost/"' 'echo "sandbox: token t"' \
  "exec $(command -v tail) -f /dev/null"
program create_livestream.made 'echo "a livestream"'
compiler="if [ \"\$1\" = -E ]; then exit 1; fi
while [ \"\$1\" != -o ]; do shift; done; cp '$system'/\${2##*/}.made \"\$2\""
program c++ "$compiler"

first_run() {  # first_run STATUS [ARGUMENT]...
  wanted=$1
  shift
  status=0
  env -i PATH="$system" HOME="$work" ${compiler_named:+CXX=$compiler_named} \
    sh "$work/copy/examples/run.sh" "$@" >"$work/log" 2>&1 </dev/null || status=$?
  [ $status = "$wanted" ]
}
lines() { [ "$(wc -l <"$work/log")" -le "$1" ]; }

echo 0 >"$work/apt"
user 0
first_run 0 --help && says 'sh examples/run.sh --live'
report $? "--help is no error"
first_run 2 --hlep && says 'sh examples/run.sh --live'
report $? "an unknown option is one"
first_run 0 && says 'nothing was created at Cloudflare' && says '--live' && says 'a livestream'
report $? "it says at its end that this was the sandbox, and what is next"
says 'installing: ' && lines 15 && [ "$(wc -l <"$work/copy/build/install.log")" -ge 300 ]
report $? "what the package manager says is in a log"
echo 1 >"$work/apt"
first_run 1 && says 'could not be installed' && says 'build/install.log' && lines 30
report $? "packages that cannot be installed are named, with the log"
user 1000
first_run 1 && says 'needs root or sudo' && lines 1
report $? "without root and sudo it stops with one sentence"
program sudo '"$@"'
echo 0 >"$work/apt"
first_run 0
report $? "with sudo it goes on"
rm "$system/sudo"
compiler_named=no-such-compiler
first_run 1 && says 'CXX names no-such-compiler' && lines 1
report $? "a compiler that is not there is named"
compiler_named=
rm -r "$work/copy/build"
echo >"$work/copy/build"
first_run 1 && says "$work/copy/build/examples cannot be written" && lines 1
report $? "a place that cannot be written is named"
rm "$system/apt-get" "$work/copy/build"
first_run 1 && says 'pkg-config' && says 'libssl-dev' && says 'please install them' && lines 1
report $? "without a package manager, what is missing is named"

# ---- The example.

create() { "$build/create_livestream" >"$work/log" 2>&1; }

start_sandbox
trap 'stop_sandbox; rm -rf "$work"' EXIT
create
report $? "with the sandbox's ids"
CLOUDFLARE_ACCOUNT_ID=another
! create && says 'HTTP 403' && says 'Authentication error' && says 'code 10000'
report $? "the sandbox refuses a foreign account"
CLOUDFLARE_ACCOUNT_ID=sandbox-account
REALTIMEKIT_APP_ID=another
! create && says 'HTTP 404' && says 'another' && says 'Check the account id and the app id'
report $? "the sandbox refuses a foreign app"
REALTIMEKIT_APP_ID=sandbox-app
authority=$SSL_CERT_FILE
unset SSL_CERT_FILE
! create && says 'certificate is not trusted' && says 'SSL_CERT_FILE' && ! says 'attempts'
report $? "a bad certificate: the advice is about it, and it is tried once"
cp "$authority" "$work/authority.pem"  # the sandbox takes its own away
export SSL_CERT_FILE="$work/authority.pem"
stop_sandbox
! create && says 'Connection refused' && says 'Nothing was created: check the network'
report $? "a refused connection says so"

[ $failures -eq 0 ] || echo "$failures failed"
[ $failures -eq 0 ]
