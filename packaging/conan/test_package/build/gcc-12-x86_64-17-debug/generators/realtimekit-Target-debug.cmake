# Avoid multiple calls to find_package to append duplicated properties to the targets
include_guard()########### VARIABLES #######################################################################
#############################################################################################
set(realtimekit_FRAMEWORKS_FOUND_DEBUG "") # Will be filled later
conan_find_apple_frameworks(realtimekit_FRAMEWORKS_FOUND_DEBUG "${realtimekit_FRAMEWORKS_DEBUG}" "${realtimekit_FRAMEWORK_DIRS_DEBUG}")

set(realtimekit_LIBRARIES_TARGETS "") # Will be filled later


######## Create an interface target to contain all the dependencies (frameworks, system and conan deps)
if(NOT TARGET realtimekit_DEPS_TARGET)
    add_library(realtimekit_DEPS_TARGET INTERFACE IMPORTED)
endif()

set_property(TARGET realtimekit_DEPS_TARGET
             APPEND PROPERTY INTERFACE_LINK_LIBRARIES
             $<$<CONFIG:Debug>:${realtimekit_FRAMEWORKS_FOUND_DEBUG}>
             $<$<CONFIG:Debug>:${realtimekit_SYSTEM_LIBS_DEBUG}>
             $<$<CONFIG:Debug>:nlohmann_json::nlohmann_json>)

####### Find the libraries declared in cpp_info.libs, create an IMPORTED target for each one and link the
####### realtimekit_DEPS_TARGET to all of them
conan_package_library_targets("${realtimekit_LIBS_DEBUG}"    # libraries
                              "${realtimekit_LIB_DIRS_DEBUG}" # package_libdir
                              "${realtimekit_BIN_DIRS_DEBUG}" # package_bindir
                              "${realtimekit_LIBRARY_TYPE_DEBUG}"
                              "${realtimekit_IS_HOST_WINDOWS_DEBUG}"
                              realtimekit_DEPS_TARGET
                              realtimekit_LIBRARIES_TARGETS  # out_libraries_targets
                              "_DEBUG"
                              "realtimekit"    # package_name
                              "${realtimekit_NO_SONAME_MODE_DEBUG}")  # soname

# FIXME: What is the result of this for multi-config? All configs adding themselves to path?
set(CMAKE_MODULE_PATH ${realtimekit_BUILD_DIRS_DEBUG} ${CMAKE_MODULE_PATH})

########## COMPONENTS TARGET PROPERTIES Debug ########################################

    ########## COMPONENT realtimekit::core #############

        set(realtimekit_realtimekit_core_FRAMEWORKS_FOUND_DEBUG "")
        conan_find_apple_frameworks(realtimekit_realtimekit_core_FRAMEWORKS_FOUND_DEBUG "${realtimekit_realtimekit_core_FRAMEWORKS_DEBUG}" "${realtimekit_realtimekit_core_FRAMEWORK_DIRS_DEBUG}")

        set(realtimekit_realtimekit_core_LIBRARIES_TARGETS "")

        ######## Create an interface target to contain all the dependencies (frameworks, system and conan deps)
        if(NOT TARGET realtimekit_realtimekit_core_DEPS_TARGET)
            add_library(realtimekit_realtimekit_core_DEPS_TARGET INTERFACE IMPORTED)
        endif()

        set_property(TARGET realtimekit_realtimekit_core_DEPS_TARGET
                     APPEND PROPERTY INTERFACE_LINK_LIBRARIES
                     $<$<CONFIG:Debug>:${realtimekit_realtimekit_core_FRAMEWORKS_FOUND_DEBUG}>
                     $<$<CONFIG:Debug>:${realtimekit_realtimekit_core_SYSTEM_LIBS_DEBUG}>
                     $<$<CONFIG:Debug>:${realtimekit_realtimekit_core_DEPENDENCIES_DEBUG}>
                     )

        ####### Find the libraries declared in cpp_info.component["xxx"].libs,
        ####### create an IMPORTED target for each one and link the 'realtimekit_realtimekit_core_DEPS_TARGET' to all of them
        conan_package_library_targets("${realtimekit_realtimekit_core_LIBS_DEBUG}"
                              "${realtimekit_realtimekit_core_LIB_DIRS_DEBUG}"
                              "${realtimekit_realtimekit_core_BIN_DIRS_DEBUG}" # package_bindir
                              "${realtimekit_realtimekit_core_LIBRARY_TYPE_DEBUG}"
                              "${realtimekit_realtimekit_core_IS_HOST_WINDOWS_DEBUG}"
                              realtimekit_realtimekit_core_DEPS_TARGET
                              realtimekit_realtimekit_core_LIBRARIES_TARGETS
                              "_DEBUG"
                              "realtimekit_realtimekit_core"
                              "${realtimekit_realtimekit_core_NO_SONAME_MODE_DEBUG}")


        ########## TARGET PROPERTIES #####################################
        set_property(TARGET realtimekit::core
                     APPEND PROPERTY INTERFACE_LINK_LIBRARIES
                     $<$<CONFIG:Debug>:${realtimekit_realtimekit_core_OBJECTS_DEBUG}>
                     $<$<CONFIG:Debug>:${realtimekit_realtimekit_core_LIBRARIES_TARGETS}>
                     )

        if("${realtimekit_realtimekit_core_LIBS_DEBUG}" STREQUAL "")
            # If the component is not declaring any "cpp_info.components['foo'].libs" the system, frameworks etc are not
            # linked to the imported targets and we need to do it to the global target
            set_property(TARGET realtimekit::core
                         APPEND PROPERTY INTERFACE_LINK_LIBRARIES
                         realtimekit_realtimekit_core_DEPS_TARGET)
        endif()

        set_property(TARGET realtimekit::core APPEND PROPERTY INTERFACE_LINK_OPTIONS
                     $<$<CONFIG:Debug>:${realtimekit_realtimekit_core_LINKER_FLAGS_DEBUG}>)
        set_property(TARGET realtimekit::core APPEND PROPERTY INTERFACE_INCLUDE_DIRECTORIES
                     $<$<CONFIG:Debug>:${realtimekit_realtimekit_core_INCLUDE_DIRS_DEBUG}>)
        set_property(TARGET realtimekit::core APPEND PROPERTY INTERFACE_LINK_DIRECTORIES
                     $<$<CONFIG:Debug>:${realtimekit_realtimekit_core_LIB_DIRS_DEBUG}>)
        set_property(TARGET realtimekit::core APPEND PROPERTY INTERFACE_COMPILE_DEFINITIONS
                     $<$<CONFIG:Debug>:${realtimekit_realtimekit_core_COMPILE_DEFINITIONS_DEBUG}>)
        set_property(TARGET realtimekit::core APPEND PROPERTY INTERFACE_COMPILE_OPTIONS
                     $<$<CONFIG:Debug>:${realtimekit_realtimekit_core_COMPILE_OPTIONS_DEBUG}>)


    ########## AGGREGATED GLOBAL TARGET WITH THE COMPONENTS #####################
    set_property(TARGET realtimekit::all APPEND PROPERTY INTERFACE_LINK_LIBRARIES realtimekit::core)

########## For the modules (FindXXX)
set(realtimekit_LIBRARIES_DEBUG realtimekit::all)
