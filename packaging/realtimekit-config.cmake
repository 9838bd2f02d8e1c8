include("${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake")
if(TARGET realtimekit::dependencies)
  include("${CMAKE_CURRENT_LIST_DIR}/realtimekit-targets.cmake")
endif()
