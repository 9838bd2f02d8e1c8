# For tests/run.sh, which reads it in: cpp-httplib as upstream publishes it, in other versions than
# the system's, from package registries, by their own clients, which check what they fetch. Kept from
# run to run.
#
#     httplib_versions             bookworm trixie sid newest
#     fetch_httplib NAME           then $httplib_kept/NAME has httplib.h, and httplib.cpp if it comes in
#                                  two halves

httplib_versions='bookworm trixie sid newest'
httplib_kept=${XDG_CACHE_HOME:-/var/tmp}/realtimekit-httplib

# This package has the newest of those looked at: 0.59.0. A newer one is one line here.
httplib_crate=llama-cpp-sys-2@0.1.161
httplib_sum=e9bea77fde41bbc15a278891cd5edd2ba07c5260d162614b41080ba1f100b39b

fetch_httplib() {
  if [ ! -s "$httplib_kept/$1/httplib.h" ]; then
    fetched=$(mktemp -d) || return
    fetch_archive "$1" && unpack_httplib "$1"
    status=$?
    rm -rf "$fetched"
    if [ $status != 0 ]; then return $status; fi
  fi
  sed -n "s/^#define CPPHTTPLIB_VERSION \"\(.*\)\"/summary: cpp-httplib of $1: \1/p" \
    "$httplib_kept/$1/httplib.h"
}

unpack_httplib() {
  mkdir -p "$fetched/all" "$fetched/$1" "$httplib_kept" &&
    tar -xf "$fetched/archive" -C "$fetched/all" &&
    find "$fetched/all" -name 'httplib.[hc]*' -exec cp {} "$fetched/$1/" \; &&
    test -s "$fetched/$1/httplib.h" &&
    rm -rf "${httplib_kept:?}/$1" && mv "$fetched/$1" "$httplib_kept/$1"
}

fetch_archive() {
  if [ "$1" != newest ]; then
    fetch_debian_source "$1" "$fetched"
    return
  fi
  CARGO_HOME=$fetched/cargo cargo info "$httplib_crate" &&
    find "$fetched/cargo/registry/cache" -name '*.crate' -exec mv {} "$fetched/archive" \; &&
    echo "$httplib_sum  $fetched/archive" | sha256sum -c
}

# Debian's source package of that suite, from the mirror that this system uses. The system's own
# lists of packages stay as they are.
fetch_debian_source() {
  mkdir -p "$2/lists/partial" "$2/cache" "$2/source"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1) || return
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" \
    >"$2/sources.list"
  cat >"$2/apt.conf" <<END
Dir::Etc::SourceList "$2/sources.list";
Dir::Etc::SourceParts "-";
Dir::State::Lists "$2/lists";
Dir::Cache "$2/cache";
APT::Sandbox::User "$(id -un)";
END
  (
    export APT_CONFIG="$2/apt.conf"
    cd "$2/source" && apt-get -q update && apt-get -q source --download-only cpp-httplib
  ) && mv "$2/source/"*.orig.tar.* "$2/archive"
}
