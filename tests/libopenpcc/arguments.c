/* SPDX-License-Identifier: Apache-2.0
 * What a program may get wrong: an error by name each time, and never a crash. C99, against the header alone. */
#include <openpcc/openpcc.h>
#include <string.h>

#include "check.h"

static openpcc_error *error;

/* The status that was wanted, with an error that has a name. */
static void expect(openpcc_status found, openpcc_status wanted, const char *name) {
    size_t size = 0;
    CHECK(found == wanted);
    CHECK(openpcc_error_status(error) == wanted);
    CHECK(strcmp(openpcc_error_name(error, &size), name) == 0);
    CHECK(size == strlen(name));
    openpcc_error_free(error);
    error = NULL;
}

static openpcc_evidence fresh(void) {
    openpcc_evidence out;
    memset(&out, 0, sizeof out);
    out.struct_size = sizeof out;
    out.bundle.data = "no bundle";
    out.bundle.size = 9;
    out.policy.data = "{}";
    out.policy.size = 2;
    return out;
}

static void nothing_at_all(void) {
    size_t size = 7;
    int number = 7;
    openpcc_evidence evidence = fresh();
    CHECK(openpcc_abi() == OPENPCC_ABI && strlen(openpcc_version()) > 5);
    CHECK(openpcc_error_status(NULL) == OPENPCC_OK);
    CHECK(*openpcc_error_name(NULL, &size) == '\0' && size == 0);
    CHECK(*openpcc_error_text(NULL, NULL) == '\0' && *openpcc_error_hint(NULL, NULL) == '\0');
    openpcc_error_free(NULL);
    CHECK(openpcc_verdict_status(NULL) == OPENPCC_USAGE && *openpcc_verdict_json(NULL, NULL) == '\0');
    CHECK(*openpcc_verdict_statement(NULL, NULL) == '\0' && *openpcc_verdict_bundle(NULL, NULL) == '\0');
    CHECK(*openpcc_verdict_challenge(NULL, NULL) == '\0' && openpcc_verdict_sent(NULL) == 0);
    openpcc_verdict_free(NULL);
    CHECK(openpcc_verdicts_count(NULL) == 0 && openpcc_verdicts_at(NULL, 0) == NULL);
    openpcc_verdicts_free(NULL);
    openpcc_session_stop(NULL);
    openpcc_session_free(NULL);
    CHECK(*openpcc_stream_answered_by(NULL, NULL) == '\0');
    openpcc_stream_cancel(NULL);
    openpcc_stream_free(NULL);
    CHECK(openpcc_verify(NULL, NULL, NULL) == OPENPCC_USAGE);
    CHECK(openpcc_verify(&evidence, NULL, NULL) == OPENPCC_USAGE);
    expect(openpcc_session_open_config("x", 1, NULL, &error), OPENPCC_USAGE, "library.bad_argument");
    expect(openpcc_session_open_service("x", 1, NULL, &error), OPENPCC_USAGE, "library.bad_argument");
    expect(openpcc_session_verdicts(NULL, 0, NULL, &error), OPENPCC_USAGE, "library.bad_argument");
    expect(openpcc_ask(NULL, "/", 1, "{}", 2, NULL, &error), OPENPCC_USAGE, "library.bad_argument");
    expect(openpcc_stream_head(NULL, 0, &number, &error), OPENPCC_USAGE, "library.bad_argument");
    CHECK(number == 0);
    expect((openpcc_status)-openpcc_stream_read(NULL, &number, 1, 0, &error), OPENPCC_USAGE, "library.bad_argument");
}

static void evidence(void) {
    openpcc_verdict *verdict = (openpcc_verdict *)&error;
    openpcc_evidence bad = fresh();
    bad.struct_size += 8;
    expect(openpcc_verify(&bad, &verdict, &error), OPENPCC_USAGE, "library.bad_argument");
    CHECK(verdict == NULL);
    bad = fresh();
    bad.bundle.data = NULL;
    expect(openpcc_verify(&bad, &verdict, &error), OPENPCC_USAGE, "library.bad_argument");
    bad = fresh();
    bad.bundle.size = (size_t)-1;
    expect(openpcc_verify(&bad, &verdict, &error), OPENPCC_USAGE, "library.bad_argument");
    bad = fresh();
    bad.at = INT64_MAX;
    expect(openpcc_verify(&bad, &verdict, &error), OPENPCC_USAGE, "library.bad_argument");
    bad = fresh();
    bad.policy_signer_count = 1;
    expect(openpcc_verify(&bad, &verdict, &error), OPENPCC_USAGE, "library.bad_argument");
    bad = fresh();
    bad.policy_threshold = 2;
    expect(openpcc_verify(&bad, &verdict, &error), OPENPCC_USAGE, "envelope.bad_signer");
    bad = fresh();
    expect(openpcc_verify(&bad, &verdict, &error), OPENPCC_USAGE, "policy.bad_policy");
    CHECK(verdict == NULL);
}

static void sessions(void) {
    openpcc_session *session = NULL;
    expect(openpcc_session_open_config(NULL, 0, &session, &error), OPENPCC_USAGE, "library.bad_argument");
    expect(openpcc_session_open_config(NULL, 9, &session, &error), OPENPCC_USAGE, "library.bad_argument");
    expect(openpcc_session_open_config("/etc/passwd\0x", 13, &session, &error), OPENPCC_USAGE, "library.bad_argument");
    expect(openpcc_session_open_config("/nonexistent", 12, &session, &error), OPENPCC_USAGE, "config.bad_file");
    expect(openpcc_session_open_service("../x", 4, &session, &error), OPENPCC_USAGE, "profiles.unknown");
    CHECK(session == NULL);
}

int main(void) {
    nothing_at_all();
    evidence();
    sessions();
    return 0;
}
