# cmake --install: the program, the library with its headers, the recipes, and the package that find_package(heddle)
# reads. No installed file names the folder it was installed to, so the whole may be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/heddle)

install(TARGETS heddle RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS heddle_library EXPORT heddleTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# kernels/cpu/ is how the fast kernels are made, not how they are called.
install(DIRECTORY heddle DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h"
  PATTERN kernels/cpu EXCLUDE)
install(DIRECTORY recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/heddle)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT heddleTargets NAMESPACE heddle:: DESTINATION ${package})
install(FILES cmake/heddleConfig.cmake DESTINATION ${package})
install(FILES cmake/dependencies.cmake DESTINATION ${package} RENAME heddleDependencies.cmake)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake DESTINATION ${package})
