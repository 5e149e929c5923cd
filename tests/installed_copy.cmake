# Installs Heddle, moves the copy, builds examples/consumer against it, and translates with a tiny model that the installed
# program trains. Arguments: BUILD, SOURCE, COMPILER, GENERATOR.
set(work ${BUILD}/consumer)
set(copy ${work}/moved)
file(REMOVE_RECURSE ${work})

function(must)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${said}")
  endif()
endfunction()

must(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/installed)
file(RENAME ${work}/installed ${copy})
foreach(installed bin/heddle include/heddle/task/translator.h share/heddle/recipes/demo/dates.toml)
  if(NOT EXISTS ${copy}/${installed})
    message(FATAL_ERROR "cmake --install left out ${installed}")
  endif()
endforeach()
file(GLOB_RECURSE package ${copy}/*.cmake)
foreach(file IN LISTS package)
  file(READ ${file} text)
  foreach(folder ${SOURCE} ${work})
    string(FIND "${text}" ${folder} found)
    if(NOT found EQUAL -1)
      message(FATAL_ERROR "${file} names ${folder}: the installed copy cannot be moved")
    endif()
  endforeach()
endforeach()

must(${CMAKE_COMMAND} -S ${SOURCE}/examples/consumer -B ${work}/build -G ${GENERATOR} -DCMAKE_BUILD_TYPE=Release
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${copy})
must(${CMAKE_COMMAND} --build ${work}/build)

# A language of three words, and the smallest model that can learn it.
set(source "")
set(target "")
foreach(round RANGE 40)
  string(APPEND source "one\none two\ntwo three\nthree one two\n")
  string(APPEND target "eins\neins zwei\nzwei drei\ndrei eins zwei\n")
endforeach()
foreach(part train valid)
  file(WRITE ${work}/${part}.source "${source}")
  file(WRITE ${work}/${part}.target "${target}")
endforeach()
file(WRITE ${work}/words.toml [[
[tokenizer]
vocab_size = 270
[model]
width = 32
heads = 2
ffn = 64
encoder_layers = 1
decoder_layers = 1
max_length = 64
norm_place = "pre"
dropout = 0.0
[train]
threads = 1
batch_tokens = 256
learning_rate = 1e-2
warmup_steps = 10
max_steps = 150
validate_every = 150
]])
must(${copy}/bin/heddle train ${work}/words.toml --out ${work}/model --set data.dir=${work})

file(WRITE ${work}/lines "two three\n\none two\n")
execute_process(COMMAND ${work}/build/consumer ${work}/model INPUT_FILE ${work}/lines OUTPUT_VARIABLE answers
  COMMAND_ERROR_IS_FATAL ANY)
if(NOT answers STREQUAL "zwei drei\n\neins zwei\n")
  message(FATAL_ERROR "The program built against the installed copy answered:\n${answers}")
endif()
