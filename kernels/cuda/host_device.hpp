// Functions of tile and index arithmetic compile for the device and, with any C++ compiler, for
// host tests.
#pragma once

#ifdef __CUDACC__
#define MICRODC_HD __host__ __device__
#else
#define MICRODC_HD
#endif
