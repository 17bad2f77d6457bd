/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENPCC_TESTS_CHECK_H
#define OPENPCC_TESTS_CHECK_H

#include <stdio.h>
#include <stdlib.h>

/* CHECK ends the test with its place; it stays in every build. */
#define CHECK(expression)                                                               \
    do {                                                                                \
        if (!(expression)) {                                                            \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #expression);    \
            exit(1);                                                                    \
        }                                                                               \
    } while (0)

#endif
