/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENPCC_OPENPCC_H
#define OPENPCC_OPENPCC_H

#include <stddef.h>
#include <stdint.h>

/* OpenPCC for C, and for languages that call C: judge evidence, ask verified nodes, read answers as they come.
 * docs/reference/c.md is the guide; examples/ask.c is a whole program. Link with -lopenpcc.
 *
 * What holds for every function:
 *  - Texts are UTF-8. Those given are a pointer and a size in bytes, and need no end mark; NULL with size 0 is none.
 *    They are copied: nothing of the caller's is kept after a call. Those returned end in a zero byte that their size
 *    leaves out, and live as long as the object that they were asked of.
 *  - Objects are made through a last-but-one argument (`out`), which is set to NULL when there is none, and ended by
 *    the one function named *_free; that function takes NULL.
 *  - `error` may be NULL. Otherwise it is set to NULL, or to an error that the caller frees.
 *  - A NULL where an object is needed, a size that cannot be, a structure of another size: OPENPCC_USAGE with the name
 *    library.bad_argument. Nothing is undefined but objects that were freed, and memory that is not there.
 *  - Any thread may call. An object may be used by several threads at once; it is freed by one, when no other is in a
 *    call that uses it. There is no state outside of objects but OpenSSL's. After fork, a child uses none of its
 *    parent's objects.
 *  - Times are seconds since 1970-01-01 UTC; waits are milliseconds, and a negative one has no end.
 *
 * Whether memory may be swapped out or written to a core file is the host's: see openpcc_harden. */

