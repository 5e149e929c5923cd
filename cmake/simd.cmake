# The oldest processor that kernels are compiled for: SSE4, without the AES of later years. Code for newer ones is compiled
# beside it and chosen at run time.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(HEDDLE_OLDEST_LEVEL_OPTIONS -msse4.2)
  set(HEDDLE_OLDEST_LEVEL_DEFINITIONS HWY_DISABLE_PCLMUL_AES)
endif()
