########### AGGREGATED COMPONENTS AND DEPENDENCIES FOR THE MULTI CONFIG #####################
#############################################################################################

list(APPEND realtimekit_COMPONENT_NAMES realtimekit::core)
list(REMOVE_DUPLICATES realtimekit_COMPONENT_NAMES)
if(DEFINED realtimekit_FIND_DEPENDENCY_NAMES)
  list(APPEND realtimekit_FIND_DEPENDENCY_NAMES nlohmann_json)
  list(REMOVE_DUPLICATES realtimekit_FIND_DEPENDENCY_NAMES)
else()
  set(realtimekit_FIND_DEPENDENCY_NAMES nlohmann_json)
endif()
set(nlohmann_json_FIND_MODE "NO_MODULE")

########### VARIABLES #######################################################################
#############################################################################################
set(realtimekit_PACKAGE_FOLDER_DEBUG "/work/wt/p2/build/consumers/conan-home/p/b/realt0a20a77f925fe/p")
set(realtimekit_BUILD_MODULES_PATHS_DEBUG )


set(realtimekit_INCLUDE_DIRS_DEBUG "${realtimekit_PACKAGE_FOLDER_DEBUG}/include")
set(realtimekit_RES_DIRS_DEBUG )
set(realtimekit_DEFINITIONS_DEBUG "-DREALTIMEKIT_NO_HTTPLIB")
set(realtimekit_SHARED_LINK_FLAGS_DEBUG )
set(realtimekit_EXE_LINK_FLAGS_DEBUG )
set(realtimekit_OBJECTS_DEBUG )
set(realtimekit_COMPILE_DEFINITIONS_DEBUG "REALTIMEKIT_NO_HTTPLIB")
set(realtimekit_COMPILE_OPTIONS_C_DEBUG )
set(realtimekit_COMPILE_OPTIONS_CXX_DEBUG )
set(realtimekit_LIB_DIRS_DEBUG )
set(realtimekit_BIN_DIRS_DEBUG )
set(realtimekit_LIBRARY_TYPE_DEBUG UNKNOWN)
set(realtimekit_IS_HOST_WINDOWS_DEBUG 0)
set(realtimekit_LIBS_DEBUG )
set(realtimekit_SYSTEM_LIBS_DEBUG pthread)
set(realtimekit_FRAMEWORK_DIRS_DEBUG )
set(realtimekit_FRAMEWORKS_DEBUG )
set(realtimekit_BUILD_DIRS_DEBUG )
set(realtimekit_NO_SONAME_MODE_DEBUG FALSE)


# COMPOUND VARIABLES
set(realtimekit_COMPILE_OPTIONS_DEBUG)
if (NOT "${realtimekit_COMPILE_OPTIONS_CXX_DEBUG}" STREQUAL "")
    list(APPEND realtimekit_COMPILE_OPTIONS_DEBUG
        "$<$<COMPILE_LANGUAGE:CXX>:${realtimekit_COMPILE_OPTIONS_CXX_DEBUG}>")
endif ()
if (NOT "${realtimekit_COMPILE_OPTIONS_C_DEBUG}" STREQUAL "")
    list(APPEND realtimekit_COMPILE_OPTIONS_DEBUG
        "$<$<COMPILE_LANGUAGE:C>:${realtimekit_COMPILE_OPTIONS_C_DEBUG}>")
endif ()
set(realtimekit_LINKER_FLAGS_DEBUG)
if (NOT "${realtimekit_SHARED_LINK_FLAGS_DEBUG}" STREQUAL "")
    list(APPEND realtimekit_LINKER_FLAGS_DEBUG
        "$<$<OR:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>,$<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>>:${realtimekit_SHARED_LINK_FLAGS_DEBUG}>")
endif ()
if (NOT "${realtimekit_EXE_LINK_FLAGS_DEBUG}" STREQUAL "")
    list(APPEND realtimekit_LINKER_FLAGS_DEBUG
        "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${realtimekit_EXE_LINK_FLAGS_DEBUG}>")