#ifdef __cplusplus
extern "C" {
#endif

/* openpcc_status says how a call ended; 0 to 7 mean what the exit codes of the command line mean. Later versions may
 * return others: whatever is not OPENPCC_OK is not good. */
typedef int32_t openpcc_status;
enum {
    OPENPCC_OK = 0,           /* done; of a verification: verified, with or without notes */
    OPENPCC_USAGE = 1,        /* an argument or a file of the caller's own is wrong */
    OPENPCC_NOT_VERIFIED = 2, /* a check failed: nothing is sent to such a node */
    OPENPCC_INCOMPLETE = 3,   /* no check failed, and one that is needed could not run */
    OPENPCC_UNREACHABLE = 4,  /* somebody on the way cannot be reached, is busy, or has stopped early */
    OPENPCC_REFUSED = 5,      /* a request or an answer is not what it must be */
    OPENPCC_INTERNAL = 6,     /* a fault of the library, or no memory */
    OPENPCC_SIMULATED = 7,    /* every check passed, on simulated hardware that protects nothing */
    OPENPCC_AGAIN = 64,       /* nothing yet after the wait that was asked for; call again */
    OPENPCC_CANCELLED = 65    /* the caller has stopped it */
};

/* openpcc_text is a text or bytes that the caller gives. */
typedef struct openpcc_text {
    const char *data;
    size_t size;
} openpcc_text;

typedef struct openpcc_error openpcc_error;
typedef struct openpcc_verdict openpcc_verdict;
typedef struct openpcc_verdicts openpcc_verdicts;
typedef struct openpcc_session openpcc_session;
typedef struct openpcc_stream openpcc_stream;

/* ---- the library ---- */

/* openpcc_abi is the number in the library's file name (libopenpcc.so.0); programs made for another cannot use it. */
#define OPENPCC_ABI 0
uint32_t openpcc_abi(void);

/* openpcc_version is for people: "0.1.0 (revision)". It lives as long as the process. */
const char *openpcc_version(void);

/* openpcc_harden closes the process against its own user: no core file, no ptrace, no new privileges; and locks all its
 * memory, now and later, if it may. It changes the whole process, cannot be undone, and belongs before the first thread
 * and the first prompt. `memory_locked`, which may be NULL, gets 1 or 0. A program that does not call it keeps these
 * matters in its own hands. */
openpcc_status openpcc_harden(int *memory_locked, openpcc_error **error);

/* ---- errors ---- */

/* openpcc_error_status is the status that came with the error; OPENPCC_OK for NULL. */
openpcc_status openpcc_error_status(const openpcc_error *error);
/* openpcc_error_name is stable, and listed in docs/reference/refusals.md: "client.not_verified". The text says more, to
 * people, and the hint what to do; either may be empty. `size` may be NULL. Of a NULL error all three are empty. */
const char *openpcc_error_name(const openpcc_error *error, size_t *size);
const char *openpcc_error_text(const openpcc_error *error, size_t *size);
const char *openpcc_error_hint(const openpcc_error *error, size_t *size);
void openpcc_error_free(openpcc_error *error);

/* ---- verdicts ---- */

/* openpcc_evidence is a saved bundle and what it is judged by. Set it to zero, then struct_size, then members. */
typedef struct openpcc_evidence {
    size_t struct_size;    /* sizeof(openpcc_evidence) */
    openpcc_text bundle;   /* of a node: what `openpcc verify --save` writes */
    openpcc_text policy;   /* JSON: bare when no signers are named, otherwise an envelope that they have signed */
    const openpcc_text *policy_signers; /* those who must have signed: "openpcc-signer:..." */
    size_t policy_signer_count;
    size_t policy_threshold; /* how many of them; 0: all */
    openpcc_text collateral; /* a file of `openpcc collateral`; without it checks do not run */
    openpcc_text event_log;  /* the boot log of a TDX guest, judged when it is there */
    openpcc_text statement;  /* the name that the node was listed by (64 hex digits); judged when it is there */
    openpcc_text challenge;  /* the 32 bytes that the node was sent; without them nothing shows that it is fresh */
    int64_t sent;            /* when they were sent */
    int64_t at;              /* judge as of this time: time(NULL) for now */
    openpcc_text simulated_roots; /* throwaway roots (PEM); an error in builds without simulated hardware */
} openpcc_evidence;

/* openpcc_verify judges a bundle. It reads no file, no clock and no network: equal input gives an equal verdict, the
 * same bytes of JSON as `openpcc verify --json`.
 * The status is the verdict's, and so OPENPCC_OK means verified and nothing else. `*verdict` is set with OPENPCC_OK,
 * OPENPCC_NOT_VERIFIED, OPENPCC_INCOMPLETE and OPENPCC_SIMULATED, unless something was wrong before the bundle could be
 * judged: then it is NULL, and `*error` says what (a policy that is not signed by enough: OPENPCC_NOT_VERIFIED, too). */
openpcc_status openpcc_verify(const openpcc_evidence *evidence, openpcc_verdict **verdict, openpcc_error **error);

/* openpcc_verdict_status is one of OPENPCC_OK, OPENPCC_NOT_VERIFIED, OPENPCC_INCOMPLETE and OPENPCC_SIMULATED;
 * OPENPCC_USAGE for NULL. */
openpcc_status openpcc_verdict_status(const openpcc_verdict *verdict);
/* openpcc_verdict_json is the verdict with every check, in one line: docs/reference/verdict.md. */
const char *openpcc_verdict_json(const openpcc_verdict *verdict, size_t *size);
/* openpcc_verdict_statement is the name of the node in hex: of a session's, the one in the directory; of a saved
 * bundle's, the one in the bundle, which the verdict alone makes true. Empty when there is none. */
const char *openpcc_verdict_statement(const openpcc_verdict *verdict, size_t *size);
/* openpcc_verdict_bundle, _challenge (32 bytes) and _sent are the evidence that a session's node gave, what it was asked
 * for and when: enough to judge it again with openpcc_verify. Empty and 0 when it gave none, and for saved evidence. */
const char *openpcc_verdict_bundle(const openpcc_verdict *verdict, size_t *size);
const char *openpcc_verdict_challenge(const openpcc_verdict *verdict, size_t *size);
int64_t openpcc_verdict_sent(const openpcc_verdict *verdict);
void openpcc_verdict_free(openpcc_verdict *verdict);

/* ---- sessions ---- */

/* openpcc_session_open_config begins a session with the service of a client configuration (a TOML file).
 * openpcc_session_open_service begins one with a service that the user has added (`openpcc add`): by its name, or with
 * size 0 the one in use. Neither connects: nodes are verified when they are first needed, and again before their
 * verification ends. A session has a thread of its own, which takes no signals. */
openpcc_status openpcc_session_open_config(const char *path, size_t size, openpcc_session **out, openpcc_error **error);
openpcc_status openpcc_session_open_service(const char *name, size_t size, openpcc_session **out,
                                            openpcc_error **error);

/* openpcc_session_verdicts verifies every node of the service now, as `openpcc verify` does. The status is that of the
 * worst node; OPENPCC_UNREACHABLE with the name client.no_node when there is none. OPENPCC_AGAIN after `wait`: the
 * verification goes on, and the next call waits for the same one. The verdicts are freed by the caller; a single one of
 * them lives as long as they do, and is not freed by itself. */
openpcc_status openpcc_session_verdicts(openpcc_session *session, int64_t wait, openpcc_verdicts **out,
                                        openpcc_error **error);
size_t openpcc_verdicts_count(const openpcc_verdicts *verdicts);
const openpcc_verdict *openpcc_verdicts_at(const openpcc_verdicts *verdicts, size_t index); /* NULL: no such one */
void openpcc_verdicts_free(openpcc_verdicts *verdicts);

/* openpcc_session_stop cancels all that the session is doing: whoever waits gets OPENPCC_CANCELLED, now and later. It
 * does not wait. */
void openpcc_session_stop(openpcc_session *session);
/* openpcc_session_free stops the session, waits for its thread and frees it. Its streams may be freed before or after;
 * reading them gives OPENPCC_CANCELLED. */
void openpcc_session_free(openpcc_session *session);

/* ---- asking ---- */

/* openpcc_ask sends one request of the API to verified nodes: POST with a body (JSON), GET with an empty one
 * ("/v1/models"). It is judged before anything is sent, written anew, and loses the members that say who asks
 * (docs/reference/api.md); there are no headers to give. Any number of streams go on at once. It does not wait: what
 * goes wrong on the way is told by the functions of the stream.
 * A request's body may be 2 MiB long. */
openpcc_status openpcc_ask(openpcc_session *session, const char *path, size_t path_size, const char *body,
                           size_t body_size, openpcc_stream **out, openpcc_error **error);

/* openpcc_stream_head waits for the first of the answer and gives its HTTP status: 200, or the API's own refusal, whose
 * JSON is then what is read. */
openpcc_status openpcc_stream_head(openpcc_stream *stream, int64_t wait, int *http_status, openpcc_error **error);

/* openpcc_stream_read gives the next bytes of the answer, as soon as there are any: decrypted, made by a verified node
 * for this request, in order. What is not read is not fetched: the node's engine waits.
 *   > 0   so many bytes, at most `capacity`, which is not 0
 *   0     the answer's authenticated end, and nothing else
 *   < 0   a status, negative: -OPENPCC_AGAIN after `wait`; otherwise the answer is not whole, and no more comes.
 * What was read before an error is genuine. */
int64_t openpcc_stream_read(openpcc_stream *stream, void *buffer, size_t capacity, int64_t wait, openpcc_error **error);

/* openpcc_stream_answered_by is the statement's name (hex) of the node that has answered, as in its verdict. It is known
 * at the end: empty before openpcc_stream_read has given 0. */
const char *openpcc_stream_answered_by(const openpcc_stream *stream, size_t *size);

/* openpcc_stream_cancel ends the request, from any thread: readers get OPENPCC_CANCELLED, what was not read is wiped, and
 * the node's engine stops. It does not wait. */
void openpcc_stream_cancel(openpcc_stream *stream);
/* openpcc_stream_free cancels what has not ended. */
void openpcc_stream_free(openpcc_stream *stream);

#ifdef __cplusplus
}
#endif

#endif /* OPENPCC_OPENPCC_H */
