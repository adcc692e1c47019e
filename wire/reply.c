/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Replies as lines. An `ok` is a line of fields, of which a client needs all it knows and ignores
 * the rest; an `error` is a word for programs and then text for people, which needs no quoting
 * because nothing follows it.
 *
 * The client checks what the daemon says as strictly as the daemon checks its clients: the values
 * go into environments, command lines and terminals.
 */
#include "wire/reply.h"

#include <limits.h>
#include <string.h>

static const char *const code_texts[] = {
    [REPLY_OK] = "ok",
    [REPLY_MALFORMED] = "malformed",
    [REPLY_DENIED] = "denied",
    [REPLY_BUSY] = "busy",
    [REPLY_UNKNOWN_NETWORK] = "unknown-network",
    [REPLY_UNSUPPORTED] = "unsupported",
    [REPLY_NO_PARENT] = "no-parent",
    [REPLY_LIMIT] = "limit",
    [REPLY_INTERNAL] = "internal",
};

#define N_CODES (sizeof(code_texts) / sizeof(code_texts[0]))

static const char error_prefix[] = "error ";

const char *reply_code_text(ReplyCode code)
{
    return (size_t)code < N_CODES ? code_texts[code] : NULL;
}

bool reply_code_parse(const char *text, ReplyCode *codep)
{
    for (size_t i = 0; i < N_CODES; i++) {
        if (strcmp(code_texts[i], text) == 0) {
            *codep = (ReplyCode)i;
            return true;
        }
    }
    return false;
}

/* What dev_valid_name() takes (net/core/dev.c), and of that only what needs no quotes. */
static bool ifname_valid(const char *name)
{
    size_t size = 0;

    for (; name[size]; size++)
        if (name[size] <= ' ' || name[size] >= 0x7f || strchr("/:\"\\", name[size]))
            return false;
    return size > 0 && size < DEVICE_IFNAME_SIZE && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

static bool get_number(const Line *line, const char *key, unsigned max, unsigned *valuep)
{
    const char *text = line_get(line, key);
    uint64_t value;

    if (!text || !line_parse_u64(text, &value) || value < 1 || value > max)
        return false;
    *valuep = (unsigned)value;
    return true;
}

static bool get_name(const Line *line, const char *key, char name[static DEVICE_NAME_MAX + 1])
{
    const char *text = line_get(line, key);

    if (!text || !device_name_valid(text))
        return false;
    strcpy(name, text);
    return true;
}

static bool get_taken(const Line *line, char taken[static REPLY_TAKEN_SIZE])
{
    const char *text = line_get(line, "taken");

    if (!text)
        return true;
    if (strlen(text) >= REPLY_TAKEN_SIZE || text[strspn(text, "0123456789abcdef.:,")])
        return false;
    strcpy(taken, text);
    return true;
}

static bool parse_ok(Reply *reply, const char *text, size_t size)
{
    const char *ifname;
    const char *hwaddr;
    const char *stable;
    Line line;

    if (line_parse(&line, text, size) != LINE_OK || !line.word || strcmp(line.word, "ok") != 0)
        return false;
    ifname = line_get(&line, "ifname");
    hwaddr = line_get(&line, "hwaddr");
    if (!ifname || !ifname_valid(ifname) || !hwaddr || !hwaddr_parse(hwaddr, reply->hwaddr))
        return false;
    strcpy(reply->ifname, ifname);
    stable = line_get(&line, "stable-hwaddr");
    reply->has_stable = stable != NULL;
    if (stable && !hwaddr_parse(stable, reply->stable))
        return false;
    return get_number(&line, "ifindex", INT_MAX, &reply->ifindex) &&
           get_number(&line, "mtu", INT_MAX, &reply->mtu) &&
           (!line_get(&line, "queues") ||
            get_number(&line, "queues", DEVICE_QUEUES_MAX, &reply->queues)) &&
           get_name(&line, "network", reply->network) && get_name(&line, "name", reply->name) &&
           get_taken(&line, reply->taken);
}

/* `text` is what follows `error `. */
static bool parse_error(Reply *reply, const char *text, size_t size)
{
    char word[sizeof("unknown-network")];
    char line[REPLY_SIZE_MAX];
    const char *space = memchr(text, ' ', size);
    size_t word_size = space ? (size_t)(space - text) : size;
    LineWriter writer;

    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    if (word_size >= sizeof(word))
        return false;
    memcpy(word, text, word_size);
    word[word_size] = '\0';
    if (!reply_code_parse(word, &reply->code) || reply->code == REPLY_OK)
        return false;

    if (space) {
        size -= word_size + 1;
        memcpy(line, space + 1, size);
        line[size] = '\0';
        line_writer_init(&writer, reply->text, sizeof(reply->text));
        line_write_text(&writer, line);
    }
    return true;
}

bool reply_parse(Reply *reply, const char *line, size_t size)
{
    const size_t prefix_size = sizeof(error_prefix) - 1;

    *reply = (Reply){0};
    if (size >= REPLY_SIZE_MAX)
        return false;
    if (size >= prefix_size && memcmp(line, error_prefix, prefix_size) == 0)
        return parse_error(reply, line + prefix_size, size - prefix_size);
    return parse_ok(reply, line, size);
}

size_t reply_format(const Reply *reply, char *buffer, size_t size)
{
    const char *code = reply_code_text(reply->code);
    char hwaddr[HWADDR_TEXT_SIZE];
    LineWriter writer;

    if (size > REPLY_SIZE_MAX + 1)
        size = REPLY_SIZE_MAX + 1; /* the NUL is not sent */
    line_writer_init(&writer, buffer, size);

    if (reply->code != REPLY_OK) {
        line_write_word(&writer, "error");
        line_write_word(&writer, code ? code : reply_code_text(REPLY_INTERNAL));
        line_write_text(&writer, reply->text);
        return line_writer_end(&writer) ? writer.used : 0;
    }

    if (!ifname_valid(reply->ifname) || !device_name_valid(reply->network) ||
        !device_name_valid(reply->name) || reply->ifindex < 1 || reply->ifindex > INT_MAX ||
        reply->mtu < 1 || reply->mtu > INT_MAX || reply->queues > DEVICE_QUEUES_MAX)
        return 0;
    hwaddr_format(reply->hwaddr, hwaddr);
    line_write_word(&writer, code);
    line_write(&writer, "ifname", reply->ifname);
    line_write_u64(&writer, "ifindex", reply->ifindex);
    line_write(&writer, "hwaddr", hwaddr);
    line_write_u64(&writer, "mtu", reply->mtu);
    if (reply->queues > 0)
        line_write_u64(&writer, "queues", reply->queues);
    line_write(&writer, "network", reply->network);
    line_write(&writer, "name", reply->name);
    if (*reply->taken)
        line_write(&writer, "taken", reply->taken);
    if (reply->has_stable) {
        hwaddr_format(reply->stable, hwaddr);
        line_write(&writer, "stable-hwaddr", hwaddr);
    }
    return line_writer_end(&writer) ? writer.used : 0;
}
