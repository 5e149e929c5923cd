# What the library links to: Debian packages, installed by tools/install_deps.sh. The build reads this file, and so does
# find_package(heddle), beside whose configuration it is installed.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(isal REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(spng REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(onig REQUIRED IMPORTED_TARGET oniguruma)
pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)

# Debian's own package file for oneDNN asks for OpenCL, which nothing here uses.
if(NOT TARGET heddle::dnnl)
  find_library(DNNL_LIBRARY dnnl REQUIRED)
  find_path(DNNL_INCLUDE_DIRECTORY dnnl.hpp REQUIRED)
  add_library(heddle::dnnl UNKNOWN IMPORTED)
  set_target_properties(heddle::dnnl PROPERTIES IMPORTED_LOCATION ${DNNL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${DNNL_INCLUDE_DIRECTORY})
endif()

# The C library first: Oniguruma exports POSIX's regcomp and regexec too, which others mean the C library's by. By its file's
# name: ld moves an -lc to the one that g++ ends with.
set(HEDDLE_DEPENDENCIES -l:libc.so.6 fmt::fmt spdlog::spdlog PkgConfig::isal PkgConfig::zstd PkgConfig::simdjson PkgConfig::spng PkgConfig::turbojpeg PkgConfig::xxhash PkgConfig::utf8proc PkgConfig::onig
    PkgConfig::hwy heddle::dnnl OpenMP::OpenMP_CXX Threads::Threads)
