# To be sourced by scripts: installs missing packages with the system's package manager and says so.
# If none is missing, changes nothing and needs no network.
#
#     need CHECK APT DNF PACMAN BREW    if the command CHECK fails, notes the packages to install,
#                                       by package manager; "-": none
#     need_library, need_media          note what realtimekit.hpp and `sandbox --media` need
#     install_missing                   installs them. If $ask_before_install is set and root is
#                                       required, asks first at a terminal

case ${CXX-} in
  '' | c++ | g++) : "${CXX:=c++}" ;;
  *)
    if ! command -v "${CXX%% *}" >/dev/null; then
      echo "CXX names ${CXX%% *}, which is not there" >&2
      exit 1
    fi
    ;;
esac
missing=
unwanted_service=  # that a package brings
for manager in apt-get dnf pacman brew none; do
  if command -v $manager >/dev/null; then break; fi
done
if [ $manager = brew ]; then  # its directories are not in the compiler's default paths
  prefix=$(brew --prefix)
  export CPATH="$prefix/include:$prefix/opt/openssl@3/include${CPATH:+:$CPATH}"
  export LIBRARY_PATH="$prefix/lib:$prefix/opt/openssl@3/lib${LIBRARY_PATH:+:$LIBRARY_PATH}"
fi

has() { command -v "$1"; }

has_header() { printf '#if !__has_include(<%s>)\n#error\n#endif\n' "$1" | $CXX -E -x c++ -; }

need() {
  if $1 >/dev/null 2>&1; then return; fi
  case $manager in
    apt-get) shift 1 ;;
    dnf) shift 2 ;;
    pacman) shift 3 ;;
    brew) shift 4 ;;
    none) shift 1 ;;  # Debian's names, for the message
  esac
  if [ "$1" != - ]; then missing="$missing $1"; fi
}

# The package manager's output goes to a file and is shown only on failure.
install_missing() {
  if [ -z "$missing" ]; then return; fi
  if [ -n "${ask_before_install-}" ] && [ -t 0 ] &&
    [ $manager != brew ] && [ $manager != none ]; then
    printf 'missing:%s\ninstall with %s, as root? [Y/n] ' "$missing" $manager
    read -r reply || reply=n
    case $reply in
      '' | [Yy]*) ;;
      *) echo "nothing was installed" >&2 && return 1 ;;
    esac
  fi
  sudo=
  if [ "$(id -u)" != 0 ] && [ $manager != brew ]; then sudo=sudo; fi
  if [ $manager = none ]; then
    echo "missing:$missing. No package manager that is known is here: please install them." >&2
    return 1
  elif [ "$sudo" ] && ! has sudo >/dev/null; then
    echo "missing:$missing. Installing them needs root or sudo: please have them installed." >&2
    return 1
  fi
  mkdir -p build
  log=build/install.log
  echo "installing:$missing (log: $log)"
  if ! install_packages >$log 2>&1 </dev/null; then
    tail -n 20 $log >&2
    echo "these could not be installed:$missing. What was tried is in $log." >&2
    return 1
  fi
  if [ "$unwanted_service" ]; then
    $sudo service $unwanted_service stop >>$log 2>&1 || true
    $sudo update-rc.d $unwanted_service disable >>$log 2>&1 || true
  fi
  missing=
  unwanted_service=
}

install_packages() {
  case $manager in
    apt-get)
      apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y"
      install="$apt install --no-install-recommends $missing"
      if ! ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1; then $apt update; fi
      $install || { $apt update && $install; }  # the lists may be outdated
      ;;
    dnf) $sudo dnf install -y $missing ;;
    pacman) $sudo pacman -Syu --noconfirm --needed $missing ;;
    brew) brew install $missing ;;
  esac
}

need_library() {  # the dependencies of realtimekit.hpp
  need "has $CXX" g++ gcc-c++ gcc -
  need "has pkg-config" pkg-config pkgconf-pkg-config pkgconf pkgconf
  need "getent hosts localhost" netbase - - -  # creates /etc/hosts
  need "has_header httplib.h" libcpp-httplib-dev cpp-httplib-devel cpp-httplib cpp-httplib
  need "has_header nlohmann/json.hpp" nlohmann-json3-dev json-devel nlohmann-json nlohmann-json
  need "has_header openssl/ssl.h" libssl-dev openssl-devel openssl openssl@3
}

# Debian's nginx is also a web server that is started with the system.
need_media() {
  need "has ffmpeg" ffmpeg ffmpeg-free ffmpeg ffmpeg
  if [ $manager = apt-get ] && ! has_nginx >/dev/null; then unwanted_service=nginx; fi
  need has_nginx_rtmp "nginx libnginx-mod-rtmp" - - -
}

has_nginx() (PATH=$PATH:/usr/sbin && has nginx)

has_nginx_rtmp() {
  has_nginx &&
    { ls /usr/lib*/nginx/modules/ngx_rtmp_module.so || "$(has_nginx)" -V 2>&1 | grep nginx-rtmp; }
}

# Prints the flags to compile and link with the dependencies.
httplib_flags() {
  pkg-config --cflags --libs cpp-httplib 2>/dev/null || echo -DCPPHTTPLIB_OPENSSL_SUPPORT
  echo -lssl -lcrypto -pthread
}
