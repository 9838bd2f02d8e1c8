# realtimekit_find_dependencies(<WITH_HTTPLIB>) finds what realtimekit.hpp includes: nlohmann/json,
# and with the default transport cpp-httplib and OpenSSL, which the target realtimekit::dependencies
# then stands for. A target that the user's project already has, by FetchContent for example, is
# taken instead of a search. Sets realtimekit_MISSING to what is missing and how to install it.
macro(realtimekit_find_dependencies with_httplib)
  set(realtimekit_MISSING)
  if(NOT TARGET nlohmann_json::nlohmann_json)
    find_package(nlohmann_json 3.11 QUIET)
    if(NOT TARGET nlohmann_json::nlohmann_json)
      string(APPEND realtimekit_MISSING "nlohmann/json 3.11 or newer was not found "
        "(apt install nlohmann-json3-dev, dnf install json-devel, pacman -S nlohmann-json, "
        "brew install nlohmann-json). ")
    endif()
  endif()
  if(NOT TARGET Threads::Threads)
    find_package(Threads QUIET)
    if(NOT TARGET Threads::Threads)
      string(APPEND realtimekit_MISSING "A library for threads was not found. ")
    endif()
  endif()
  if(${with_httplib} AND NOT TARGET realtimekit::dependencies)
    if(NOT TARGET OpenSSL::SSL)
      find_package(OpenSSL 3.0 QUIET)
    endif()
    if(NOT TARGET OpenSSL::SSL OR (OPENSSL_VERSION AND OPENSSL_VERSION VERSION_LESS 3.0))
      string(APPEND realtimekit_MISSING "OpenSSL 3.0 or newer was not found "
        "(apt install libssl-dev, dnf install openssl-devel, pacman -S openssl, "
        "brew install openssl@3, and -DOPENSSL_ROOT_DIR=... where it is in no usual place). ")
    endif()
    realtimekit_find_httplib()
    if(NOT realtimekit_MISSING)
      add_library(realtimekit::dependencies INTERFACE IMPORTED)
      target_link_libraries(realtimekit::dependencies INTERFACE
        ${realtimekit_httplib} OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
      if(realtimekit_httplib_type STREQUAL "INTERFACE_LIBRARY")  # not compiled with or without TLS
        target_compile_definitions(realtimekit::dependencies INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT)
        if(WIN32)
          target_link_libraries(realtimekit::dependencies INTERFACE ws2_32 crypt32)
        elseif(APPLE)
          target_link_libraries(realtimekit::dependencies INTERFACE
            "-framework CoreFoundation" "-framework Security")
        endif()
      endif()
      if(NOT realtimekit_httplib)
        target_include_directories(realtimekit::dependencies SYSTEM INTERFACE
          "${REALTIMEKIT_HTTPLIB_INCLUDE_DIR}")
      endif()
    endif()
  endif()
endmacro()

# cpp-httplib comes with CMake files, or with a pkg-config file, or as nothing but a header.
macro(realtimekit_find_httplib)
  set(realtimekit_httplib)
  set(realtimekit_httplib_type INTERFACE_LIBRARY)
  if(NOT TARGET httplib::httplib)
    find_package(httplib CONFIG QUIET)
  endif()
  if(TARGET httplib::httplib)
    set(realtimekit_httplib httplib::httplib)
    get_target_property(realtimekit_httplib_type httplib::httplib TYPE)
  else()
    find_package(PkgConfig QUIET)
    if(PKG_CONFIG_FOUND)
      pkg_check_modules(realtimekit_httplib QUIET IMPORTED_TARGET cpp-httplib>=0.11)
    endif()
    if(TARGET PkgConfig::realtimekit_httplib)
      set(realtimekit_httplib PkgConfig::realtimekit_httplib)
      set(realtimekit_httplib_type UNKNOWN_LIBRARY)
    else()
      find_path(REALTIMEKIT_HTTPLIB_INCLUDE_DIR httplib.h)
      if(NOT REALTIMEKIT_HTTPLIB_INCLUDE_DIR)
        string(APPEND realtimekit_MISSING "cpp-httplib 0.11 or newer was not found "
          "(apt install libcpp-httplib-dev pkg-config, dnf install cpp-httplib-devel, "
          "pacman -S cpp-httplib, brew install cpp-httplib, or put httplib.h where "
          "-DREALTIMEKIT_HTTPLIB_INCLUDE_DIR=... says). ")
      else()
        find_library(REALTIMEKIT_HTTPLIB_LIBRARY cpp-httplib)
        file(STRINGS "${REALTIMEKIT_HTTPLIB_INCLUDE_DIR}/httplib.h" realtimekit_definition
          REGEX "^inline .*ClientImpl::is_valid" LIMIT_COUNT 1)
        if(REALTIMEKIT_HTTPLIB_LIBRARY AND NOT realtimekit_definition)  # as in Debian
          string(APPEND realtimekit_MISSING "cpp-httplib is a library here, and only pkg-config "
            "knows its flags, but does not find its cpp-httplib.pc "
            "(apt install pkg-config libcpp-httplib-dev). ")
        endif()
      endif()
    endif()
  endif()
endmacro()
