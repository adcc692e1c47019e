/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Requests as lines. One table says which keys each kind of request takes, for both directions.
 *
 * A key that a request does not know is an error and not ignored: it may be a restriction that the
 * client relies on. Error texts repeat what the client wrote, cut and without control characters,
 * since they end up on somebody's terminal and in the log.
 */
#include "wire/request.h"
#include "wire/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    KEY_TYPE = 1 << 0,
    KEY_NETWORK = 1 << 1,
    KEY_NAME = 1 << 2,
    KEY_QUEUES = 1 << 3,
    KEY_OWNER = 1 << 4,
    KEY_SIZE = 1 << 5,
    KEY_QUEUES_LEAST = 1 << 6,
    KEY_IFNAME = 1 << 7,
};

static const struct {
    const char *key;
    unsigned bit;
} keys[] = {
    {"type", KEY_TYPE},
    {"network", KEY_NETWORK},
    {"name", KEY_NAME},
    {"queues", KEY_QUEUES},
    {"owner", KEY_OWNER},
    {"size", KEY_SIZE},
    {"queues-least", KEY_QUEUES_LEAST},
    {"ifname", KEY_IFNAME},
};

static const struct {
    const char *word; /* NULL: none */
    RequestKind kind;
    unsigned keys;
    const char *keys_text;
} kinds[] = {
    {NULL, REQUEST_DEVICE, KEY_TYPE | KEY_NETWORK | KEY_NAME | KEY_QUEUES | KEY_QUEUES_LEAST,
     "a device request takes type, network, name, queues and queues-least"},
    {"list", REQUEST_LIST, 0, "list takes none"},
    {"watch", REQUEST_WATCH, 0, "watch takes none"},
    {"release", REQUEST_RELEASE, KEY_NETWORK | KEY_NAME | KEY_OWNER,
     "release takes name, network and owner"},
    {"revoke", REQUEST_REVOKE, KEY_NETWORK | KEY_NAME | KEY_OWNER,
     "revoke takes owner, network and name"},
    {"create", REQUEST_CREATE, KEY_IFNAME | KEY_NETWORK | KEY_QUEUES,
     "create takes ifname, network and queues"},
    {"policy", REQUEST_POLICY, KEY_SIZE, "policy takes size"},
    {"status", REQUEST_STATUS, 0, "status takes none"},
    {"ping", REQUEST_PING, 0, "ping takes none"},
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Room for what the client wrote, as an error repeats it. */
typedef struct {
    char text[72];
} Echo;

static const char *echo(Echo *echo_, const char *value)
{
    LineWriter writer;

    line_writer_init(&writer, echo_->text, sizeof(echo_->text));
    line_write_text(&writer, value);
    return echo_->text;
}

__attribute__((format(printf, 3, 4))) static bool fail(char error[static REQUEST_ERROR_SIZE],
                                                       unsigned column, const char *format, ...)
{
    int size = snprintf(error, REQUEST_ERROR_SIZE, "column %u: ", column);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error + size, REQUEST_ERROR_SIZE - (size_t)size, format, arguments);
    va_end(arguments);
    return false;
}

static bool read_name(char name[static DEVICE_NAME_MAX + 1], const LineField *field,
                      char error[static REQUEST_ERROR_SIZE])
{
    Echo value;

    if (!device_name_valid(field->value))
        return fail(error, field->column,
                    "%s= is a letter or digit, then at most %d letters, digits, dots, "
                    "underscores and hyphens, not \"%s\"",
                    field->key, DEVICE_NAME_MAX - 1, echo(&value, field->value));
    strcpy(name, field->value);
    return true;
}

static bool read_ifname(char ifname[static DEVICE_IFNAME_SIZE], const LineField *field,
                        char error[static REQUEST_ERROR_SIZE])
{
    Echo value;

    if (!device_name_valid(field->value) || strlen(field->value) >= DEVICE_IFNAME_SIZE)
        return fail(error, field->column,
                    "%s= is a letter or digit, then at most %d letters, digits, dots, "
                    "underscores and hyphens, not \"%s\"",
                    field->key, DEVICE_IFNAME_SIZE - 2, echo(&value, field->value));
    strcpy(ifname, field->value);
    return true;
}

static bool read_number(uint64_t *numberp, uint64_t minimum, uint64_t maximum,
                        const LineField *field, char error[static REQUEST_ERROR_SIZE])
{
    Echo value;

    if (line_parse_u64(field->value, numberp) && *numberp >= minimum && *numberp <= maximum)
        return true;
    return fail(error, field->column, "%s= is %llu to %llu, not \"%s\"", field->key,
                (unsigned long long)minimum, (unsigned long long)maximum,
                echo(&value, field->value));
}

static bool read_field(Request *request, unsigned key, const LineField *field,
                       char error[static REQUEST_ERROR_SIZE])
{
    uint64_t number;
    Echo value;

    switch (key) {
    case KEY_NETWORK:
        return read_name(request->network, field, error);
    case KEY_NAME:
        return read_name(request->name, field, error);
    case KEY_IFNAME:
        return read_ifname(request->ifname, field, error);
    case KEY_TYPE:
        if (device_type_parse(field->value, &request->type))
            return true;
        return fail(error, field->column, "type= is ipvtap, macvtap, ipvlan or macvlan, not \"%s\"",
                    echo(&value, field->value));
    case KEY_OWNER:
        if (!read_number(&number, 0, UINT32_MAX - 1, field, error))
            return false;
        request->has_owner = true;
        request->owner = (uint32_t)number;
        return true;
    case KEY_SIZE:
        if (!read_number(&number, 1, REQUEST_POLICY_MAX, field, error))
            return false;
        request->size = (size_t)number;
        return true;
    case KEY_QUEUES_LEAST:
        if (!read_number(&number, 1, DEVICE_QUEUES_MAX, field, error))
            return false;
        request->queues_least = (unsigned)number;
        return true;
    default:
        if (!read_number(&number, 1, DEVICE_QUEUES_MAX, field, error))
            return false;
        request->queues = (unsigned)number;
        return true;
    }
}

