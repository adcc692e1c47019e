/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A list that breaks off inside a line is an error: half of an answer looks like a whole one.
 */
#include "ctl/talk.h"

#include "wire/reply.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define TIMEOUT_MS 30000 /* a list of thousands of devices takes a moment */

Talk *talk_new(void)
{
    Talk *talk = g_new0(Talk, 1);

    talk->connection.socket = -1;
    talk->request = g_string_new(NULL);
    lines_init(&talk->lines);
    return talk;
}

void talk_free(Talk *talk)
{
    connection_close(&talk->connection);
    g_string_free(talk->request, TRUE);
    g_free(talk);
}

void talk_begin(Talk *talk, const char *word)
{
    g_string_assign(talk->request, word);
    g_string_append_c(talk->request, '\n');
}

void talk_add(Talk *talk, const char *key, const char *value)
{
    char text[LINE_SIZE_MAX];
    LineWriter writer;

    if (!value)
        return;
    line_writer_init(&writer, text, sizeof(text));
    line_write(&writer, key, value);
    if (!line_writer_end(&writer)) {
        talk->unwritable = true;
        return;
    }
    g_string_truncate(talk->request, talk->request->len - 1);
    g_string_append_printf(talk->request, " %s", text);
}

void talk_add_number(Talk *talk, const char *key, guint64 value)
{
    char text[24];

    g_snprintf(text, sizeof(text), "%" G_GUINT64_FORMAT, value);
    talk_add(talk, key, text);
}

void talk_add_body(Talk *talk, const char *text)
{
    g_string_append(talk->request, text);
}

static TalkResult fail_foreign(Talk *talk)
{
    connection_fail(&talk->connection, "what answered at %s does not speak ontapd's protocol",
                    talk->connection.path);
    return TALK_FAILED;
}

TalkResult talk_receive(Talk *talk)
{
    size_t room;
    char *space = lines_space(&talk->lines, &room);
    ssize_t received;

    do
        received = recv(talk->connection.socket, space, room, MSG_DONTWAIT);
    while (received < 0 && errno == EINTR);
    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return TALK_LINE;
    if (received > 0) {
        lines_add(&talk->lines, (size_t)received);
        return TALK_LINE;
    }
    /* A daemon that closes with our request unread gives us its reply first, then a reset. */
    if ((received == 0 || errno == ECONNRESET) && !lines_pending(&talk->lines))
        return TALK_END;
    connection_fail(&talk->connection, "ontapd at %s broke off in the middle of an answer",
                    talk->connection.path);
    return TALK_FAILED;
}

LinesResult talk_take(Talk *talk, Line *line)
{
    LinesResult result = lines_next(&talk->lines, line);

    if (result == LINES_BAD)
        fail_foreign(talk);
    return result;
}

TalkResult talk_next(Talk *talk, Line *line)
{
    for (;;) {
        LinesResult taken = talk_take(talk, line);
        TalkResult received;

        if (taken != LINES_MORE)
            return taken == LINES_LINE ? TALK_LINE : TALK_FAILED;
        if (!connection_wait(&talk->connection))
            return TALK_FAILED;
        received = talk_receive(talk);
        if (received != TALK_LINE)
            return received;
    }
}

static int status_of(ReplyCode code)
{
    switch (code) {
    case REPLY_MALFORMED:
        return EXIT_WRONG;
    case REPLY_INTERNAL:
        return EXIT_NO_DAEMON;
    default:
        return EXIT_NO;
    }
}

/* An error's text is not made of fields, so its line cannot be read like any other. */
static int read_error(Talk *talk, const char *text, size_t size)
{
    Reply reply;

    if (!reply_parse(&reply, text, size) || reply.code == REPLY_OK) {
        fail_foreign(talk);
        return EXIT_NO_DAEMON;
    }
    connection_fail(&talk->connection, "%s%s%s", reply_code_text(reply.code),
                    *reply.text ? ": " : "", reply.text);
    return status_of(reply.code);
}

static int read_first(Talk *talk, Line *reply)
{
    const char *text;
    size_t size;

    while (!lines_peek(&talk->lines, &text, &size)) {
        if (talk->lines.end - talk->lines.start > LINE_SIZE_MAX) {
            fail_foreign(talk);
            return EXIT_NO_DAEMON;
        }
        if (!connection_wait(&talk->connection))
            return EXIT_NO_DAEMON;
        switch (talk_receive(talk)) {
        case TALK_LINE:
            continue;
        case TALK_END:
            connection_fail(&talk->connection,
                            "ontapd at %s closed the connection without an answer (journalctl -u "
                            "ontapd may say why)",
                            talk->connection.path);
            return EXIT_NO_DAEMON;
        case TALK_FAILED:
            return EXIT_NO_DAEMON;
        }
    }
    if (size > 6 && memcmp(text, "error ", 6) == 0)
        return read_error(talk, text, size);
    if (talk_take(talk, reply) == LINES_LINE && strcmp(reply->word, "ok") == 0)
        return EXIT_YES;
    fail_foreign(talk);
    return EXIT_NO_DAEMON;
}

int talk_start(Talk *talk, const char *socket_path, Line *reply)
{
    if (talk->unwritable) {
        g_strlcpy(talk->error, "a value is too long, or has a control character in it",
                  sizeof(talk->error));
        return EXIT_WRONG;
    }
    if (!connection_open(&talk->connection, socket_path, TIMEOUT_MS, talk->error) ||
        !connection_send(&talk->connection, talk->request->str, talk->request->len))
        return EXIT_NO_DAEMON;
    return read_first(talk, reply);
}