endif ()


set(realtimekit_COMPONENTS_DEBUG realtimekit::core)
########### COMPONENT realtimekit::core VARIABLES ############################################

set(realtimekit_realtimekit_core_INCLUDE_DIRS_DEBUG "${realtimekit_PACKAGE_FOLDER_DEBUG}/include")
set(realtimekit_realtimekit_core_LIB_DIRS_DEBUG )
set(realtimekit_realtimekit_core_BIN_DIRS_DEBUG )
set(realtimekit_realtimekit_core_LIBRARY_TYPE_DEBUG UNKNOWN)
set(realtimekit_realtimekit_core_IS_HOST_WINDOWS_DEBUG 0)
set(realtimekit_realtimekit_core_RES_DIRS_DEBUG )
set(realtimekit_realtimekit_core_DEFINITIONS_DEBUG "-DREALTIMEKIT_NO_HTTPLIB")
set(realtimekit_realtimekit_core_OBJECTS_DEBUG )
set(realtimekit_realtimekit_core_COMPILE_DEFINITIONS_DEBUG "REALTIMEKIT_NO_HTTPLIB")
set(realtimekit_realtimekit_core_COMPILE_OPTIONS_C_DEBUG "")
set(realtimekit_realtimekit_core_COMPILE_OPTIONS_CXX_DEBUG "")
set(realtimekit_realtimekit_core_LIBS_DEBUG )
set(realtimekit_realtimekit_core_SYSTEM_LIBS_DEBUG pthread)
set(realtimekit_realtimekit_core_FRAMEWORK_DIRS_DEBUG )
set(realtimekit_realtimekit_core_FRAMEWORKS_DEBUG )
set(realtimekit_realtimekit_core_DEPENDENCIES_DEBUG nlohmann_json::nlohmann_json)
set(realtimekit_realtimekit_core_SHARED_LINK_FLAGS_DEBUG )
set(realtimekit_realtimekit_core_EXE_LINK_FLAGS_DEBUG )
set(realtimekit_realtimekit_core_NO_SONAME_MODE_DEBUG FALSE)

# COMPOUND VARIABLES
set(realtimekit_realtimekit_core_LINKER_FLAGS_DEBUG)
if (NOT "${realtimekit_realtimekit_core_SHARED_LINK_FLAGS_DEBUG}" STREQUAL "")
    list(APPEND realtimekit_realtimekit_core_LINKER_FLAGS_DEBUG
        $<$<OR:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>,$<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>>:${realtimekit_realtimekit_core_SHARED_LINK_FLAGS_DEBUG}>)
endif ()
if (NOT "${realtimekit_realtimekit_core_EXE_LINK_FLAGS_DEBUG}" STREQUAL "")
    list(APPEND realtimekit_realtimekit_core_LINKER_FLAGS_DEBUG
        $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${realtimekit_realtimekit_core_EXE_LINK_FLAGS_DEBUG}>)
endif ()
set(realtimekit_realtimekit_core_COMPILE_OPTIONS_DEBUG)
if (NOT "${realtimekit_realtimekit_core_COMPILE_OPTIONS_CXX_DEBUG}" STREQUAL "")
    list(APPEND realtimekit_realtimekit_core_COMPILE_OPTIONS_DEBUG
        "$<$<COMPILE_LANGUAGE:CXX>:${realtimekit_realtimekit_core_COMPILE_OPTIONS_CXX_DEBUG}>")
endif ()
if (NOT "${realtimekit_realtimekit_core_COMPILE_OPTIONS_C_DEBUG}" STREQUAL "")
    list(APPEND realtimekit_realtimekit_core_COMPILE_OPTIONS_DEBUG
        "$<$<COMPILE_LANGUAGE:C>:${realtimekit_realtimekit_core_COMPILE_OPTIONS_C_DEBUG}>")
endif ()