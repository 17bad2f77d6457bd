/* SPDX-License-Identifier: Apache-2.0
 * judge BUNDLE POLICY COLLATERAL ROOTS AT [CHALLENGE SENT]: prints the verdict's JSON; the exit code is its status. Files may
 * be "-" for none. The challenge is a file of 32 bytes. */
#include <openpcc/openpcc.h>
#include <string.h>

#include "check.h"

static openpcc_text file(const char *path) {
    openpcc_text out = {NULL, 0};
    FILE *from;
    char *data;
    if (strcmp(path, "-") == 0) return out;
    from = fopen(path, "rb");
    CHECK(from != NULL);
    data = malloc(8 << 20);
    CHECK(data != NULL);
    out.size = fread(data, 1, 8 << 20, from);
    out.data = data;
    fclose(from);
    return out;
}

int main(int argc, char **argv) {
    openpcc_evidence evidence;
    openpcc_verdict *verdict = NULL;
    openpcc_error *error = NULL;
    openpcc_status status;
    size_t size = 0;
    CHECK(argc == 6 || argc == 8);
    memset(&evidence, 0, sizeof evidence);
    evidence.struct_size = sizeof evidence;
    evidence.bundle = file(argv[1]);
    evidence.policy = file(argv[2]);
    evidence.collateral = file(argv[3]);
    evidence.simulated_roots = file(argv[4]);
    evidence.at = strtoll(argv[5], NULL, 10);
    if (argc == 8) {
        evidence.challenge = file(argv[6]);
        evidence.sent = strtoll(argv[7], NULL, 10);
    }
    status = openpcc_verify(&evidence, &verdict, &error);
    if (verdict == NULL) fprintf(stderr, "%s: %s\n", openpcc_error_name(error, NULL), openpcc_error_text(error, NULL));
    CHECK((verdict == NULL) == (error != NULL));
    if (verdict != NULL) {
        CHECK(openpcc_verdict_status(verdict) == status);
        puts(openpcc_verdict_json(verdict, &size));
        CHECK(size == strlen(openpcc_verdict_json(verdict, NULL)));
    }
    openpcc_error_free(error);
    openpcc_verdict_free(verdict);
    free((void *)evidence.bundle.data);
    free((void *)evidence.policy.data);
    free((void *)evidence.collateral.data);
    free((void *)evidence.simulated_roots.data);
    free((void *)evidence.challenge.data);
    return (int)status;
}
