#!/bin/sh
# Builds and runs a small program with each way to get the library.
#
#     sh tests/packaging_test.sh
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh
source=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CXX CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-2}"

mkdir "$work/app"
cat >"$work/app/main.cpp" <<'END'
#include <realtimekit.hpp>
#include <iostream>
static_assert(REALTIMEKIT_VERSION >= 100);
namespace rtk = realtimekit;
int main() {
  rtk::Config config;
  config.account_id = "account", config.app_id = "app", config.api_token = "token";
  config.base_url = "https://localhost:1";
  const rtk::Client client{config};  // the default transport is there and links
  const auto refused = client.send(rtk::livestreams::Create{"launch"});
  std::cout << refused.error() << '\n';
  return refused.error().delivery == rtk::Delivery::not_sent ? 0 : 1;
}
END
cat >"$work/app/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(app CXX)
if(WAY STREQUAL add_subdirectory)
  add_subdirectory(${SOURCE} realtimekit)
elseif(WAY STREQUAL fetched_dependency)  # in place of what find_package() would find
  include(FetchContent)
  FetchContent_Declare(nlohmann_json SOURCE_DIR ${CMAKE_SOURCE_DIR}/nlohmann OVERRIDE_FIND_PACKAGE)
  add_subdirectory(${SOURCE} realtimekit)
elseif(WAY STREQUAL fetch_content)
  include(FetchContent)
  FetchContent_Declare(realtimekit SOURCE_DIR ${SOURCE})
  FetchContent_MakeAvailable(realtimekit)
else()
  find_package(realtimekit 0.1 REQUIRED)
endif()
add_executable(header main.cpp)
target_link_libraries(header realtimekit::realtimekit)
add_executable(compiled main.cpp)
target_link_libraries(compiled realtimekit::compiled)
END
mkdir "$work/app/nlohmann"
cat >"$work/app/nlohmann/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(nlohmann_json NONE)
add_library(nlohmann_json INTERFACE)
add_library(nlohmann_json::nlohmann_json ALIAS nlohmann_json)
END
cat >"$work/app/meson.build" <<'END'
project('app', 'cpp', default_options: ['cpp_std=c++17'])
executable('header', 'main.cpp', dependencies: dependency('realtimekit'))
executable('compiled', 'main.cpp',
  dependencies: subproject('realtimekit').get_variable('realtimekit_compiled_dep'))
END
mkdir "$work/app/subprojects"
ln -s "$source" "$work/app/subprojects/realtimekit"

with_pkg_config() {
  $CXX -std=c++17 -I"$source" "$work/app/main.cpp" -o "$work/header" $(httplib_flags) &&
    "$work/header"
}

with_cmake() {  # with_cmake WAY
  cmake -S "$work/app" -B "$work/$1" -DWAY="$1" -DSOURCE="$source" \
    -DCMAKE_PREFIX_PATH="$work/installed" &&
    cmake --build "$work/$1" && "$work/$1/header" && "$work/$1/compiled"
}

without_pkg_config() {  # where cpp-httplib is a library, that cannot work, and CMake says why
  if ! pkg-config --libs cpp-httplib | grep -q cpp-httplib; then return 0; fi
  ! cmake -S "$source" -B "$work/without" -DPKG_CONFIG_EXECUTABLE=/nonexistent >"$work/said" 2>&1 &&
    grep 'install pkg-config' "$work/said"
}

installed() {
  cmake -S "$source" -B "$work/build" -DCMAKE_INSTALL_PREFIX="$work/installed" &&
    cmake --build "$work/build" && cmake --install "$work/build" && with_cmake find_package
}

installed_with_pkg_config() {
  if ! pkg-config --exists cpp-httplib; then return 0; fi  # then ours was not installed either
  flags=$(PKG_CONFIG_PATH=$work/installed/share/pkgconfig pkg-config --cflags --libs realtimekit) &&
    $CXX -std=c++17 "$work/app/main.cpp" -o "$work/installed-header" $flags &&
    "$work/installed-header"
}

with_meson() {
  meson setup --wrap-mode=nodownload "$work/meson" "$work/app" &&
    meson compile -C "$work/meson" && "$work/meson/header" && "$work/meson/compiled"
}

passed=0
failed=0
check() {  # check WHAT COMMAND [ARGUMENT]...
  what=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1))
    echo "ok: $what"
  else
    failed=$((failed + 1))
    echo "failed: $what"
    cat "$work/log"
  fi
}

check 'the header alone, with pkg-config' with_pkg_config
check 'CMake: install and find_package' installed
check 'CMake: install and pkg-config' installed_with_pkg_config
check 'CMake: without pkg-config' without_pkg_config
if [ -z "${TESTS_QUICK-}" ]; then
  check 'CMake: add_subdirectory' with_cmake add_subdirectory
  check 'CMake: FetchContent' with_cmake fetch_content
  check 'CMake: a dependency by FetchContent' with_cmake fetched_dependency
  check 'Meson: subproject' with_meson
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
