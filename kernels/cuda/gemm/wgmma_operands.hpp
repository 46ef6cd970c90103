// Operands of wgmma as inline assembly writes them: MICRODC_NAMES_n, the names of n sums in the
// text (they come first; what follows is numbered on from n), and MICRODC_SUMS_n, the sums
// themselves.
#pragma once

// clang-format off
#define MICRODC_TEN(t) \
  "%" t "0, %" t "1, %" t "2, %" t "3, %" t "4, %" t "5, %" t "6, %" t "7, %" t "8, %" t "9, "
#define MICRODC_NAMES_4 "%0, %1, %2, %3"
#define MICRODC_NAMES_8 "%0, %1, %2, %3, %4, %5, %6, %7"
#define MICRODC_NAMES_16 MICRODC_TEN("") "%10, %11, %12, %13, %14, %15"
#define MICRODC_NAMES_32 MICRODC_TEN("") MICRODC_TEN("1") MICRODC_TEN("2") "%30, %31"
#define MICRODC_FIFTY \
  MICRODC_TEN("") MICRODC_TEN("1") MICRODC_TEN("2") MICRODC_TEN("3") MICRODC_TEN("4")
#define MICRODC_NAMES_64 MICRODC_FIFTY MICRODC_TEN("5") "%60, %61, %62, %63"
#define MICRODC_NAMES_128                                                                          \
  MICRODC_FIFTY MICRODC_TEN("5") MICRODC_TEN("6") MICRODC_TEN("7") MICRODC_TEN("8") MICRODC_TEN("9") \
  MICRODC_TEN("10") MICRODC_TEN("11") "%120, %121, %122, %123, %124, %125, %126, %127"

#define MICRODC_SUMS_4(d, i) "+f"(d[i]), "+f"(d[(i) + 1]), "+f"(d[(i) + 2]), "+f"(d[(i) + 3])
#define MICRODC_SUMS_8(d, i) MICRODC_SUMS_4(d, i), MICRODC_SUMS_4(d, (i) + 4)
#define MICRODC_SUMS_16(d, i) MICRODC_SUMS_8(d, i), MICRODC_SUMS_8(d, (i) + 8)
#define MICRODC_SUMS_32(d, i) MICRODC_SUMS_16(d, i), MICRODC_SUMS_16(d, (i) + 16)
#define MICRODC_SUMS_64(d, i) MICRODC_SUMS_32(d, i), MICRODC_SUMS_32(d, (i) + 32)
#define MICRODC_SUMS_128(d, i) MICRODC_SUMS_64(d, i), MICRODC_SUMS_64(d, (i) + 64)
// clang-format on