static bool find_kind(const Line *line, size_t *kindp)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        const char *word = kinds[i].word;

        if (word == line->word || (word && line->word && strcmp(word, line->word) == 0)) {
            *kindp = i;
            return true;
        }
    }
    return false;
}

static unsigned find_key(const char *key)
{
    for (size_t i = 0; i < N_KEYS; i++)
        if (strcmp(keys[i].key, key) == 0)
            return keys[i].bit;
    return 0;
}

bool request_parse(Request *request, const char *text, size_t size,
                   char error[static REQUEST_ERROR_SIZE])
{
    Line line;
    LineResult result;
    size_t kind;
    Echo value;

    *request = (Request){.queues = 1};
    if (size >= REQUEST_SIZE_MAX)
        return fail(error, REQUEST_SIZE_MAX, "a request has at most %d bytes, its newline included",
                    REQUEST_SIZE_MAX);
    result = line_parse(&line, text, size);
    if (result != LINE_OK)
        return fail(error, line.error_column, "%s", line_result_text(result));

    if (!find_kind(&line, &kind))
        return fail(error, (unsigned)((const char *)memchr(text, line.word[0], size) - text) + 1,
                    "unknown request \"%s\" (known are list, watch, status, release, revoke, "
                    "create, policy, ping, and key=value for a device)",
                    echo(&value, line.word));
    request->kind = kinds[kind].kind;

    for (size_t i = 0; i < line.n_fields; i++) {
        const LineField *field = &line.fields[i];
        unsigned key = find_key(field->key);

        if (!(kinds[kind].keys & key))
            return fail(error, field->column, "unknown key \"%s\" (%s)", echo(&value, field->key),
                        kinds[kind].keys_text);
        if (!read_field(request, key, field, error))
            return false;
    }

    if (request->queues_least > request->queues)
        return fail(error, (unsigned)size + 1, "queues-least=%u is more than queues=%u",
                    request->queues_least, request->queues);
    if (request->kind == REQUEST_RELEASE && !request->name[0])
        return fail(error, (unsigned)size + 1, "release needs name=");
    if (request->kind == REQUEST_CREATE && !request->ifname[0])
        return fail(error, (unsigned)size + 1, "create needs ifname=");
    if (request->kind == REQUEST_POLICY && request->size == 0)
        return fail(error, (unsigned)size + 1, "policy needs size=");
    return true;
}

size_t request_format(const Request *request, char *buffer, size_t size)
{
    const char *type = device_type_text(request->type);
    unsigned set = 0;
    LineWriter writer;
    size_t kind = 0;

    while (kind < N_KINDS && kinds[kind].kind != request->kind)
        kind++;
    if (kind == N_KINDS)
        return 0;

    set |= request->type ? KEY_TYPE : 0;
    set |= request->network[0] ? KEY_NETWORK : 0;
    set |= request->name[0] ? KEY_NAME : 0;
    set |= request->ifname[0] ? KEY_IFNAME : 0;
    set |= request->queues != 1 ? KEY_QUEUES : 0;
    set |= request->queues_least ? KEY_QUEUES_LEAST : 0;
    set |= request->has_owner ? KEY_OWNER : 0;
    set |= request->size ? KEY_SIZE : 0;
    if ((set & ~kinds[kind].keys) || ((set & KEY_TYPE) && !type) ||
        ((set & KEY_NETWORK) && !device_name_valid(request->network)) ||
        ((set & KEY_NAME) && !device_name_valid(request->name)) || request->queues < 1 ||
        request->queues > DEVICE_QUEUES_MAX || request->queues_least > request->queues ||
        request->size > REQUEST_POLICY_MAX ||
        (request->has_owner && request->owner == UINT32_MAX) ||
        (request->kind == REQUEST_RELEASE && !(set & KEY_NAME)) ||
        ((set & KEY_IFNAME) && !device_name_valid(request->ifname)) ||
        (request->kind == REQUEST_CREATE && !(set & KEY_IFNAME)) ||
        (request->kind == REQUEST_POLICY && !(set & KEY_SIZE)))
        return 0;

    line_writer_init(&writer, buffer, size);
    if (kinds[kind].word)
        line_write_word(&writer, kinds[kind].word);
    if (set & KEY_TYPE)
        line_write(&writer, "type", type);
    if (set & KEY_NETWORK)
        line_write(&writer, "network", request->network);
    if (set & KEY_NAME)
        line_write(&writer, "name", request->name);
    if (set & KEY_IFNAME)
        line_write(&writer, "ifname", request->ifname);
    if (set & KEY_QUEUES)
        line_write_u64(&writer, "queues", request->queues);
    if (set & KEY_QUEUES_LEAST)
        line_write_u64(&writer, "queues-least", request->queues_least);
    if (set & KEY_OWNER)
        line_write_u64(&writer, "owner", request->owner);
    if (set & KEY_SIZE)
        line_write_u64(&writer, "size", request->size);
    return line_writer_end(&writer) ? writer.used : 0;
}
