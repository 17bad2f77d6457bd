/* SPDX-License-Identifier: Apache-2.0
 * ask CONFIG PROMPT [MODEL]: asks verified nodes, and prints the events of the answer as they come (docs/reference/c.md).
 * The exit code is the status. */
#include <openpcc/openpcc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text as the inside of a JSON string. */
static void write_escaped(char *to, const char *text) {
    for (; *text != '\0'; ++text) {
        if (*text == '"' || *text == '\\') {
            *to++ = '\\';
            *to++ = *text;
        } else if ((unsigned char)*text < 0x20) {
            to += sprintf(to, "\\u%04x", (unsigned)*text);
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

static int failed(openpcc_status status, openpcc_error *error) {
    fprintf(stderr, "ask: error: %s: %s\n", openpcc_error_name(error, NULL), openpcc_error_text(error, NULL));
    if (*openpcc_error_hint(error, NULL) != '\0') fprintf(stderr, "ask: hint: %s\n", openpcc_error_hint(error, NULL));
    openpcc_error_free(error);
    return (int)status;
}

static int read_answer(openpcc_stream *stream) {
    char piece[4096];
    openpcc_error *error = NULL;
    int http_status = 0;
    int64_t got;
    openpcc_status status = openpcc_stream_head(stream, -1, &http_status, &error);
    if (status != OPENPCC_OK) return failed(status, error);
    while ((got = openpcc_stream_read(stream, piece, sizeof piece, -1, &error)) > 0) {
        fwrite(piece, 1, (size_t)got, stdout);
        fflush(stdout);
    }
    if (got < 0) return failed((openpcc_status)-got, error); /* what was printed is genuine, and not whole */
    if (http_status != 200) return OPENPCC_REFUSED;          /* the node's own error was printed */
    printf("answered by %s\n", openpcc_stream_answered_by(stream, NULL));
    return OPENPCC_OK;
}

int main(int argc, char **argv) {
    openpcc_session *session = NULL;
    openpcc_stream *stream = NULL;
    openpcc_error *error = NULL;
    openpcc_status status;
    const char *model = argc > 3 ? argv[3] : "demo";
    char *prompt, *body;
    if (argc < 3) {
        fprintf(stderr, "usage: ask CONFIG PROMPT [MODEL]\n");
        return OPENPCC_USAGE;
    }
    prompt = malloc(6 * strlen(argv[2]) + 1);
    body = malloc(6 * strlen(argv[2]) + strlen(model) + 200);
    if (prompt == NULL || body == NULL) return OPENPCC_INTERNAL;
    write_escaped(prompt, argv[2]);
    sprintf(body, "{\"model\": \"%s\", \"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}", model,
            prompt);

    status = openpcc_session_open_config(argv[1], strlen(argv[1]), &session, &error);
    if (status == OPENPCC_OK) {
        static const char path[] = "/v1/chat/completions";
        status = openpcc_ask(session, path, strlen(path), body, strlen(body), &stream, &error);
    }
    status = status == OPENPCC_OK ? read_answer(stream) : failed(status, error);
    openpcc_stream_free(stream);
    openpcc_session_free(session);
    free(prompt);
    free(body);
    return (int)status;
}
