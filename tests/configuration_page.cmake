# Fails when PAGE differs from what `heddle config docs` prints.
execute_process(COMMAND ${PROGRAM} config docs OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
file(READ ${PAGE} page)
if(NOT page STREQUAL printed)
  message(FATAL_ERROR "docs/configuration.md is not what the program says of its config keys. "
    "To refresh it, run: build/heddle config docs > docs/configuration.md")
endif()
