// Which instruction sets the fast kernels are compiled for: SSE4 (the baseline of this layer's compiler
// flags), AVX2 and AVX-512 (Highway's AVX3). Included before Highway's headers in every file with
// run-time dispatch, once per target.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#endif
