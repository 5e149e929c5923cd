# The layers, lowest first. A layer may include only itself and those before it;
# tests/architecture holds the same rule over every #include.
set(HEDDLE_LAYERS base report tensor kernels ops nn text data model metrics decode train inspect task lab)
# Which are compiled with how much care: for the loops of these tests wait under sanitizers too,
set(HEDDLE_NUMERIC_LAYERS base report tensor kernels ops nn)
# and these only call what computes, so that they need little even in the program (heddle_optimize_calls).
set(HEDDLE_CALLING_LAYERS inspect task lab)

set(HEDDLE_WARNINGS -Wall -Wextra -Wshadow -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  list(APPEND HEDDLE_WARNINGS -Wno-restrict)  # false alarms on std::string in g++ 12 (GCC bug 105329)
endif()

function(heddle_compile_options target)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>)  # headers alone
  target_compile_options(${target} PRIVATE ${HEDDLE_WARNINGS})
  if(HEDDLE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(HEDDLE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${HEDDLE_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${HEDDLE_SANITIZE})
  endif()
endfunction()

# What `make test` runs all tests with as well. With the four checks left out a file takes twice as long to compile; the
# first three find what the address sanitizer stops at as well, and `make test-sanitized` and the fuzzers have them all.
function(heddle_check target)
  target_compile_options(${target} PRIVATE -O1 -g1 -fsanitize=address,undefined
    -fno-sanitize=null,object-size,vptr,alignment -fno-omit-frame-pointer -w)  # g++ warns of what sanitizers add
  target_link_options(${target} PRIVATE -fsanitize=address,undefined)
endfunction()

# For what calls that which computes: a third less to compile. Objects of such targets are linked behind those of the layers
# that compute, since of an inline function in several objects the linker takes the first.
function(heddle_optimize_calls target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# The same for a target that is checked: no optimisation, and the address sanitizer's checks as calls.
function(heddle_optimize_checked_calls target)
  target_compile_options(${target} PRIVATE -O0 --param asan-instrumentation-with-call-threshold=0)
endfunction()

# For tests, whose time to run does not count, and whose time to compile does (under sanitizers half of it). Not for what
# is linked into the program: of an inline function in two objects the linker keeps either copy.
function(heddle_optimize_little target)
  target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:RelWithDebInfo>>:-O0>)
endfunction()

# The lab's ledger, answers and stored results, compiled in.
function(heddle_embed_lab target)
  file(GLOB embedded CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/lab/claims/*.json ${PROJECT_SOURCE_DIR}/docs/answers/*.md
    ${PROJECT_SOURCE_DIR}/docs/results/lab/*.json ${PROJECT_SOURCE_DIR}/heddle/lab/q*.cc)
  set(output ${PROJECT_BINARY_DIR}/embedded_lab.cc)
  add_custom_command(OUTPUT ${output} DEPENDS ${embedded} ${PROJECT_SOURCE_DIR}/cmake/embed_lab.cmake
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUTPUT=${output} -P ${PROJECT_SOURCE_DIR}/cmake/embed_lab.cmake)
  target_sources(${target} PRIVATE ${output})
endfunction()

# heddle_<layer><variant>: the objects of heddle/<layer>/**.cc, for the variant "" as the program has them, for "_checked" under
# the address and the undefined-behaviour sanitizer.
function(heddle_add_layer layer variant)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/heddle/${layer}/*.cc)
  if(NOT sources)
    return()
  endif()
  set(target heddle_${layer}${variant})
  add_library(${target} OBJECT ${sources})
  if(layer STREQUAL lab)
    heddle_embed_lab(${target})
  endif()
  if(layer STREQUAL kernels)
    target_compile_definitions(${target} PRIVATE ${HEDDLE_OLDEST_LEVEL_DEFINITIONS})
    target_compile_options(${target} PRIVATE ${HEDDLE_OLDEST_LEVEL_OPTIONS} $<$<CONFIG:Release,RelWithDebInfo>:-O3>)
    if(HEDDLE_SANITIZE STREQUAL thread)
      target_compile_definitions(${target} PRIVATE HWY_COMPILE_ONLY_STATIC)  # threads do not depend on the level
    endif()
  endif()
  heddle_compile_options(${target})
  set(kind layer${variant})
  if(variant STREQUAL "_checked")
    heddle_check(${target})
    if(NOT layer IN_LIST HEDDLE_NUMERIC_LAYERS)
      set(kind calls${variant})
      heddle_optimize_checked_calls(${target})
    endif()
  elseif(layer IN_LIST HEDDLE_CALLING_LAYERS)
    set(kind calls${variant})
    heddle_optimize_calls(${target})
  endif()
  target_link_libraries(${target} PUBLIC ${HEDDLE_DEPENDENCIES})
  if(layer STREQUAL lab)  # each experiment is a file that may stand alone, over the same headers
    heddle_precompile(lab${variant} ${target} ${PROJECT_SOURCE_DIR}/heddle/lab/learner.h ${PROJECT_SOURCE_DIR}/heddle/lab/trial.h)
  elseif(NOT layer STREQUAL kernels)  # its options are its own, and Highway reads its sources once for each level
    heddle_precompile(${kind} ${target})
    heddle_unite(${target})
  endif()
endfunction()

# heddle_objects_up_to(result last variant): the objects of every layer up to and including `last`, or of none.
function(heddle_objects_up_to result last variant)
  set(objects "")
  if(last STREQUAL none)
    set(${result} "" PARENT_SCOPE)
    return()
  endif()
  foreach(layer IN LISTS HEDDLE_LAYERS)
    if(TARGET heddle_${layer}${variant})
      list(APPEND objects $<TARGET_OBJECTS:heddle_${layer}${variant}>)
    endif()
    if(layer STREQUAL last)
      break()
    endif()
  endforeach()
  set(${result} ${objects} PARENT_SCOPE)
endfunction()

# heddle_link_layers(target last): links the objects of every layer up to and including `last`.
function(heddle_link_layers target last)
  heddle_objects_up_to(objects ${last} "")
  target_sources(${target} PRIVATE ${objects})
  target_link_libraries(${target} PRIVATE ${HEDDLE_DEPENDENCIES})
endfunction()

# The library target heddle::heddle: all layers in one static archive.
function(heddle_add_library)
  add_library(heddle_library STATIC)
  add_library(heddle::heddle ALIAS heddle_library)
  set_target_properties(heddle_library PROPERTIES OUTPUT_NAME heddle EXPORT_NAME heddle)
  heddle_compile_options(heddle_library)
  foreach(layer IN LISTS HEDDLE_LAYERS)
    if(TARGET heddle_${layer})
      target_sources(heddle_library PRIVATE $<TARGET_OBJECTS:heddle_${layer}>)
    endif()
  endforeach()
  target_compile_features(heddle_library PUBLIC cxx_std_20)
  target_link_libraries(heddle_library PUBLIC ${HEDDLE_DEPENDENCIES})
  set_target_properties(heddle_library PROPERTIES LINKER_LANGUAGE CXX)
endfunction()
