# Precompiled headers: those of others that most files include and that cost most to read. Files still include what they
# use: a build without (-DHEDDLE_PCH=OFF; the clang preset and `make lint`) keeps them honest, and so does ccache,
# which works better without.
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(pch_default OFF)
else()
  set(pch_default ON)
endif()
option(HEDDLE_PCH "Precompile headers from outside" ${pch_default})

set(HEDDLE_PCH_COMMON <algorithm> <filesystem> <fmt/format.h> <fstream> <functional> <map> <memory> <string> <unordered_map>
    <vector>)

# heddle_precompile(kind target headers…): targets of one kind must have the same options; the first one builds for all.
function(heddle_precompile kind target)
  if(NOT HEDDLE_PCH)
    return()
  endif()
  get_property(first GLOBAL PROPERTY heddle_pch_${kind})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${ARGN} ${HEDDLE_PCH_COMMON})
    set_property(GLOBAL PROPERTY heddle_pch_${kind} ${target})
  endif()
endfunction()
