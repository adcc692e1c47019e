/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/dhcp4.h"

#define OP_REQUEST 1
#define OP_REPLY 2
#define HARDWARE_ETHERNET 1
#define FLAG_BROADCAST 0x8000
#define COOKIE 0x63825363
#define CHADDR_SIZE 16
#define SNAME_SIZE 64
#define FILE_SIZE 128

#define OPTION_PAD 0
#define OPTION_REQUESTED 50
#define OPTION_LEASE 51
#define OPTION_OVERLOAD 52
#define OPTION_TYPE 53
#define OPTION_SERVER 54
#define OPTION_CLIENT_ID 61
#define OPTION_END 255

#define OVERLOAD_FILE 1
#define OVERLOAD_SNAME 2

/* One option's pieces, put together. No option of interest is longer than a piece can be, so a
 * longer sum only has to be known as such. */
typedef struct {
    size_t size;
    uint8_t bytes[256];
} Option;

typedef struct {
    Option requested, lease, overload, type, server, client_id;
} Options;

static Option *option_find(Options *options, uint8_t code)
{
    switch (code) {
    case OPTION_REQUESTED:
        return &options->requested;
    case OPTION_LEASE:
        return &options->lease;
    case OPTION_OVERLOAD:
        return &options->overload;
    case OPTION_TYPE:
        return &options->type;
    case OPTION_SERVER:
        return &options->server;
    case OPTION_CLIENT_ID:
        return &options->client_id;
    default:
        return NULL;
    }
}

/* A field may end without OPTION_END, but not inside an option. */
static bool options_parse(Options *options, Cursor field)
{
    uint8_t code, size;
    Option *option;
    Cursor value;

    while (cursor_u8(&field, &code) && code != OPTION_END) {
        if (code == OPTION_PAD)
            continue;
        if (!cursor_u8(&field, &size) || !cursor_split(&field, size, &value))
            return false;
        option = option_find(options, code);
        if (!option)
            continue;
        if (size > sizeof(option->bytes) - option->size)
            return false;
        (void)cursor_copy(&value, option->bytes + option->size, size);
        option->size += size;
    }
    return true;
}

static bool option_u8(const Option *option, uint8_t *valuep)
{
    Cursor value = cursor_init(option->bytes, option->size);

    return option->size == 1 && cursor_u8(&value, valuep);
}

static bool option_address(const Option *option, IpAddress *addressp)
{
    Cursor value = cursor_init(option->bytes, option->size);

    *addressp = (IpAddress){0};
    return option->size == 0 || (option->size == 4 && address_read_v4(&value, addressp));
}

/* What the options mean. An option of a wrong size spoils the message: guests may read it either
 * way. */
static ParseResult options_apply(const Options *options, Dhcp4 *dhcp)
{
    Cursor lease = cursor_init(options->lease.bytes, options->lease.size);

    if (options->type.size == 0)
        return PARSE_OTHER;
    if (!option_u8(&options->type, &dhcp->type) ||
        !option_address(&options->requested, &dhcp->requested) ||
        !option_address(&options->server, &dhcp->server))
        return PARSE_BAD;
    dhcp->has_lease = options->lease.size > 0;
    if (dhcp->has_lease && (options->lease.size != 4 || !cursor_u32(&lease, &dhcp->lease)))
        return PARSE_BAD;
    client_id_set(&dhcp->client_id, cursor_init(options->client_id.bytes, options->client_id.size));
    return dhcp->type >= DHCP4_DISCOVER && dhcp->type <= DHCP4_INFORM ? PARSE_OK : PARSE_OTHER;
}

/* RFC 3396, 5: first the option field, then `file`, then `sname`. */
static bool options_parse_all(Options *options, Cursor field, Cursor file, Cursor sname)
{
    uint8_t overload = 0;

    if (!options_parse(options, field))
        return false;
    if (options->overload.size > 0 && (!option_u8(&options->overload, &overload) || overload == 0 ||
                                       overload > (OVERLOAD_FILE | OVERLOAD_SNAME)))
        return false;
    if (overload & OVERLOAD_FILE && !options_parse(options, file))
        return false;
    return !(overload & OVERLOAD_SNAME) || options_parse(options, sname);
}

ParseResult dhcp4_parse(Cursor message, Dhcp4 *dhcp)
{
    Options options;
    Cursor sname, file;
    uint8_t op, hardware, hardware_size;
    uint16_t flags;
    uint32_t cookie;

    *dhcp = (Dhcp4){0};
    if (!cursor_u8(&message, &op) || !cursor_u8(&message, &hardware) ||
        !cursor_u8(&message, &hardware_size) || !cursor_skip(&message, 1) ||
        !cursor_u32(&message, &dhcp->xid) || !cursor_skip(&message, 2) ||
        !cursor_u16(&message, &flags) || !address_read_v4(&message, &dhcp->ciaddr) ||
        !address_read_v4(&message, &dhcp->yiaddr) || !cursor_skip(&message, 8) ||
        !cursor_copy(&message, dhcp->chaddr, HWADDR_SIZE) ||
        !cursor_skip(&message, CHADDR_SIZE - HWADDR_SIZE) ||
        !cursor_split(&message, SNAME_SIZE, &sname) || !cursor_split(&message, FILE_SIZE, &file))
        return PARSE_BAD;
    if (op != OP_REQUEST && op != OP_REPLY)
        return PARSE_BAD;
    if (hardware != HARDWARE_ETHERNET)
        return PARSE_OTHER;
    if (hardware_size != HWADDR_SIZE)
        return PARSE_BAD;
    /* RFC 951 had 64 bytes of vendor's area here, without a cookie. */
    if (!cursor_u32(&message, &cookie) || cookie != COOKIE)
        return PARSE_OTHER;

    dhcp->from_server = op == OP_REPLY;
    dhcp->broadcast = flags & FLAG_BROADCAST;
    options.requested.size = options.lease.size = options.overload.size = 0;
    options.type.size = options.server.size = options.client_id.size = 0;
    if (!options_parse_all(&options, message, file, sname))
        return PARSE_BAD;
    return options_apply(&options, dhcp);
}
