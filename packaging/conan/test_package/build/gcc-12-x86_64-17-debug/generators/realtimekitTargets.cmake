# Load the debug and release variables
file(GLOB DATA_FILES "${CMAKE_CURRENT_LIST_DIR}/realtimekit-*-data.cmake")

foreach(f ${DATA_FILES})
    include(${f})
endforeach()

# Create the targets for all the components
foreach(_COMPONENT ${realtimekit_COMPONENT_NAMES} )
    if(NOT TARGET ${_COMPONENT})
        add_library(${_COMPONENT} INTERFACE IMPORTED)
        message(${realtimekit_MESSAGE_MODE} "Conan: Component target declared '${_COMPONENT}'")
    endif()
endforeach()

if(NOT TARGET realtimekit::all)
    add_library(realtimekit::all INTERFACE IMPORTED)
    message(${realtimekit_MESSAGE_MODE} "Conan: Target declared 'realtimekit::all'")
endif()
# Load the debug and release library finders
file(GLOB CONFIG_FILES "${CMAKE_CURRENT_LIST_DIR}/realtimekit-Target-*.cmake")

foreach(f ${CONFIG_FILES})
    include(${f})
endforeach()