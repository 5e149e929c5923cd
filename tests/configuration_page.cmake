# Fails when PAGE differs from what `heddle config TOPIC` prints.
execute_process(COMMAND ${PROGRAM} config ${TOPIC} OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
file(READ ${PAGE} page)
if(NOT page STREQUAL printed)
  message(FATAL_ERROR "${PAGE} is not what the program says. To refresh it, run: build/heddle config ${TOPIC} > ${PAGE}")
endif()
