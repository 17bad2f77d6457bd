/* SPDX-License-Identifier: Apache-2.0
 * streams CONFIG: eight threads ask one session at once; some cancel each other's answers, and the session is freed with
 * streams under way. For sanitizers, too. */
#include <openpcc/openpcc.h>
#include <pthread.h>
#include <string.h>

#include "check.h"

enum { kThreads = 8, kRounds = 6 };
static openpcc_session *session;
static const char kPath[] = "/v1/chat/completions";
static const char kShort[] = "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"Capital of Japan?\"}]}";
static const char kLong[] =
    "{\"model\":\"demo\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Tell me a story.\"}]}";

static openpcc_stream *ask(const char *body) {
    openpcc_stream *stream = NULL;
    openpcc_error *error = NULL;
    CHECK(openpcc_ask(session, kPath, strlen(kPath), body, strlen(body), &stream, &error) == OPENPCC_OK);
    CHECK(stream != NULL && error == NULL);
    return stream;
}

static void *whole(void *unused) {
    int round;
    for (round = 0; round < kRounds; ++round) {
        openpcc_stream *stream = ask(kShort);
        openpcc_error *error = NULL;
        char piece[7], answer[4096];
        size_t size = 0;
        int status = 0;
        int64_t got;
        CHECK(openpcc_stream_head(stream, -1, &status, &error) == OPENPCC_OK && status == 200);
        while ((got = openpcc_stream_read(stream, piece, sizeof piece, -1, &error)) > 0) {
            CHECK((size_t)got <= sizeof piece && size + (size_t)got < sizeof answer);
            memcpy(answer + size, piece, (size_t)got);
            size += (size_t)got;
        }
        if (got < 0) fprintf(stderr, "%s: %s\n", openpcc_error_name(error, NULL), openpcc_error_text(error, NULL));
        CHECK(got == 0);
        CHECK(openpcc_stream_read(stream, piece, sizeof piece, 0, &error) == 0);
        answer[size] = '\0';
        CHECK(strstr(answer, "The capital of Japan is Tokyo.") != NULL);
        CHECK(strlen(openpcc_stream_answered_by(stream, NULL)) == 64);
        openpcc_stream_cancel(stream); /* too late to change anything */
        CHECK(openpcc_stream_read(stream, piece, sizeof piece, 0, &error) == 0);
        openpcc_stream_free(stream);
    }
    return unused;
}

static void *canceller(void *stream) {
    openpcc_stream_cancel(stream);
    return NULL;
}

static void *cancelled(void *unused) {
    int round;
    for (round = 0; round < kRounds; ++round) {
        openpcc_stream *stream = ask(kLong);
        openpcc_error *error = NULL;
        pthread_t other;
        char piece[64];
        int64_t got = 1;
        int count;
        for (count = 0; count < 3 * round && got > 0; ++count)
            got = openpcc_stream_read(stream, piece, sizeof piece, -1, &error);
        CHECK(got > 0);
        CHECK(pthread_create(&other, NULL, canceller, stream) == 0);
        while ((got = openpcc_stream_read(stream, piece, sizeof piece, -1, &error)) > 0) {
        }
        CHECK(got == -OPENPCC_CANCELLED && strcmp(openpcc_error_name(error, NULL), "net.cancelled") == 0);
        openpcc_error_free(error);
        CHECK(*openpcc_stream_answered_by(stream, NULL) == '\0');
        CHECK(pthread_join(other, NULL) == 0);
        openpcc_stream_free(stream);
    }
    return unused;
}

static void *verdicts(void *unused) {
    openpcc_verdicts *all = NULL;
    openpcc_error *error = NULL;
    openpcc_status status;
    while ((status = openpcc_session_verdicts(session, 5, &all, &error)) == OPENPCC_AGAIN) CHECK(all == NULL && error == NULL);
    CHECK(status == OPENPCC_SIMULATED && error == NULL);
    CHECK(openpcc_verdicts_count(all) == 2 && openpcc_verdicts_at(all, 2) == NULL);
    CHECK(openpcc_verdict_status(openpcc_verdicts_at(all, 1)) == OPENPCC_SIMULATED);
    openpcc_verdicts_free(all);
    return unused;
}

/* Nobody reads: the session's thread waits, and frees all the same. */
static void freed_under_way(void) {
    openpcc_stream *before = ask(kLong), *after = ask(kLong), *late = NULL;
    openpcc_error *error = NULL;
    int status = 0;
    char piece[16];
    CHECK(openpcc_stream_head(after, -1, &status, &error) == OPENPCC_OK);
    openpcc_stream_free(before);
    openpcc_session_stop(session);
    CHECK(openpcc_ask(session, kPath, strlen(kPath), kLong, strlen(kLong), &late, &error) == OPENPCC_OK);
    CHECK(openpcc_stream_read(late, piece, sizeof piece, -1, NULL) == -OPENPCC_CANCELLED);
    openpcc_session_free(session);
    CHECK(openpcc_stream_read(after, piece, sizeof piece, -1, NULL) == -OPENPCC_CANCELLED);
    openpcc_stream_free(after);
    openpcc_stream_free(late);
}

int main(int argc, char **argv) {
    pthread_t threads[kThreads];
    openpcc_error *error = NULL;
    int i;
    CHECK(argc == 2);
    CHECK(openpcc_session_open_config(argv[1], strlen(argv[1]), &session, &error) == OPENPCC_OK);
    for (i = 0; i < kThreads; ++i)
        CHECK(pthread_create(&threads[i], NULL, i == 0 ? verdicts : i % 3 == 2 ? cancelled : whole, NULL) == 0);
    for (i = 0; i < kThreads; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
    freed_under_way();
    return 0;
}
