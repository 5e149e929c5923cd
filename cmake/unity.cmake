# Unity builds: several sources in one translation unit, which reads the headers of all once. A file costs two seconds of
# headers and half a second of its own. Names in a layer's anonymous namespaces therefore differ. Builds that keep files
# honest, and those with ccache, compile each alone.
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(unity_default OFF)
else()
  set(unity_default ON)
endif()
option(HEDDLE_UNITY "Compile several sources at once" ${unity_default})

function(heddle_unite target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${HEDDLE_UNITY} UNITY_BUILD_BATCH_SIZE 30)
  if(HEDDLE_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # A local name may be that of another file; the others are false alarms of g++ 12 on std::string.
    target_compile_options(${target} PRIVATE -Wno-shadow -Wno-stringop-overflow -Wno-array-bounds)
  endif()
endfunction()

# heddle_tests_apart(result sources…): for a unity build, copies of test sources whose namespace ends in the file's name, so
# that tests need not know each other's names. Made while configuring, which a changed source starts again: a command of
# the build would wait for the libraries.
function(heddle_tests_apart result)
  set(copies "")
  foreach(source IN LISTS ARGN)
    if(NOT HEDDLE_UNITY)
      break()
    endif()
    cmake_path(ABSOLUTE_PATH source)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    cmake_path(GET source STEM name)
    file(READ ${source} text)
    string(REGEX REPLACE "\nnamespace (heddle[a-z_:]*) {\n" "\nnamespace \\1::${name} {\n" text "#line 1 \"${source}\"\n${text}")
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE path)
    set(copy ${CMAKE_CURRENT_BINARY_DIR}/apart/${path})
    set(old "")
    if(EXISTS ${copy})
      file(READ ${copy} old)
    endif()
    if(NOT old STREQUAL text)
      file(WRITE ${copy} "${text}")
    endif()
    list(APPEND copies ${copy})
  endforeach()
  if(HEDDLE_UNITY)
    set(${result} ${copies} PARENT_SCOPE)
  else()
    set(${result} ${ARGN} PARENT_SCOPE)
  endif()
endfunction()
