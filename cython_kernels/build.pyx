"""Compiler, flags and vector width that the kernels were compiled with."""

cdef extern from *:
    """
    #ifndef __VERSION__
    #define __VERSION__ "unknown"
    #endif
    #ifndef HPCMM_FLAGS
    #define HPCMM_FLAGS "unknown"
    #endif
    #include "simd.h"
    #if defined(__clang__)
    #define HPCMM_COMPILER "clang " __VERSION__
    #else
    #define HPCMM_COMPILER "gcc " __VERSION__
    #endif
    #if defined(__AVX512F__)
    #define HPCMM_SIMD "AVX-512"
    #elif defined(__AVX2__)
    #define HPCMM_SIMD "AVX2"
    #elif defined(__AVX__)
    #define HPCMM_SIMD "AVX"
    #elif defined(__ARM_NEON)
    #define HPCMM_SIMD "NEON"
    #elif defined(__SSE2__)
    #define HPCMM_SIMD "SSE2"
    #else
    #define HPCMM_SIMD "generic"
    #endif
    """
    const char* HPCMM_COMPILER
    const char* HPCMM_FLAGS
    const char* HPCMM_SIMD
    enum: HPCMM_WIDTH

COMPILER = HPCMM_COMPILER.decode()
FLAGS = HPCMM_FLAGS.decode()
SIMD = HPCMM_SIMD.decode()
VECTOR_WIDTH = HPCMM_WIDTH
