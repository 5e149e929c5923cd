# Debian packages that the library stands on; tools/install_deps.sh installs them.
find_package(OpenMP REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
find_library(DNNL_LIBRARY dnnl REQUIRED)

set(HEDDLE_DEPENDENCIES fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json ZLIB::ZLIB
    PkgConfig::zstd PkgConfig::xxhash PkgConfig::utf8proc PkgConfig::hwy
    ${DNNL_LIBRARY} OpenMP::OpenMP_CXX Threads::Threads)
