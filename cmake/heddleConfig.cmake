# find_package(heddle) → heddle::heddle, with everything that it links to.
include(${CMAKE_CURRENT_LIST_DIR}/heddleDependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/heddleTargets.cmake)
